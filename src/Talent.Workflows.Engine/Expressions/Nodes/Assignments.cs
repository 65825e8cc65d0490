using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

internal sealed class AssignNode(ITarget target, Expression value, int position) : Expression(position)
{
    public ITarget Target => target;

    public Expression Value => value;

    public override Values.Value Evaluate(Frame f)
    {
        f.X.Step();
        if (target is MemberNode member)
        {
            var (from, key) = member.Reference(f);
            var result = value.Evaluate(f);
            member.Write(f, from, key, result);
            return result;
        }
        var assigned = value.Evaluate(f);
        target.Assign(f, assigned);
        return assigned;
    }
}

/// <summary>a += b and its relatives, on a name or a member whose parts are evaluated once.</summary>
internal sealed class CompoundAssignNode(ITarget target, BinaryOperator op, Expression value, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        f.X.Step();
        if (target is MemberNode member)
        {
            var (from, key) = member.Reference(f);
            f.X.Position = Position;
            var old = Members.Get(f.X, from, key);
            var result = Combine(f, old);
            member.Write(f, from, key, result);
            return result;
        }
        var name = (IdentifierNode)target;
        var combined = Combine(f, name.Evaluate(f));
        name.Assign(f, combined);
        return combined;
    }

    private Value Combine(Frame f, Value old)
    {
        var added = value.Evaluate(f);
        f.X.Position = Position;
        return old.IsNumber && added.IsNumber
            ? BinaryOperation.OfNumbers(op, old.Number, added.Number)
            : BinaryOperation.Of(f.X, op, old, added);
    }
}

/// <summary>a ??= b, a ||= b and a &amp;&amp;= b: b is evaluated and assigned only when a doesn't decide.</summary>
internal sealed class LogicalAssignNode(ITarget target, LogicalOperator op, Expression value, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        f.X.Step();
        if (target is MemberNode member)
        {
            var (from, key) = member.Reference(f);
            f.X.Position = Position;
            var old = Members.Get(f.X, from, key);
            if (LogicalNode.Decides(op, old))
            {
                return old;
            }
            var result = value.Evaluate(f);
            member.Write(f, from, key, result);
            return result;
        }
        var name = (IdentifierNode)target;
        var current = name.Evaluate(f);
        if (LogicalNode.Decides(op, current))
        {
            return current;
        }
        var assigned = value.Evaluate(f);
        name.Assign(f, assigned);
        return assigned;
    }
}

internal sealed class UpdateNode(ITarget target, int delta, bool prefix, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        var x = f.X;
        x.Step();
        if (target is MemberNode member)
        {
            var (from, key) = member.Reference(f);
            x.Position = Position;
            var old = Coerce.ToNumber(x, Members.Get(x, from, key));
            member.Write(f, from, key, Value.Of(old + delta));
            return Value.Of(prefix ? old + delta : old);
        }
        var name = (IdentifierNode)target;
        var number = Coerce.ToNumber(x, name.Evaluate(f));
        name.Assign(f, Value.Of(number + delta));
        return Value.Of(prefix ? number + delta : number);
    }
}

/// <summary>Part of a pattern: where the value goes, and what it is when undefined.</summary>
internal sealed record PatternElement(ITarget Target, Expression? Default)
{
    public void Assign(Frame f, Value value) =>
        Target.Assign(f, value.IsUndefined && Default is not null ? Default.Evaluate(f) : value);
}

internal sealed class ArrayPattern(PatternElement?[] elements, ITarget? rest, int position) : Node(position), ITarget
{
    public void Assign(Frame f, Value value)
    {
        f.X.Step();
        f.X.Position = Position;
        using var items = Iteration.Of(f.X, value).GetEnumerator();
        foreach (var element in elements)
        {
            var item = items.MoveNext() ? items.Current : default;
            element?.Assign(f, item);
        }
        if (rest is null)
        {
            return;
        }
        var remaining = new ScriptArray(f.X, 0);
        while (items.MoveNext())
        {
            remaining.Add(f.X, items.Current);
        }
        rest.Assign(f, Value.Of(remaining));
    }
}

internal sealed record PatternMember(string? Name, Expression? Computed, PatternElement Element);

internal sealed class ObjectPattern(PatternMember[] members, ITarget? rest, int position) : Node(position), ITarget
{
    public void Assign(Frame f, Value value)
    {
        var x = f.X;
        x.Step();
        x.Position = Position;
        if (value.IsNullish)
        {
            throw x.TypeError($"Cannot take properties out of {Coerce.Describe(value)}; give it a default such as = {{}}");
        }
        var used = rest is null ? null : new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in members)
        {
            x.Step();
            var key = member.Name ?? Coerce.ToKey(x, member.Computed!.Evaluate(f));
            used?.Add(key);
            member.Element.Assign(f, Members.Get(x, value, key));
        }
        if (rest is not null)
        {
            x.Allocate(72);
            var remaining = new ScriptObject();
            Iteration.CopyProperties(x, value, remaining, used);
            rest.Assign(f, Value.Of(remaining));
        }
    }
}
