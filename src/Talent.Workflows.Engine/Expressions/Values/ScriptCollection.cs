namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>A Map or a Set: entries in the order they were added, found by SameValueZero.</summary>
internal sealed class ScriptCollection(bool isMap) : ScriptObject
{
    private readonly Dictionary<Value, int> _index = new(SameValueZero.Instance);
    private readonly List<(Value Key, Value Value, bool Live)> _entries = [];

    public bool IsMap => isMap;

    public override string ClassName => isMap ? "Map" : "Set";

    protected override NativeTable Methods => isMap ? Builtins.CollectionFunctions.MapMethods : Builtins.CollectionFunctions.SetMethods;

    public int Size => _index.Count;

    /// <summary>Places of entries, the removed ones included, so that iteration survives changes.</summary>
    public int Places => _entries.Count;

    public (Value Key, Value Value, bool Live) At(int place) => _entries[place];

    public bool Has(Value key) => _index.ContainsKey(key);

    public Value Lookup(Value key) => _index.TryGetValue(key, out var at) ? _entries[at].Value : default;

    public void Put(Evaluation x, Value key, Value value)
    {
        if (key.IsString)
        {
            x.Step(key.TextLength / 16);
        }
        if (_index.TryGetValue(key, out var at))
        {
            _entries[at] = (_entries[at].Key, value, true);
            return;
        }
        x.Allocate(112);
        _index[key] = _entries.Count;
        _entries.Add((key.IsNumber && key.Number == 0 ? Value.Of(0) : key, value, true));
    }

    public bool Remove(Value key)
    {
        if (!_index.Remove(key, out var at))
        {
            return false;
        }
        _entries[at] = default;
        return true;
    }

    public void Clear()
    {
        _index.Clear();
        for (var i = 0; i < _entries.Count; i++)
        {
            _entries[i] = default;
        }
    }

    public override bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        if (key == "size")
        {
            value = Value.Of(Size);
            return true;
        }
        return base.TryGetOwn(x, key, out value);
    }

    private sealed class SameValueZero : IEqualityComparer<Value>
    {
        public static readonly SameValueZero Instance = new();

        public bool Equals(Value a, Value b) => Comparison.SameValueZero(a, b);

        public int GetHashCode(Value value) => value.Kind switch
        {
            ValueKind.Number => value.Number == 0 ? 0 : value.Number.GetHashCode(),
            ValueKind.String => value.Text.GetHashCode(StringComparison.Ordinal),
            ValueKind.Boolean => value.Truth ? 1 : 2,
            ValueKind.Object => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value.Reference),
            _ => (int)value.Kind,
        };
    }
}
