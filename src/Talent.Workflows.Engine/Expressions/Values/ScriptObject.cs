using System.Text.Json;

namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>An object: its own properties in the order of ECMAScript, and the fixed methods of its kind. There are no prototypes.</summary>
internal class ScriptObject
{
    private const int IndexedFrom = 9;

    private string[] _keys = [];
    private Value[] _values = [];
    private Dictionary<string, int>? _index;
    private int _count;
    private bool _hasIntegerKeys;
    private JsonSource? _source;

    public ScriptObject()
    {
    }

    /// <summary>An object that reads its properties from JSON when first touched.</summary>
    public ScriptObject(JsonElement source, HostProperty? origin)
    {
        _source = new JsonSource(source);
        Origin = origin;
    }

    /// <summary>The host property this object came from: a change of the object is written back there.</summary>
    public HostProperty? Origin { get; set; }

    public bool Frozen { get; set; }

    /// <summary>The JSON this object still is, as long as the script hasn't looked into it.</summary>
    public JsonElement? UntouchedSource => _source?.Element;

    public virtual string ClassName => "Object";

    protected virtual NativeTable Methods => Builtins.ObjectFunctions.Methods;

    public virtual Value Get(Evaluation x, string key)
    {
        if (TryGetOwn(x, key, out var value))
        {
            return value;
        }
        return Methods.Find(key) ?? Builtins.ObjectFunctions.Methods.Find(key) ?? Value.Undefined;
    }

    public virtual bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        Load(x);
        var at = Find(key);
        value = at < 0 ? default : _values[at];
        return at >= 0;
    }

    public virtual void Set(Evaluation x, string key, Value value)
    {
        Load(x);
        Changing(x, key);
        var at = Find(key);
        if (at >= 0)
        {
            _values[at] = value;
            return;
        }
        Append(x, key, value);
    }

    public virtual bool Delete(Evaluation x, string key)
    {
        Load(x);
        var at = Find(key);
        if (at < 0)
        {
            return true;
        }
        Changing(x, key);
        x.Step((_count - at) / 8);
        _count--;
        Array.Copy(_keys, at + 1, _keys, at, _count - at);
        Array.Copy(_values, at + 1, _values, at, _count - at);
        _keys[_count] = null!;
        _values[_count] = default;
        if (_index is not null)
        {
            x.Step(_count / 2);
            Reindex();
        }
        return true;
    }

    /// <summary>Enumerable own keys: integer keys ascending, then the others in the order they were added.</summary>
    public virtual List<string> Keys(Evaluation x)
    {
        Load(x);
        x.Step(_count / 4);
        x.Allocate(32 + (_count * 8L));
        if (!_hasIntegerKeys)
        {
            return [.. _keys.AsSpan(0, _count)];
        }
        var integers = new List<(uint Number, string Key)>();
        var others = new List<string>();
        for (var i = 0; i < _count; i++)
        {
            if (IsIndex(_keys[i], out var number))
            {
                integers.Add((number, _keys[i]));
            }
            else
            {
                others.Add(_keys[i]);
            }
        }
        integers.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        return [.. integers.Select(static i => i.Key), .. others];
    }

    /// <summary>Refuses a change of a frozen object and remembers that the host property has to be written back.</summary>
    public void Changing(Evaluation x, string key)
    {
        if (Frozen)
        {
            throw x.TypeError($"'{key}' can't be changed because the object is frozen; copy it first with {{ ...object }}");
        }
        Origin?.MarkChanged(x);
    }

    public static bool IsIndex(string key, out uint number)
    {
        number = 0;
        if (key.Length is 0 or > 10 || !char.IsAsciiDigit(key[0]) || (key[0] == '0' && key.Length > 1))
        {
            return false;
        }
        return uint.TryParse(key, System.Globalization.NumberStyles.None, null, out number) && number != uint.MaxValue;
    }

    protected JsonElement? TakeSource()
    {
        var source = _source;
        _source = null;
        return source?.Element;
    }

    /// <summary>Adds a property that is known to be new, without the checks of a change by the script.</summary>
    protected void Append(Evaluation x, string key, Value value)
    {
        if (_count == _keys.Length)
        {
            var size = _count == 0 ? 4 : _count * 2;
            x.Allocate(size * 24L);
            Array.Resize(ref _keys, size);
            Array.Resize(ref _values, size);
        }
        x.Allocate(8);
        _keys[_count] = key;
        _values[_count] = value;
        _count++;
        _hasIntegerKeys = _hasIntegerKeys || IsIndex(key, out _);
        if (_index is not null)
        {
            _index[key] = _count - 1;
        }
        else if (_count >= IndexedFrom)
        {
            x.Allocate(_count * 32L);
            Reindex();
        }
    }

    private void Load(Evaluation x)
    {
        if (_source is null)
        {
            return;
        }
        foreach (var property in TakeSource()!.Value.EnumerateObject())
        {
            x.Step();
            var value = JsonBorder.FromJson(x, property.Value, Origin);
            var key = JsonBorder.NameOf(x, property);
            var at = Find(key);
            if (at >= 0)
            {
                _values[at] = value;
            }
            else
            {
                Append(x, key, value);
            }
        }
    }

    private int Find(string key)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(key, out var at) ? at : -1;
        }
        for (var i = 0; i < _count; i++)
        {
            if (string.Equals(_keys[i], key))
            {
                return i;
            }
        }
        return -1;
    }

    private void Reindex()
    {
        _index = new Dictionary<string, int>(_count, StringComparer.Ordinal);
        for (var i = 0; i < _count; i++)
        {
            _index[_keys[i]] = i;
        }
    }

    /// <summary>Boxed, because most objects aren't from JSON and an element is three words.</summary>
    private sealed class JsonSource(JsonElement element)
    {
        public JsonElement Element { get; } = element;
    }
}
