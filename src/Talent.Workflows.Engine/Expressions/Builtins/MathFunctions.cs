using Talent.Workflows.Engine.Expressions.Values;
using NetMath = System.Math;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class MathFunctions
{
    public static readonly StaticObject Math = new("Math", new NativeTable(
        [
            One("abs", NetMath.Abs), One("ceil", NetMath.Ceiling), One("floor", NetMath.Floor), One("trunc", NetMath.Truncate),
            One("round", static n => NetMath.Abs(n) >= 4503599627370496 || !double.IsFinite(n) ? n : n is < 0 and >= -0.5 ? -0.0 : n == 0 ? n : NetMath.Floor(n) + (n - NetMath.Floor(n) >= 0.5 ? 1 : 0)),
            One("sign", static n => double.IsNaN(n) || n == 0 ? n : n > 0 ? 1 : -1),
            One("sqrt", NetMath.Sqrt), One("cbrt", static n => NetMath.Round(NetMath.Cbrt(n)) is var r && r * r * r == n ? r : NetMath.Cbrt(n)), One("exp", NetMath.Exp), One("expm1", static n => NetMath.Abs(n) < 1e-5 ? n + (n * n / 2) : NetMath.Exp(n) - 1),
            One("log", NetMath.Log), One("log2", NetMath.Log2), One("log10", NetMath.Log10), One("log1p", static n => NetMath.Abs(n) < 1e-5 ? n - (n * n / 2) : NetMath.Log(1 + n)),
            One("sin", NetMath.Sin), One("cos", NetMath.Cos), One("tan", NetMath.Tan), One("asin", NetMath.Asin), One("acos", NetMath.Acos), One("atan", NetMath.Atan),
            One("sinh", NetMath.Sinh), One("cosh", NetMath.Cosh), One("tanh", NetMath.Tanh), One("asinh", NetMath.Asinh), One("acosh", NetMath.Acosh), One("atanh", NetMath.Atanh),
            One("fround", static n => (float)n),
            One("clz32", static n => System.Numerics.BitOperations.LeadingZeroCount((uint)Coerce.ToInt32(n))),
            new("atan2", 2, static (x, _, a) => Value.Of(NetMath.Atan2(Coerce.ToNumber(x, a.At(0)), Coerce.ToNumber(x, a.At(1))))),
            new("pow", 2, static (x, _, a) => Value.Of(Nodes.BinaryOperation.Power(Coerce.ToNumber(x, a.At(0)), Coerce.ToNumber(x, a.At(1))))),
            new("imul", 2, static (x, _, a) => Value.Of(unchecked(Coerce.ToInt32(x, a.At(0)) * Coerce.ToInt32(x, a.At(1))))),
            new("max", 2, static (x, _, a) => Fold(x, a, double.NegativeInfinity, NetMath.Max)),
            new("min", 2, static (x, _, a) => Fold(x, a, double.PositiveInfinity, NetMath.Min)),
            new("hypot", 2, Hypot),
            new("random", 0, static (x, _, _) => x.Scope.Random is { } random
                ? Value.Of((random() >> 11) * (1.0 / 9007199254740992))
                : throw x.TypeError("Math.random() isn't available here")),
        ],
        ("PI", NetMath.PI), ("E", NetMath.E), ("LN2", 0.6931471805599453), ("LN10", 2.302585092994046), ("LOG2E", 1.4426950408889634),
        ("LOG10E", 0.4342944819032518), ("SQRT2", 1.4142135623730951), ("SQRT1_2", 0.7071067811865476)));

    private static NativeFunction One(string name, Func<double, double> body) => new(name, 1, (x, _, a) => Value.Of(body(Coerce.ToNumber(x, a.At(0)))));

    /// <summary>Scaled by the largest, so that squares don't overflow, and summed with compensation.</summary>
    private static Value Hypot(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        x.Step(arguments.Length / 2);
        x.Allocate(arguments.Length * 8L);
        var numbers = new double[arguments.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = NetMath.Abs(Coerce.ToNumber(x, arguments[i]));
        }
        if (numbers.Contains(double.PositiveInfinity))
        {
            return Value.Of(double.PositiveInfinity);
        }
        var largest = numbers.Aggregate(0.0, NetMath.Max);
        if (largest == 0 || double.IsNaN(largest))
        {
            return Value.Of(largest);
        }
        double sum = 0, lost = 0;
        foreach (var number in numbers)
        {
            var term = (number / largest * (number / largest)) - lost;
            var next = sum + term;
            lost = next - sum - term;
            sum = next;
        }
        return Value.Of(NetMath.Sqrt(sum) * largest);
    }

    private static Value Fold(Evaluation x, ReadOnlySpan<Value> arguments, double start, Func<double, double, double> next)
    {
        x.Step(arguments.Length / 4);
        var result = start;
        foreach (var argument in arguments)
        {
            result = next(result, Coerce.ToNumber(x, argument));
        }
        return Value.Of(result);
    }
}
