using Talent.Workflows.Engine.Expressions.Nodes;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Syntax;

internal sealed partial class Parser
{
    /// <summary>Expressions whose parentheses matter to what may stand around them.</summary>
    private readonly HashSet<Expression> _parenthesized = [];
    private bool _allowIn = true;

    private Expression ParseExpression(bool allowIn = true)
    {
        var start = _token.Start;
        var first = ParseAssignment(allowIn);
        if (!_token.Is(","))
        {
            return first;
        }
        var items = new List<Expression> { first };
        while (Take(","))
        {
            items.Add(ParseAssignment(allowIn));
        }
        return new SequenceNode([.. items], start);
    }

    private Expression ParseAssignment(bool allowIn)
    {
        var outer = Enter();
        var before = _allowIn;
        _allowIn = allowIn;
        var expression = ParseAssignmentInside();
        _allowIn = before;
        Leave(outer);
        return expression;
    }

    private Expression ParseAssignmentInside()
    {
        if (IsArrow())
        {
            return ParseArrow();
        }
        if (_token.IsWord("yield"))
        {
            throw Unsupported("'yield' isn't");
        }
        var start = _token;
        var left = ParseConditional();
        if (_token.Kind != TokenKind.Punctuator)
        {
            return left;
        }
        var op = _token;
        switch (op.Text)
        {
            case "=":
                if (left is ArrayNode or ObjectNode && _parenthesized.Contains(left))
                {
                    throw Fail("A pattern can't stand in parentheses", start.Start);
                }
                var target = ToTarget(left, start.Start);
                Next();
                var value = NameFunction(ParseAssignment(_allowIn), (target as IdentifierNode)?.Name);
                return new AssignNode(target, value, op.Start);
            case "&&=" or "||=" or "??=":
                var logical = op.Text switch { "&&=" => LogicalOperator.And, "||=" => LogicalOperator.Or, _ => LogicalOperator.Coalesce };
                var place = ToSimpleTarget(left, start.Start);
                Next();
                return new LogicalAssignNode(place, logical, NameFunction(ParseAssignment(_allowIn), (place as IdentifierNode)?.Name), op.Start);
            case "+=" or "-=" or "*=" or "/=" or "%=" or "**=" or "&=" or "|=" or "^=" or "<<=" or ">>=" or ">>>=":
                var changed = ToSimpleTarget(left, start.Start);
                Next();
                return new CompoundAssignNode(changed, Operator(op.Text[..^1])!.Value.Operator, ParseAssignment(_allowIn), op.Start);
            default:
                return left;
        }
    }

    private ITarget ToSimpleTarget(Expression left, int start) =>
        left is MemberNode or IdentifierNode { Name: not "this" } ? (ITarget)left : throw Fail("This can't be assigned to; a name or a property can", start);

    /// <summary>A parameter list, or a single name, followed by =>.</summary>
    private bool IsArrow()
    {
        if (_token.Kind == TokenKind.Identifier)
        {
            if (_token.Text == "async" && !PeekToken().NewLineBefore && (PeekToken().IsWord("function")
                || (PeekToken().IsName && PeekToken(2).Is("=>"))
                || (PeekToken().Is("(") && _tokens[PeekToken().Match + 1].Is("=>"))))
            {
                throw Unsupported("async functions aren't");
            }
            return PeekToken().Is("=>");
        }
        return _token.Is("(") && _tokens[_token.Match + 1].Is("=>");
    }

    private Expression ParseConditional()
    {
        var start = _token.Start;
        var test = ParseBinary(0);
        if (!Take("?"))
        {
            return test;
        }
        var whenTrue = ParseAssignment(true);
        Expect(":");
        var whenFalse = ParseAssignment(_allowIn);
        return new ConditionalNode(test, whenTrue, whenFalse, start);
    }

    private static (int Precedence, BinaryOperator Operator)? Operator(string text) => text switch
    {
        "|" => (4, BinaryOperator.BitOr),
        "^" => (5, BinaryOperator.BitXor),
        "&" => (6, BinaryOperator.BitAnd),
        "==" => (7, BinaryOperator.Equal),
        "!=" => (7, BinaryOperator.NotEqual),
        "===" => (7, BinaryOperator.StrictEqual),
        "!==" => (7, BinaryOperator.StrictNotEqual),
        "<" => (8, BinaryOperator.Less),
        ">" => (8, BinaryOperator.Greater),
        "<=" => (8, BinaryOperator.LessOrEqual),
        ">=" => (8, BinaryOperator.GreaterOrEqual),
        "in" => (8, BinaryOperator.In),
        "instanceof" => (8, BinaryOperator.InstanceOf),
        "<<" => (9, BinaryOperator.ShiftLeft),
        ">>" => (9, BinaryOperator.ShiftRight),
        ">>>" => (9, BinaryOperator.ShiftRightUnsigned),
        "+" => (10, BinaryOperator.Add),
        "-" => (10, BinaryOperator.Subtract),
        "*" => (11, BinaryOperator.Multiply),
        "/" => (11, BinaryOperator.Divide),
        "%" => (11, BinaryOperator.Remainder),
        "**" => (12, BinaryOperator.Power),
        _ => null,
    };

    /// <summary>Binary operators that bind tighter than <paramref name="level"/>.</summary>
    private Expression ParseBinary(int level)
    {
        var start = _token;
        var left = ParseUnary();
        while (_token.Kind is TokenKind.Punctuator or TokenKind.Keyword)
        {
            var op = _token;
            var logical = op.Text switch { "??" => (1, LogicalOperator.Coalesce), "||" => (2, LogicalOperator.Or), "&&" => (3, LogicalOperator.And), _ => (0, default) };
            var (precedence, _) = logical;
            if (precedence > 0 && precedence > level)
            {
                Next();
                var right = ParseRight(precedence);
                if (Mixes(logical.Item2, left) || Mixes(logical.Item2, right))
                {
                    throw Fail("?? can't be mixed with || or && without parentheses", op.Start);
                }
                left = new LogicalNode(logical.Item2, left, right, op.Start);
                Deepen();
                continue;
            }
            if (precedence > 0 || Operator(op.Text) is not { } binary || binary.Precedence <= level || (op.Kind == TokenKind.Keyword && op.Text == "in" && !_allowIn))
            {
                break;
            }
            Next();
            if (binary.Operator == BinaryOperator.Power && left is UnaryNode && !_parenthesized.Contains(left))
            {
                throw Fail("A sign before ** needs parentheses: (-a) ** b or -(a ** b)", start.Start);
            }
            left = new BinaryNode(binary.Operator, left, ParseRight(binary.Operator == BinaryOperator.Power ? binary.Precedence - 1 : binary.Precedence), op.Start);
            Deepen();
        }
        return left;
    }

    private bool Mixes(LogicalOperator op, Expression side) =>
        side is LogicalNode logical && (logical.Operator == LogicalOperator.Coalesce) != (op == LogicalOperator.Coalesce) && !_parenthesized.Contains(side);

    private Expression ParseRight(int precedence)
    {
        var outer = Enter();
        var right = ParseBinary(precedence);
        Leave(outer);
        return right;
    }

    private Expression ParseUnary()
    {
        var start = _token.Start;
        UnaryOperator? op = _token.Kind switch
        {
            TokenKind.Punctuator => _token.Text switch { "!" => UnaryOperator.Not, "-" => UnaryOperator.Minus, "+" => UnaryOperator.Plus, "~" => UnaryOperator.BitNot, _ => null },
            TokenKind.Keyword => _token.Text switch { "typeof" => UnaryOperator.TypeOf, "void" => UnaryOperator.Void, "delete" => UnaryOperator.Delete, _ => null },
            _ => null,
        };
        if (op is null && !_token.Is("++") && !_token.Is("--"))
        {
            if (_token.IsWord("await"))
            {
                throw Unsupported("'await' isn't");
            }
            return ParsePostfix();
        }
        var outer = Enter();
        var token = Next();
        var operand = ParseUnary();
        Leave(outer);
        if (op is null)
        {
            return new UpdateNode(ToSimpleTarget(operand, start), token.Text == "++" ? 1 : -1, true, start);
        }
        return new UnaryNode(op.Value, operand, start);
    }

    private Expression ParsePostfix()
    {
        var start = _token.Start;
        var operand = ParseChain();
        if (!_token.NewLineBefore && (_token.Is("++") || _token.Is("--")))
        {
            Deepen();
            return new UpdateNode(ToSimpleTarget(operand, start), Next().Text == "++" ? 1 : -1, false, start);
        }
        return operand;
    }
}
