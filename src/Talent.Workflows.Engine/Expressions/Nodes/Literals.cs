using Talent.Workflows.Engine.Expressions.Matching;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

internal sealed class ConstantNode(Value value, int position) : Expression(position)
{
    public Value Value { get; } = value;

    /// <summary>A place left out in an array: [a, , b].</summary>
    public bool IsHole { get; init; }

    public override Value Evaluate(Frame f) => Value;

    public override string Describe() => Coerce.Describe(Value);
}

internal sealed class TemplateNode(string[] texts, Expression[] parts, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        var x = f.X;
        x.Step();
        var pieces = new string[texts.Length + parts.Length];
        long length = 0;
        for (var i = 0; i < pieces.Length; i++)
        {
            pieces[i] = (i & 1) == 0 ? texts[i >> 1] : Coerce.ToText(x, parts[i >> 1].Evaluate(f));
            length += pieces[i].Length;
        }
        x.Position = Position;
        x.AllocateText(length);
        return Value.Of(string.Concat(pieces));
    }
}

internal sealed class RegExpNode(Pattern pattern, int position) : Expression(position)
{
    public override Value Evaluate(Frame f)
    {
        f.X.Step();
        f.X.Allocate(64);
        return Value.Of(new ScriptRegExp(pattern));
    }
}

internal sealed class SpreadNode(Expression inner, int position) : Expression(position)
{
    public Expression Inner => inner;

    public override Value Evaluate(Frame f) => throw new InvalidOperationException("A spread is evaluated by what holds it");

    /// <summary>Evaluates a list that may hold spreads into <paramref name="into"/>.</summary>
    public static void EvaluateAll(Frame f, Expression[] items, ScriptArray into)
    {
        foreach (var item in items)
        {
            if (item is SpreadNode spread)
            {
                var source = spread.Inner.Evaluate(f);
                f.X.Position = spread.Position;
                foreach (var value in Iteration.Of(f.X, source))
                {
                    into.Add(f.X, value);
                }
            }
            else
            {
                into.Add(f.X, item.Evaluate(f));
            }
        }
    }
}

internal sealed class ArrayNode(Expression[] items, int position) : Expression(position)
{
    public Expression[] Items => items;

    public override Value Evaluate(Frame f)
    {
        f.X.Step();
        var array = new ScriptArray(f.X, items.Length);
        SpreadNode.EvaluateAll(f, items, array);
        return Value.Of(array);
    }
}

/// <summary>One member of an object literal: a fixed or computed key and its value, or a spread.</summary>
internal sealed record ObjectMember(string? Name, Expression? Computed, Expression Value)
{
    /// <summary>The default of {a = 1}, which is only valid when the literal turns out to be a pattern.</summary>
    public Expression? Default { get; init; }
}

internal sealed class ObjectNode(ObjectMember[] members, int position) : Expression(position)
{
    public ObjectMember[] Members => members;

    public override Value Evaluate(Frame f)
    {
        var x = f.X;
        x.Step();
        x.Allocate(72);
        var obj = new ScriptObject();
        foreach (var member in members)
        {
            if (member.Value is SpreadNode spread)
            {
                var source = spread.Inner.Evaluate(f);
                x.Position = spread.Position;
                Iteration.CopyProperties(x, source, obj, null);
                continue;
            }
            var key = member.Name ?? Coerce.ToKey(x, member.Computed!.Evaluate(f));
            obj.Set(x, key, member.Value.Evaluate(f));
        }
        return Value.Of(obj);
    }
}
