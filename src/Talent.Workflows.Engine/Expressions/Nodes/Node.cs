using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

/// <summary>A part of a compiled script. Immutable once resolved, so that threads can share it.</summary>
internal abstract class Node(int position)
{
    /// <summary>Offset in the source, for messages.</summary>
    public int Position { get; } = position;
}

internal abstract class Expression(int position) : Node(position)
{
    public abstract Value Evaluate(Frame f);

    /// <summary>How messages name this expression.</summary>
    public virtual string Describe() => "this expression";
}

internal abstract class Statement(int position) : Node(position)
{
    public abstract Signal Execute(Frame f);
}

/// <summary>What can stand left of an equals sign.</summary>
internal interface ITarget
{
    void Assign(Frame f, Value value);
}

/// <summary>How a statement ended.</summary>
internal enum Signal
{
    None,
    Break,
    Continue,
    Return,
}

/// <summary>One call of a function: its slots, the cells it took along, and what it is about to return.</summary>
internal sealed class Frame(Evaluation x, Value[] slots, Cell[] captures)
{
    public readonly Evaluation X = x;
    public readonly Value[] Slots = slots;
    public readonly Cell[] Captures = captures;

    /// <summary>The value to return; at the top level the value of the last expression statement.</summary>
    public Value Result;

    /// <summary>Where a labelled break or continue goes.</summary>
    public string? Label;

    /// <summary>An optional chain met null or undefined and gives undefined as a whole.</summary>
    public bool ChainEnded;
}
