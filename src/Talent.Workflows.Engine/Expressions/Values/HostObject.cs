using System.Text.Json;

namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>A function of the host.</summary>
internal sealed class HostFunction(string name, Func<ScriptArguments, JsonElement> call) : ScriptFunction
{
    public override string Name => name;

    public override int Arity => 0;

    public override Value Call(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        x.Step(10);
        x.WriteBack();
        var elements = new JsonElement[arguments.Length];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = JsonBorder.ToJson(x, arguments[i]);
        }
        return JsonBorder.FromJson(x, call(new ScriptArguments(elements)), null);
    }
}

/// <summary>An object whose properties live in the host.</summary>
internal sealed class HostObject(string name, ScriptGlobal.Object properties) : ScriptObject
{
    private Dictionary<string, Value>? _objects;

    public override string ClassName => name;

    public override bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        if (_objects is not null && _objects.TryGetValue(key, out value))
        {
            return true;
        }
        x.Step(4);
        var element = properties.Read(key);
        if (element.ValueKind == JsonValueKind.Undefined)
        {
            value = default;
            return false;
        }
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            value = JsonBorder.FromJson(x, element, null);
            return true;
        }
        // Kept, so that two reads give the same object and a change in place is seen by the next read.
        var property = new HostProperty(this, key);
        value = JsonBorder.FromJson(x, element, property);
        property.Value = value;
        x.Allocate(80);
        (_objects ??= new Dictionary<string, Value>(StringComparer.Ordinal))[key] = value;
        return true;
    }

    public override void Set(Evaluation x, string key, Value value)
    {
        x.Step(10);
        if (_objects is not null && _objects.Remove(key, out var old))
        {
            old.Object!.Origin?.Detach();
        }
        Write(x, key, value);
    }

    public override bool Delete(Evaluation x, string key) =>
        throw x.TypeError($"{name}.{key} can't be deleted; assign null or undefined instead");

    public override List<string> Keys(Evaluation x)
    {
        var keys = new List<string>();
        foreach (var key in properties.Names())
        {
            x.Step();
            x.Allocate(8);
            keys.Add(key);
        }
        return keys;
    }

    public void Write(Evaluation x, string key, Value value)
    {
        if (properties.Write is null)
        {
            throw x.TypeError($"{name}.{key} can't be changed: {name} is read-only here");
        }
        properties.Write(key, JsonBorder.ToJson(x, value));
    }
}

/// <summary>Where an object that the script got from a host object has to be written back when it is changed in place.</summary>
internal sealed class HostProperty(HostObject owner, string key)
{
    private bool _changed;
    private bool _detached;

    public Value Value { get; set; }

    public void MarkChanged(Evaluation x)
    {
        if (!_changed && !_detached)
        {
            _changed = true;
            x.NoteChanged(this);
        }
    }

    /// <summary>The property got another value: later changes of the old object concern nobody.</summary>
    public void Detach() => _detached = true;

    public void WriteBack(Evaluation x)
    {
        _changed = false;
        if (!_detached)
        {
            owner.Write(x, key, Value);
        }
    }
}
