using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class ObjectFunctions
{
    public static readonly NativeTable Methods = new(
    [
        new("hasOwnProperty", 1, static (x, self, a) => Value.Of(HasOwn(x, self, a.At(0)))),
        new("toString", 0, static (_, self, _) => Value.Of($"[object {ClassOf(self)}]")),
        new("toLocaleString", 0, static (x, self, _) => Value.Of(Coerce.ToText(x, self))),
        new("valueOf", 0, static (_, self, _) => self),
    ]);

    public static readonly Constructor Constructor = new("Object", 1, ToObject, ToObject, static _ => true, new NativeTable(
    [
        new("keys", 1, static (x, _, a) => List(x, a.At(0), static (x, _, key) => Value.Of(key))),
        new("values", 1, static (x, _, a) => List(x, a.At(0), static (x, o, key) => Members.Get(x, o, key))),
        new("entries", 1, static (x, _, a) => List(x, a.At(0), static (x, o, key) => Value.Of(new ScriptArray(x, [Value.Of(key), Members.Get(x, o, key)])))),
        new("assign", 2, Assign),
        new("fromEntries", 1, FromEntries),
        new("hasOwn", 2, static (x, _, a) => Value.Of(HasOwn(x, a.At(0), a.At(1)))),
        new("is", 2, static (x, _, a) => Value.Of(Comparison.SameValue(a.At(0), a.At(1)))),
        new("freeze", 1, static (x, _, a) =>
        {
            if (a.At(0).Object is { } obj and not (NativeFunction or StaticObject))
            {
                obj.Frozen = true;
            }
            return a.At(0);
        }),
        new("isFrozen", 1, static (_, _, a) => Value.Of(a.At(0).Object is not { Frozen: false })),
        new("getOwnPropertyNames", 1, static (x, _, a) => List(x, a.At(0), static (x, _, key) => Value.Of(key))),
    ]));

    public static List<string> KeysOf(Evaluation x, Value value)
    {
        if (value.IsString)
        {
            x.Allocate(value.TextLength * 40L);
            x.Step(value.TextLength);
            return [.. Enumerable.Range(0, value.TextLength).Select(static i => NumberText.Format(i))];
        }
        if (value.IsNullish)
        {
            throw x.TypeError($"Cannot take the keys of {Coerce.Describe(value)}; check the value first or write value ?? {{}}");
        }
        return value.Object?.Keys(x) ?? [];
    }

    private static Value ToObject(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var value = arguments.At(0);
        if (value.IsNullish)
        {
            x.Allocate(72);
            return Value.Of(new ScriptObject());
        }
        return value.IsObject ? value : throw x.TypeError("Objects of texts, numbers and booleans aren't supported; use the value itself");
    }

    private static string ClassOf(Value value) => value.Kind switch
    {
        ValueKind.Undefined => "Undefined",
        ValueKind.Null => "Null",
        ValueKind.Object => value.Object is HostObject ? "Object" : value.Object!.ClassName,
        var kind => kind.ToString(),
    };

    private static Value List(Evaluation x, Value value, Func<Evaluation, Value, string, Value> select)
    {
        var keys = KeysOf(x, value);
        var result = new ScriptArray(x, keys.Count);
        foreach (var key in keys)
        {
            x.Step();
            result.Add(x, select(x, value, key));
        }
        return Value.Of(result);
    }

    private static bool HasOwn(Evaluation x, Value value, Value key)
    {
        var name = Coerce.ToKey(x, key);
        if (value.IsString)
        {
            return name == "length" || (ScriptObject.IsIndex(name, out var index) && index < value.TextLength);
        }
        return value.Object?.TryGetOwn(x, name, out _) ?? (value.IsNullish ? throw x.TypeError($"Cannot look into {Coerce.Describe(value)}; check it first") : false);
    }

    private static Value Assign(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        if (arguments.At(0).Object is not { } target)
        {
            throw x.TypeError("Object.assign needs an object to assign to");
        }
        for (var i = 1; i < arguments.Length; i++)
        {
            Iteration.CopyProperties(x, arguments[i], target, null);
        }
        return arguments[0];
    }

    private static Value FromEntries(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        x.Allocate(72);
        var result = new ScriptObject();
        foreach (var entry in Iteration.Of(x, arguments.At(0)))
        {
            if (!entry.IsObject)
            {
                throw x.TypeError("Object.fromEntries needs [name, value] pairs");
            }
            result.Set(x, Coerce.ToKey(x, Members.Get(x, entry, Value.Of(0))), Members.Get(x, entry, Value.Of(1)));
        }
        return Value.Of(result);
    }
}
