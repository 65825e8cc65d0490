using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>The journal of one step. <see cref="Sequence"/> is the version that the step led to; <see cref="At"/> the business clock.</summary>
public sealed record JournalStep(Guid InstanceId, long Sequence, DateTimeOffset At, IReadOnlyList<JournalEntry> Entries)
{
    /// <summary>The transaction that wrote it. An instance that was removed and imported again has steps of the same numbers by other transactions. 0: not asked for.</summary>
    public ulong Transaction { get; init; }
}
