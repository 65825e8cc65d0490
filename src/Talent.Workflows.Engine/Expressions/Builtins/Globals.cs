using System.Collections.Frozen;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

/// <summary>The names every script knows.</summary>
internal static class Globals
{
    private static readonly FrozenDictionary<string, Value> Values = new Dictionary<string, Value>(StringComparer.Ordinal)
    {
        ["NaN"] = Value.NaN,
        ["Infinity"] = Value.Of(double.PositiveInfinity),
        ["Object"] = Value.Of(ObjectFunctions.Constructor),
        ["Array"] = Value.Of(ArrayFunctions.Constructor),
        ["String"] = Value.Of(StringFunctions.Constructor),
        ["Number"] = Value.Of(NumberFunctions.Constructor),
        ["Boolean"] = Value.Of(BooleanFunctions.Constructor),
        ["Date"] = Value.Of(DateConstructor.Constructor),
        ["RegExp"] = Value.Of(RegExpFunctions.Constructor),
        ["Map"] = Value.Of(CollectionFunctions.Map),
        ["Set"] = Value.Of(CollectionFunctions.Set),
        ["Error"] = Value.Of(ErrorFunctions.Of("Error")),
        ["TypeError"] = Value.Of(ErrorFunctions.Of("TypeError")),
        ["RangeError"] = Value.Of(ErrorFunctions.Of("RangeError")),
        ["SyntaxError"] = Value.Of(ErrorFunctions.Of("SyntaxError")),
        ["ReferenceError"] = Value.Of(ErrorFunctions.Of("ReferenceError")),
        ["Math"] = Value.Of(MathFunctions.Math),
        ["JSON"] = Value.Of(JsonFunctions.Json),
        ["parseInt"] = Value.Of(NumberFunctions.ParseInt),
        ["parseFloat"] = Value.Of(NumberFunctions.ParseFloat),
        ["isNaN"] = Value.Of(new NativeFunction("isNaN", 1, static (x, _, a) => Value.Of(double.IsNaN(Coerce.ToNumber(x, a.At(0)))))),
        ["isFinite"] = Value.Of(new NativeFunction("isFinite", 1, static (x, _, a) => Value.Of(double.IsFinite(Coerce.ToNumber(x, a.At(0)))))),
        ["encodeURIComponent"] = Value.Of(UriFunctions.Encode),
        ["decodeURIComponent"] = Value.Of(UriFunctions.Decode),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool TryFind(string name, out Value value) => Values.TryGetValue(name, out value);
}
