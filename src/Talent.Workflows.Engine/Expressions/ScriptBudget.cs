namespace Talent.Workflows.Engine.Expressions;

/// <summary>What one evaluation may use. Counted, never timed, so the same script stops at the same place on every machine.</summary>
public sealed record ScriptBudget
{
    public static ScriptBudget Default { get; } = new();

    /// <summary>Operations: nodes evaluated, callbacks, characters and elements that helpers touch (16 characters count as one).</summary>
    public long MaxSteps { get; init; } = 200_000;

    /// <summary>Bytes allocated over the whole evaluation, counted approximately; memory given back isn't subtracted.</summary>
    public long MaxAllocatedBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Calls inside calls, and levels of nested data that helpers walk through. Source nesting is limited to 128 by the parser.</summary>
    public int MaxDepth { get; init; } = 128;
}
