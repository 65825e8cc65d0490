using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class ErrorFunctions
{
    public static readonly NativeTable Methods = new(
    [
        new("toString", 0, static (x, self, _) => Value.Of(self.Object is ScriptError error ? error.Describe(x) : Coerce.Describe(self))),
    ]);

    public static Constructor Of(string name)
    {
        Value Create(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
        {
            x.Allocate(96);
            var error = new ScriptError(name, arguments.At(0).IsUndefined ? Value.Empty : Value.Of(Coerce.ToText(x, arguments[0])));
            if (arguments.At(1).Object is { } options && options.TryGetOwn(x, "cause", out var cause))
            {
                error.Set(x, "cause", cause);
            }
            return Value.Of(error);
        }
        return new Constructor(name, 1, Create, Create, candidate => candidate is ScriptError error && (name == "Error" || error.Kind == name), new NativeTable([]));
    }
}
