using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

internal enum BinaryOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    StrictEqual,
    StrictNotEqual,
    In,
    InstanceOf,
}

internal static class BinaryOperation
{
    private const int RopeFrom = 512;

    public static Value OfNumbers(BinaryOperator op, double a, double b) => op switch
    {
        BinaryOperator.Add => Value.Of(a + b),
        BinaryOperator.Subtract => Value.Of(a - b),
        BinaryOperator.Multiply => Value.Of(a * b),
        BinaryOperator.Divide => Value.Of(a / b),
        BinaryOperator.Remainder => Value.Of(a % b),
        BinaryOperator.Less => Value.Of(a < b),
        BinaryOperator.LessOrEqual => Value.Of(a <= b),
        BinaryOperator.Greater => Value.Of(a > b),
        BinaryOperator.GreaterOrEqual => Value.Of(a >= b),
        BinaryOperator.Equal or BinaryOperator.StrictEqual => Value.Of(a == b),
        BinaryOperator.NotEqual or BinaryOperator.StrictNotEqual => Value.Of(a != b),
        BinaryOperator.Power => Value.Of(Power(a, b)),
        BinaryOperator.BitAnd => Value.Of(Coerce.ToInt32(a) & Coerce.ToInt32(b)),
        BinaryOperator.BitOr => Value.Of(Coerce.ToInt32(a) | Coerce.ToInt32(b)),
        BinaryOperator.BitXor => Value.Of(Coerce.ToInt32(a) ^ Coerce.ToInt32(b)),
        BinaryOperator.ShiftLeft => Value.Of(Coerce.ToInt32(a) << (Coerce.ToInt32(b) & 31)),
        BinaryOperator.ShiftRight => Value.Of(Coerce.ToInt32(a) >> (Coerce.ToInt32(b) & 31)),
        BinaryOperator.ShiftRightUnsigned => Value.Of((uint)Coerce.ToInt32(a) >> (Coerce.ToInt32(b) & 31)),
        _ => throw new InvalidOperationException($"{op} isn't an operation on numbers"),
    };

    public static Value Of(Evaluation x, BinaryOperator op, Value a, Value b)
    {
        switch (op)
        {
            case BinaryOperator.Add:
                return Add(x, a, b);
            case BinaryOperator.Less:
                return Value.Of(Comparison.Less(x, a, b, true) == true);
            case BinaryOperator.Greater:
                return Value.Of(Comparison.Less(x, b, a, false) == true);
            case BinaryOperator.LessOrEqual:
                return Value.Of(Comparison.Less(x, b, a, false) == false);
            case BinaryOperator.GreaterOrEqual:
                return Value.Of(Comparison.Less(x, a, b, true) == false);
            case BinaryOperator.Equal:
                return Value.Of(Comparison.LooseEquals(x, a, b));
            case BinaryOperator.NotEqual:
                return Value.Of(!Comparison.LooseEquals(x, a, b));
            case BinaryOperator.StrictEqual:
                return Value.Of(Comparison.StrictEquals(x, a, b));
            case BinaryOperator.StrictNotEqual:
                return Value.Of(!Comparison.StrictEquals(x, a, b));
            case BinaryOperator.In:
                return b.Object is { } holder
                    ? Value.Of(holder.TryGetOwn(x, Coerce.ToKey(x, a), out _))
                    : throw x.TypeError($"'in' needs an object on its right, it got {Coerce.Describe(b)}; use includes() to look into a text");
            case BinaryOperator.InstanceOf:
                return b.Object is Constructor constructor
                    ? Value.Of(constructor.IsInstance(a))
                    : throw x.TypeError("instanceof needs a built-in on its right, such as Array, Date or Error");
            default:
                var left = Coerce.ToNumber(x, a);
                return OfNumbers(op, left, Coerce.ToNumber(x, b));
        }
    }

    public static Value Add(Evaluation x, Value a, Value b)
    {
        if (a.IsNumber && b.IsNumber)
        {
            return Value.Of(a.Number + b.Number);
        }
        a = Coerce.ToPrimitive(x, a, PrimitiveHint.None);
        b = Coerce.ToPrimitive(x, b, PrimitiveHint.None);
        if (!a.IsString && !b.IsString)
        {
            return Value.Of(Coerce.ToNumber(x, a) + Coerce.ToNumber(x, b));
        }
        a = a.IsString ? a : Value.Of(Coerce.ToText(x, a));
        b = b.IsString ? b : Value.Of(Coerce.ToText(x, b));
        return Concat(x, a, b);
    }

    public static double Power(double a, double b) =>
        double.IsNaN(b) || (Math.Abs(a) == 1 && double.IsInfinity(b)) ? double.NaN : Math.Pow(a, b);

    private static Value Concat(Evaluation x, Value a, Value b)
    {
        var length = (long)a.TextLength + b.TextLength;
        if (length == a.TextLength)
        {
            return a;
        }
        if (length == b.TextLength)
        {
            return b;
        }
        if (length < RopeFrom)
        {
            x.AllocateText(length);
            return Value.Of(string.Concat(a.Text, b.Text));
        }
        if (length * 2 > x.Budget.MaxAllocatedBytes || length > 500_000_000)
        {
            throw x.OutOfMemory();
        }
        x.Allocate(64);
        return Value.Of(new Rope(x, a.Reference!, b.Reference!, (int)length));
    }
}
