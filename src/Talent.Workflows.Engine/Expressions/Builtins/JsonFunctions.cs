using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class JsonFunctions
{
    public static readonly StaticObject Json = new("JSON", new NativeTable(
    [
        new("parse", 2, static (x, _, a) =>
        {
            var value = new JsonReader(x, Coerce.ToText(x, a.At(0))).Read();
            return a.At(1).Object is ScriptFunction reviver ? Revive(x, reviver, default, Value.Empty, value) : value;
        }),
        new("stringify", 3, static (x, _, a) => new JsonWriter(x, a.At(1), a.At(2)).Write(a.At(0))),
    ]));

    private static Value Revive(Evaluation x, ScriptFunction reviver, Value holder, Value key, Value value)
    {
        x.EnterCall(4);
        if (value.Object is { } obj)
        {
            foreach (var name in obj.Keys(x))
            {
                var revived = Revive(x, reviver, value, Value.Of(name), obj.Get(x, name));
                if (revived.IsUndefined)
                {
                    obj.Delete(x, name);
                }
                else
                {
                    obj.Set(x, name, revived);
                }
            }
        }
        var result = x.Call(reviver, holder, [key, value]);
        x.LeaveCall(4);
        return result;
    }
}
