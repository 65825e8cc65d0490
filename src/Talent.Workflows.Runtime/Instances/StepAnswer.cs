using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>What became of a request. It is committed when this is returned.</summary>
public sealed record StepAnswer
{
    public required Guid InstanceId { get; init; }
    public required StepOutcome Outcome { get; init; }

    /// <summary>Version of the instance after the step; unchanged when nothing was applied.</summary>
    public required long Version { get; init; }

    /// <summary>The state after the step; null for a repetition. Shared with the cache: never change it.</summary>
    public WorkflowState? State { get; init; }

    /// <summary>Name of the gate that was closed, and nothing was written; null when none was.</summary>
    public string? GateFailed { get; init; }

    /// <summary>True when an earlier request with the same key (or signal or instance id) had been applied already.</summary>
    public bool Replayed { get; init; }

    /// <summary>What a part left as <see cref="Storage.StepWrite.ReceiptAnswer"/>, also when replayed. UTF-8 JSON.</summary>
    public byte[]? ReceiptAnswer { get; init; }

    /// <summary>What the step decided; empty for a repetition, of which only its receipt is kept.</summary>
    public IReadOnlyList<Effect> Effects { get; init; } = [];

    /// <summary>The step went through, now or before.</summary>
    public bool Applied => GateFailed is null && Outcome is StepOutcome.Applied or StepOutcome.Waiting;
}
