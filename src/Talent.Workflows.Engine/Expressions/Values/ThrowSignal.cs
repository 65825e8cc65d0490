namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>A value thrown by a script or by an operation of it, on its way to a catch clause. Never leaves the evaluation.</summary>
internal sealed class ThrowSignal(Value value, int position) : Exception
{
    public Value Value { get; } = value;

    public int Position { get; } = position;
}
