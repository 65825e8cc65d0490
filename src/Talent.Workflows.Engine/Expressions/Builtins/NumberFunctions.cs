using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class NumberFunctions
{
    public static readonly NativeFunction ParseFloat = new("parseFloat", 1, static (x, _, a) => Value.Of(NumberText.ParsePrefix(x, Coerce.ToText(x, a.At(0)))));

    public static readonly NativeFunction ParseInt = new("parseInt", 2, static (x, _, a) =>
    {
        var text = NumberText.Trim(Coerce.ToText(x, a.At(0)));
        x.Step(text.Length / 16);
        var radix = Coerce.ToInt32(x, a.At(1));
        var negative = text.Length > 0 && text[0] == '-';
        text = text.Length > 0 && text[0] is '-' or '+' ? text[1..] : text;
        if (radix is not 0 and (< 2 or > 36))
        {
            return Value.NaN;
        }
        if (radix is 0 or 16 && text.Length > 1 && text[0] == '0' && text[1] is 'x' or 'X')
        {
            text = text[2..];
            radix = 16;
        }
        var (number, _) = NumberText.ParseDigits(text, radix == 0 ? 10 : radix);
        return Value.Of(negative ? -number : number);
    });

    public static readonly NativeTable Methods = new(
    [
        new("toString", 1, static (x, self, a) => Value.Of(ToText(x, Self(x, self), a.At(0)))),
        new("toLocaleString", 0, static (x, self, _) => Value.Of(NumberFormat.Grouped(Self(x, self)))),
        new("valueOf", 0, static (x, self, _) => Value.Of(Self(x, self))),
        new("toFixed", 1, static (x, self, a) => Value.Of(NumberFormat.Fixed(Self(x, self), Digits(x, a.At(0), 0)))),
        new("toPrecision", 1, static (x, self, a) => Value.Of(a.At(0).IsUndefined
            ? NumberText.Format(Self(x, self))
            : NumberFormat.Precision(Self(x, self), Digits(x, a.At(0), 1)))),
        new("toExponential", 1, static (x, self, a) => Value.Of(NumberFormat.Exponential(Self(x, self), a.At(0).IsUndefined ? -1 : Digits(x, a.At(0), 0)))),
    ]);

    public static readonly Constructor Constructor = new(
        "Number",
        1,
        static (x, _, a) => Value.Of(a.Length == 0 ? 0 : Coerce.ToNumber(x, a[0])),
        null,
        static _ => false,
        new NativeTable(
            [
                ParseFloat,
                ParseInt,
                new("isInteger", 1, static (_, _, a) => Value.Of(IsInteger(a.At(0)))),
                new("isSafeInteger", 1, static (_, _, a) => Value.Of(IsInteger(a.At(0)) && Math.Abs(a.At(0).Number) <= 9007199254740991)),
                new("isFinite", 1, static (_, _, a) => Value.Of(a.At(0).IsNumber && double.IsFinite(a.At(0).Number))),
                new("isNaN", 1, static (_, _, a) => Value.Of(a.At(0).IsNumber && double.IsNaN(a.At(0).Number))),
            ],
            ("MAX_SAFE_INTEGER", 9007199254740991),
            ("MIN_SAFE_INTEGER", -9007199254740991),
            ("MAX_VALUE", double.MaxValue),
            ("MIN_VALUE", double.Epsilon),
            ("EPSILON", Math.Pow(2, -52)),
            ("POSITIVE_INFINITY", double.PositiveInfinity),
            ("NEGATIVE_INFINITY", double.NegativeInfinity),
            ("NaN", double.NaN)));

    private static bool IsInteger(Value value) => value.IsNumber && double.IsFinite(value.Number) && Math.Floor(value.Number) == value.Number;

    private static double Self(Evaluation x, Value self) => self.IsNumber ? self.Number : throw x.TypeError("This method needs a number; convert with Number(value)");

    private static int Digits(Evaluation x, Value value, int least)
    {
        var digits = Coerce.ToInteger(x, value);
        x.Step(8);
        return digits >= least && digits <= 100 ? (int)digits : throw x.RangeError($"The number of digits has to be between {least} and 100");
    }

    private static string ToText(Evaluation x, double number, Value radixValue)
    {
        var radix = radixValue.IsUndefined ? 10 : Coerce.ToInteger(x, radixValue);
        if (radix is < 2 or > 36)
        {
            throw x.RangeError("toString() needs a base between 2 and 36");
        }
        x.Step(4);
        return radix == 10 || !double.IsFinite(number) ? NumberText.Format(number) : NumberFormat.Radix(number, (int)radix);
    }
}
