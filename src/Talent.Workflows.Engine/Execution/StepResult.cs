using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Engine.Execution;

/// <summary>What became of a stimulus.</summary>
public enum StepOutcome
{
    /// <summary>It moved the instance.</summary>
    Applied,

    /// <summary>Kept for a wait that is still to come.</summary>
    Waiting,

    /// <summary>Nothing waits for it and the definition doesn't declare it as one that may come early.</summary>
    NotExpected,

    /// <summary>The bookmark it addressed is gone.</summary>
    Superseded,

    /// <summary>As many early signals as an instance may keep are kept already.</summary>
    TooMany,
}

/// <summary>The new state and all that the step decided. The state that was handed in is unchanged.</summary>
public sealed record StepResult(
    StepOutcome Outcome,
    WorkflowState State,
    IReadOnlyList<Effect> Effects,
    IReadOnlyList<JournalEntry> Journal,
    IReadOnlyList<Bookmark> OpenedBookmarks,
    IReadOnlyList<Bookmark> ClosedBookmarks,
    IReadOnlyList<string> AppliedEarlySignals);

/// <summary>One line of the execution log, Elsa's event names. <see cref="Message"/> is for people; no personal data.</summary>
public sealed record JournalEntry(
    string Event, string ActivityId, string Type, int ExecutionId, int Visit, int? ParentId,
    string[]? Outcomes = null, string? Message = null, JsonElement? Payload = null)
{
    /// <summary>In a stored journal: a line <c>Suspended</c> of the same execution follows, which isn't stored by itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Waits { get; init; }
}
