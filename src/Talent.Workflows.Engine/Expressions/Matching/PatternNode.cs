namespace Talent.Workflows.Engine.Expressions.Matching;

/// <summary>The tree of a regular expression.</summary>
internal abstract record PatternNode
{
    public sealed record Empty : PatternNode;

    public sealed record Take(CharacterSet Set) : PatternNode;

    public sealed record Dot : PatternNode;

    public sealed record Assert(OpCode Code) : PatternNode;

    public sealed record Sequence(PatternNode[] Items) : PatternNode;

    public sealed record Choice(PatternNode[] Items) : PatternNode;

    public sealed record Group(PatternNode Inner, int Number) : PatternNode;

    /// <summary>Max -1 is without limit. The groups inside are forgotten at the start of each round.</summary>
    public sealed record Repeat(PatternNode Inner, int Min, int Max, bool Lazy, int FirstGroup, int EndGroup) : PatternNode;

    public sealed record Look(PatternNode Inner, bool Negated) : PatternNode;
}
