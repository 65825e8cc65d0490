namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>Equality and order of ECMAScript.</summary>
internal static class Comparison
{
    public static bool StrictEquals(Evaluation x, Value a, Value b)
    {
        if (a.IsNumber && b.IsNumber)
        {
            return a.Number == b.Number;
        }
        if (a.IsString && b.IsString)
        {
            x.Step(Math.Min(a.TextLength, b.TextLength) / 16);
        }
        return !(a.IsNumber || b.IsNumber) && SameValueZero(a, b);
    }

    public static bool SameValueZero(Value a, Value b)
    {
        var kind = a.Kind;
        if (kind != b.Kind)
        {
            return false;
        }
        return kind switch
        {
            ValueKind.Number => a.Number == b.Number || (double.IsNaN(a.Number) && double.IsNaN(b.Number)),
            ValueKind.String => a.TextLength == b.TextLength && string.Equals(a.Text, b.Text),
            ValueKind.Boolean => a.Truth == b.Truth,
            ValueKind.Object => ReferenceEquals(a.Reference, b.Reference),
            _ => true,
        };
    }

    public static bool SameValue(Value a, Value b) =>
        a.IsNumber && b.IsNumber ? a.Number.Equals(b.Number) && double.IsNegative(a.Number) == double.IsNegative(b.Number) || (double.IsNaN(a.Number) && double.IsNaN(b.Number))
            : SameValueZero(a, b);

    public static bool LooseEquals(Evaluation x, Value a, Value b)
    {
        if (a.Kind == b.Kind)
        {
            return StrictEquals(x, a, b);
        }
        if (a.IsNullish || b.IsNullish)
        {
            return a.IsNullish && b.IsNullish;
        }
        if (a.IsObject || b.IsObject)
        {
            return a.IsObject
                ? LooseEquals(x, Coerce.ToPrimitive(x, a, PrimitiveHint.None), b)
                : LooseEquals(x, a, Coerce.ToPrimitive(x, b, PrimitiveHint.None));
        }
        return Coerce.ToNumber(x, a) == Coerce.ToNumber(x, b);
    }

    /// <summary>Whether a is less than b; null when one isn't a number.</summary>
    public static bool? Less(Evaluation x, Value a, Value b, bool leftFirst)
    {
        if (leftFirst)
        {
            a = Coerce.ToPrimitive(x, a, PrimitiveHint.Number);
            b = Coerce.ToPrimitive(x, b, PrimitiveHint.Number);
        }
        else
        {
            b = Coerce.ToPrimitive(x, b, PrimitiveHint.Number);
            a = Coerce.ToPrimitive(x, a, PrimitiveHint.Number);
        }
        if (a.IsString && b.IsString)
        {
            x.Step(Math.Min(a.TextLength, b.TextLength) / 16);
            return string.CompareOrdinal(a.Text, b.Text) < 0;
        }
        var left = Coerce.ToNumber(x, a);
        var right = Coerce.ToNumber(x, b);
        return double.IsNaN(left) || double.IsNaN(right) ? null : left < right;
    }
}
