using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>Where one task (待办) stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskState>))]
public enum TaskState
{
    /// <summary>待办: its candidates may claim or decide it.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>已领取: one of them has it.</summary>
    [JsonStringEnumMemberName("claimed")]
    Claimed,

    /// <summary>已办: decided, by a person or by a rule.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>已取消: the case was withdrawn, cancelled or moved to another stage.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,

    /// <summary>已由他人办理: another task of the stage decided it (或签), or it was handed on as a new task.</summary>
    [JsonStringEnumMemberName("superseded")]
    Superseded,
}

/// <summary>What can happen to a task.</summary>
public enum TaskMove
{
    Claim,

    Release,

    /// <summary>Handed to other candidates (转办, escalation); the same task, open again.</summary>
    Reassign,

    Decide,

    /// <summary>The decider takes the decision back while the next stage hasn't acted (R-REV-7).</summary>
    Recall,

    Cancel,

    Supersede,
}

/// <summary>What a task becomes.</summary>
public static class TaskTransitions
{
    /// <returns>Null: this can't happen to a task in that state; whoever asked gets a conflict that says who did what when.</returns>
    public static TaskState? Next(TaskState state, TaskMove move) => (state, move) switch
    {
        (TaskState.Open, TaskMove.Claim) => TaskState.Claimed,
        (TaskState.Claimed, TaskMove.Release) => TaskState.Open,
        (TaskState.Open or TaskState.Claimed, TaskMove.Reassign) => TaskState.Open,
        (TaskState.Open or TaskState.Claimed, TaskMove.Decide) => TaskState.Done,
        (TaskState.Done, TaskMove.Recall) => TaskState.Claimed,
        (TaskState.Open or TaskState.Claimed, TaskMove.Cancel) => TaskState.Cancelled,
        (TaskState.Open or TaskState.Claimed, TaskMove.Supersede) => TaskState.Superseded,
        _ => null,
    };

    /// <summary>Somebody can still act on it.</summary>
    public static bool IsPending(TaskState state) => state is TaskState.Open or TaskState.Claimed;
}
