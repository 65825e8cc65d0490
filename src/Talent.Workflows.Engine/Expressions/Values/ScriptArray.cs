using System.Globalization;
using System.Text.Json;

namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>A dense array: places never written hold undefined, there are no holes.</summary>
internal sealed class ScriptArray : ScriptObject
{
    private const int MaxLength = 50_000_000;

    private Value[] _items = [];
    private int _count;
    private bool _loaded = true;

    public ScriptArray()
    {
    }

    public ScriptArray(Evaluation x, int capacity)
    {
        x.Allocate(56 + (capacity * 16L));
        _items = capacity == 0 ? [] : new Value[capacity];
    }

    public ScriptArray(Evaluation x, ReadOnlySpan<Value> items)
        : this(x, items.Length)
    {
        items.CopyTo(_items);
        _count = items.Length;
    }

    public ScriptArray(JsonElement source, HostProperty? origin)
        : base(source, origin) => _loaded = false;

    public override string ClassName => "Array";

    protected override NativeTable Methods => Builtins.ArrayFunctions.Methods;

    public int Count(Evaluation x)
    {
        Load(x);
        return _count;
    }

    /// <summary>The items as they are now. Don't keep across a call into the script.</summary>
    public ReadOnlySpan<Value> Items(Evaluation x)
    {
        Load(x);
        return _items.AsSpan(0, _count);
    }

    public Value At(Evaluation x, int index)
    {
        Load(x);
        return (uint)index < (uint)_count ? _items[index] : default;
    }

    public void Add(Evaluation x, Value value)
    {
        Load(x);
        if (_count == _items.Length)
        {
            Grow(x, _count + 1L);
        }
        _items[_count++] = value;
    }

    public void SetAt(Evaluation x, int index, Value value)
    {
        Load(x);
        if (index >= _count)
        {
            Resize(x, index + 1L);
        }
        _items[index] = value;
    }

    public void Resize(Evaluation x, double length)
    {
        Load(x);
        if (length < 0 || length > uint.MaxValue || length != Math.Floor(length))
        {
            throw x.RangeError("Invalid array length; use a whole number from 0");
        }
        if (length > _items.Length)
        {
            Grow(x, (long)length);
        }
        if (length < _count)
        {
            _items.AsSpan((int)length, _count - (int)length).Clear();
        }
        _count = (int)length;
    }

    /// <summary>Replaces <paramref name="removed"/> items from <paramref name="start"/> by <paramref name="added"/>.</summary>
    public void Splice(Evaluation x, int start, int removed, ReadOnlySpan<Value> added)
    {
        Load(x);
        var tail = _count - start - removed;
        var count = start + added.Length + tail;
        x.Step((tail + added.Length) / 8);
        if (count > _items.Length)
        {
            Grow(x, count);
        }
        Array.Copy(_items, start + removed, _items, start + added.Length, tail);
        added.CopyTo(_items.AsSpan(start));
        if (count < _count)
        {
            _items.AsSpan(count, _count - count).Clear();
        }
        _count = count;
    }

    public override bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        Load(x);
        if (key == "length")
        {
            value = Value.Of(_count);
            return true;
        }
        if (IsIndex(key, out var index))
        {
            value = index < (uint)_count ? _items[index] : default;
            return index < (uint)_count;
        }
        return base.TryGetOwn(x, key, out value);
    }

    public override void Set(Evaluation x, string key, Value value)
    {
        Load(x);
        if (key == "length")
        {
            Changing(x, key);
            Resize(x, Coerce.ToNumber(x, value));
        }
        else if (IsIndex(key, out var index))
        {
            Changing(x, key);
            x.Allocate(index >= (uint)_count ? (index - (long)_count) * 16 : 0);
            SetAt(x, (int)index, value);
        }
        else
        {
            base.Set(x, key, value);
        }
    }

    public override bool Delete(Evaluation x, string key)
    {
        Load(x);
        if (!IsIndex(key, out var index))
        {
            return key != "length" && base.Delete(x, key);
        }
        Changing(x, key);
        if (index < (uint)_count)
        {
            _items[index] = default;
        }
        return true;
    }

    public override List<string> Keys(Evaluation x)
    {
        Load(x);
        x.Step(_count);
        x.Allocate(_count * 40L);
        var keys = new List<string>(_count);
        for (var i = 0; i < _count; i++)
        {
            keys.Add(i.ToString(CultureInfo.InvariantCulture));
        }
        keys.AddRange(base.Keys(x));
        return keys;
    }

    private void Grow(Evaluation x, long needed)
    {
        var size = Math.Max(needed, Math.Max(4, _items.Length * 2L));
        if (size * 16 > x.Budget.MaxAllocatedBytes)
        {
            size = needed;
        }
        x.Allocate((size - _items.Length) * 16);
        if (size > MaxLength)
        {
            throw x.OutOfMemory();
        }
        Array.Resize(ref _items, (int)size);
    }

    private void Load(Evaluation x)
    {
        if (_loaded)
        {
            return;
        }
        _loaded = true;
        var source = TakeSource()!.Value;
        var length = source.GetArrayLength();
        x.Allocate(length * 16L);
        _items = new Value[length];
        foreach (var item in source.EnumerateArray())
        {
            x.Step();
            _items[_count++] = JsonBorder.FromJson(x, item, Origin);
        }
    }
}
