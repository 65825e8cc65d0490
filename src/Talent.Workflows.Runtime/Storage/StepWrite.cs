using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>One attempt at a step: what was asked, what the engine decided, and what the parts add to it.</summary>
public sealed class StepWrite
{
    public required StepRequest Request { get; init; }
    public required ExecutableWorkflow Workflow { get; init; }

    /// <summary>The state that the step began with; for a start, the pending one.</summary>
    public required WorkflowState Before { get; init; }

    /// <summary>The state that will be written. Never change it.</summary>
    public required WorkflowState State { get; init; }

    /// <summary>What the engine decided; null when the request has no stimulus.</summary>
    public required StepResult? Result { get; init; }

    /// <summary>0 for a start.</summary>
    public required long VersionBefore { get; init; }

    /// <summary>The business clock, UTC.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The machine clock, UTC: leases and retention only.</summary>
    public required DateTimeOffset MachineNow { get; init; }

    /// <summary>For an instance that is imported: when it was created, business clock. Null for all others.</summary>
    public DateTimeOffset? ImportedFrom { get; init; }

    /// <summary>Head of the instance's audit chain; null when it has none yet.</summary>
    public required byte[]? PreviousChainHash { get; init; }

    /// <summary>Head of the audit chain after this step; stays as it was when nothing sets it.</summary>
    public byte[]? NextChainHash { get; set; }

    /// <summary>JSON (UTF-8) that a repetition of this request will be answered with; kept only when the request has an idempotency key.</summary>
    public byte[]? ReceiptAnswer { get; set; }

    /// <summary>When the instance had finished before this step, business clock; null when it ran, or wasn't there.</summary>
    public DateTimeOffset? FinishedBefore { get; init; }

    /// <summary>When the instance finished, business clock; null while it runs. A step of an instance that has ended, which changes rows of the domain only, doesn't end it anew.</summary>
    public DateTimeOffset? FinishedAt => State.Status == WorkflowStatus.Finished ? FinishedBefore ?? Now : null;

    /// <summary>When the flow last moved, business clock: for an instance that has ended, its end, so that it keeps its place in the lists of instances.</summary>
    public DateTimeOffset UpdatedAt => FinishedAt ?? Now;

    public Guid InstanceId => State.InstanceId;
    public long VersionAfter => VersionBefore + 1;
    public bool IsStart => VersionBefore == 0;
    public object? Domain => Request.Domain;
    public IReadOnlyList<Effect> Effects => Result?.Effects ?? [];
    public IReadOnlyList<Bookmark> OpenedBookmarks => Result?.OpenedBookmarks ?? [];
    public IReadOnlyList<Bookmark> ClosedBookmarks => Result?.ClosedBookmarks ?? [];

    /// <summary>Messages to deliver after the commit.</summary>
    public OutboxDraft Outbox { get; } = new();

    /// <summary>Lines for the journal beside those of the engine. No personal data.</summary>
    public List<JournalEntry> Journal { get; } = [];
}
