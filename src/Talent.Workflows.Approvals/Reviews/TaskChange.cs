using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>All that one step does to one existing task, as one row of the statement: no row is touched twice.</summary>
internal sealed class TaskChange
{
    public required Guid Id { get; init; }
    public short? Status { get; set; }
    public string? Outcome { get; set; }
    public string? DecidedBy { get; set; }
    public string? Reason { get; set; }
    public string? Opinion { get; set; }
    public string? ClaimedBy { get; set; }
    public TaskDeadline? Due { get; set; }
    public short? Escalation { get; set; }

    /// <summary>Hand it to the superiors of its role.</summary>
    public bool Reassign { get; set; }

    /// <summary>Who may not act on it any more; null: nobody else.</summary>
    public IReadOnlyList<string>? Barred { get; set; }

    /// <summary>Who may again.</summary>
    public IReadOnlyList<string>? Freed { get; set; }

    /// <summary>Somebody's decision and nothing else.</summary>
    public bool OnlyDecides => Status == TaskStatusCodes.Done && DecidedBy is not null && Outcome is not null
        && Reason is null && ClaimedBy is null && Due is null && Escalation is null && !Reassign && Barred is null;

    /// <summary>What the effects and the action of a step do to tasks that were there before it.</summary>
    public static List<TaskChange> Of(IReadOnlyList<Effect> effects, object? domain)
    {
        var changes = new List<TaskChange>();
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case CloseTask close:
                    var closed = For(close.TaskId);
                    closed.Status = TaskStatusCodes.Of(close.End);
                    closed.Outcome = close.Outcome;
                    closed.DecidedBy = close.DecidedBy;
                    closed.Reason = close.Reason;
                    break;
                case ReassignTask reassign:
                    For(reassign.TaskId).Reassign = true;
                    break;
                case TaskDue due:
                    For(due.TaskId).Due = due.Due;
                    break;
                case BarFromTask bar:
                    var barred = For(bar.TaskId);
                    (barred.Barred, barred.Freed) = ([.. (barred.Barred ?? []).Except(bar.Freed), .. bar.Barred], [.. (barred.Freed ?? []).Except(bar.Barred), .. bar.Freed]);
                    break;
                case TaskEscalated escalated:
                    For(escalated.TaskId).Escalation = (short)escalated.Level;
                    break;
            }
        }
        switch (domain)
        {
            case TaskDecided { TaskId: { } decided, Opinion: { } opinion }:
                For(decided).Opinion = opinion;
                break;
            case Cases.SupplementGiven { TaskId: { } supplemented, Note: { } note }:
                For(supplemented).Opinion = note;
                break;
            case Submissions.SubmissionAction { Closes: { } closes, Reason: { } why }:
                For(closes).Opinion = why;
                break;
            case TaskClaimed { TaskId: { } claimed } claim:
                (For(claimed).Status, For(claimed).ClaimedBy) = (TaskStatusCodes.Claimed, claim.User);
                break;
            case TaskReleased { TaskId: { } released }:
                For(released).Status = TaskStatusCodes.Open;
                break;
        }
        return changes;

        TaskChange For(Guid id)
        {
            foreach (var change in changes)
                if (change.Id == id)
                    return change;
            changes.Add(new TaskChange { Id = id });
            return changes[^1];
        }
    }
}
