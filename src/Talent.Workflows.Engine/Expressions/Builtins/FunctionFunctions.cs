using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class FunctionFunctions
{
    public static readonly NativeTable Methods = new(
    [
        new("call", 1, static (x, self, a) => x.Call(x.Function(self, "call"), a.At(0), a.Length > 0 ? a[1..] : [])),
        new("apply", 2, static (x, self, a) =>
        {
            var function = x.Function(self, "apply");
            return a.At(1).Object is ScriptArray list ? x.Call(function, a.At(0), list.Items(x).ToArray()) : x.Call(function, a.At(0), []);
        }),
        new("bind", 1, static (x, self, a) =>
        {
            var function = x.Function(self, "bind");
            x.Allocate(96 + (a.Length * 16));
            Value[] bound = [.. a];
            return Value.Of(new NativeFunction("bound " + function.Name, Math.Max(0, function.Arity - Math.Max(0, bound.Length - 1)), (x, _, more) =>
            {
                x.EnterCall(2);
                var result = x.Call(function, bound.Length > 0 ? bound[0] : default, bound.Length > 1 ? [.. bound.AsSpan(1), .. more] : more);
                x.LeaveCall(2);
                return result;
            }));
        }),
        new("toString", 0, static (x, self, _) => Value.Of($"function {x.Function(self, "toString").Name}() {{ … }}")),
    ]);
}
