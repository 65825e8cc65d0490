using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

internal sealed class BinaryNode(BinaryOperator op, Expression left, Expression right, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        var a = left.Evaluate(f);
        var b = right.Evaluate(f);
        f.X.Step();
        if (a.IsNumber && b.IsNumber && op < BinaryOperator.In)
        {
            return BinaryOperation.OfNumbers(op, a.Number, b.Number);
        }
        f.X.Position = Position;
        return BinaryOperation.Of(f.X, op, a, b);
    }
}

internal enum LogicalOperator
{
    And,
    Or,
    Coalesce,
}

internal sealed class LogicalNode(LogicalOperator op, Expression left, Expression right, int position) : Expression(position)
{
    public LogicalOperator Operator => op;

    public override Value Evaluate(Frame f)
    {
        f.X.Step();
        var value = left.Evaluate(f);
        return Decides(op, value) ? value : right.Evaluate(f);
    }

    /// <summary>Whether the left side is the result already.</summary>
    public static bool Decides(LogicalOperator op, Value left) => op switch
    {
        LogicalOperator.And => !Coerce.ToBoolean(left),
        LogicalOperator.Or => Coerce.ToBoolean(left),
        _ => !left.IsNullish,
    };
}

internal sealed class ConditionalNode(Expression test, Expression whenTrue, Expression whenFalse, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        f.X.Step();
        return Coerce.ToBoolean(test.Evaluate(f)) ? whenTrue.Evaluate(f) : whenFalse.Evaluate(f);
    }
}

internal sealed class SequenceNode(Expression[] items, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        Value value = default;
        foreach (var item in items)
        {
            value = item.Evaluate(f);
        }
        return value;
    }
}

internal enum UnaryOperator
{
    Not,
    Minus,
    Plus,
    BitNot,
    Void,
    TypeOf,
    Delete,
}

internal sealed class UnaryNode(UnaryOperator op, Expression operand, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        var x = f.X;
        x.Step();
        switch (op)
        {
            case UnaryOperator.TypeOf:
                return Value.Of(operand is IdentifierNode name ? name.TypeOf(f) : Coerce.TypeOf(operand.Evaluate(f)));
            case UnaryOperator.Delete:
                var inner = (operand as ChainNode)?.Inner ?? operand;
                var deleted = inner is not MemberNode member || member.Delete(f);
                f.ChainEnded = false;
                return Value.Of(deleted);
        }
        var value = operand.Evaluate(f);
        x.Position = Position;
        return op switch
        {
            UnaryOperator.Not => Value.Of(!Coerce.ToBoolean(value)),
            UnaryOperator.Minus => Value.Of(-Coerce.ToNumber(x, value)),
            UnaryOperator.Plus => Value.Of(Coerce.ToNumber(x, value)),
            UnaryOperator.BitNot => Value.Of(~Coerce.ToInt32(x, value)),
            _ => default,
        };
    }
}
