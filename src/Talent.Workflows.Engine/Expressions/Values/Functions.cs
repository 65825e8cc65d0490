using System.Collections.Frozen;

namespace Talent.Workflows.Engine.Expressions.Values;

internal delegate Value NativeBody(Evaluation x, Value self, ReadOnlySpan<Value> arguments);

internal abstract class ScriptFunction : ScriptObject
{
    public abstract string Name { get; }

    public abstract int Arity { get; }

    public override string ClassName => "Function";

    protected override NativeTable Methods => Builtins.FunctionFunctions.Methods;

    public abstract Value Call(Evaluation x, Value self, ReadOnlySpan<Value> arguments);

    public virtual Value Construct(Evaluation x, ReadOnlySpan<Value> arguments) =>
        throw x.TypeError($"{(Name.Length == 0 ? "This function" : Name)} is not a constructor; return an object from a function instead of using new");

    public override bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        if (key == "name")
        {
            value = Value.Of(Name);
            return true;
        }
        if (key == "length")
        {
            value = Value.Of(Arity);
            return true;
        }
        return base.TryGetOwn(x, key, out value);
    }
}

/// <summary>A built-in function. One instance serves every evaluation, so it can't be changed.</summary>
internal class NativeFunction(string name, int arity, NativeBody body) : ScriptFunction
{
    public override string Name => name;

    public override int Arity => arity;

    public override Value Call(Evaluation x, Value self, ReadOnlySpan<Value> arguments) => body(x, self, arguments);

    public override void Set(Evaluation x, string key, Value value) => throw x.TypeError($"Built-in {Name} can't be changed");

    public override bool Delete(Evaluation x, string key) => throw x.TypeError($"Built-in {Name} can't be changed");
}

/// <summary>A built-in that <c>new</c> and <c>instanceof</c> know, with its static members.</summary>
internal sealed class Constructor(
    string name,
    int arity,
    NativeBody call,
    NativeBody? construct,
    Func<ScriptObject, bool> isInstance,
    NativeTable statics) : NativeFunction(name, arity, call)
{
    public bool IsInstance(Value value) => value.Object is { } candidate && isInstance(candidate);

    public override Value Construct(Evaluation x, ReadOnlySpan<Value> arguments) =>
        construct is null ? base.Construct(x, arguments) : construct(x, Value.Undefined, arguments);

    public override bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        if (statics.Find(key) is { } found)
        {
            value = found;
            return true;
        }
        return base.TryGetOwn(x, key, out value);
    }
}

/// <summary>A built-in object such as Math. One instance serves every evaluation.</summary>
internal sealed class StaticObject(string name, NativeTable members) : ScriptObject
{
    public override string ClassName => name;

    public override bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        var found = members.Find(key);
        value = found ?? default;
        return found is not null;
    }

    public override void Set(Evaluation x, string key, Value value) => throw x.TypeError($"Built-in {name} can't be changed");

    public override bool Delete(Evaluation x, string key) => throw x.TypeError($"Built-in {name} can't be changed");
}

/// <summary>Fixed members by name: the methods of a kind of value, or the statics of a built-in.</summary>
internal sealed class NativeTable
{
    private readonly FrozenDictionary<string, Value> _members;

    public NativeTable(IEnumerable<NativeFunction> functions, params ReadOnlySpan<(string Name, double Value)> constants)
    {
        var members = functions.ToDictionary(static f => f.Name, static f => Value.Of(f), StringComparer.Ordinal);
        foreach (var (name, value) in constants)
        {
            members[name] = Value.Of(value);
        }
        _members = members.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public Value? Find(string name) => _members.TryGetValue(name, out var value) ? value : null;
}

internal static class NativeArguments
{
    public static Value At(this ReadOnlySpan<Value> arguments, int index) => index < arguments.Length ? arguments[index] : default;
}
