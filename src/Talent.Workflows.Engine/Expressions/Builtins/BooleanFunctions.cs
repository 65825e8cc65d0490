using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class BooleanFunctions
{
    public static readonly NativeTable Methods = new(
    [
        new("toString", 0, static (x, self, _) => Value.Of(Coerce.ToText(x, self))),
        new("valueOf", 0, static (_, self, _) => self),
    ]);

    public static readonly Constructor Constructor = new("Boolean", 1, static (_, _, a) => Value.Of(Coerce.ToBoolean(a.At(0))), null, static _ => false, new NativeTable([]));
}
