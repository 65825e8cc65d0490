using System.Globalization;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>A task that has a ladder, as its steps speak of it.</summary>
/// <param name="Role">Who had it when it was opened; null: one user.</param>
/// <param name="Scope">Distinguishes the tasks of a stage that opens several.</param>
internal sealed record LadderTask(Guid Id, string StageName, string? Role, string? OrganisationId, Deadline Deadline, string Scope = "");

/// <summary>Does what a ladder asks for: reminders, telling the superior, reassignment. The same for every stage that has one.</summary>
/// <remarks>Source: R-REV-5.</remarks>
internal static class LadderActs
{
    /// <returns>The decision that the rule makes now, for the stage to carry out; null: people go on deciding.</returns>
    public static EscalationStep? Run(ActivityContext context, LadderTask task, DueSteps due)
    {
        foreach (var step in due.Act)
        {
            context.Log("Escalated", step.Kind.ToString());
            switch (step.Kind)
            {
                case EscalationKind.Remind:
                    Tell(context, task, step, step.At < task.Deadline.DueAt ? "task.reminder" : "task.overdue", Recipient.Task(task.Id));
                    break;
                case EscalationKind.TellSuperior when task.Role is { } role:
                    Tell(context, task, step, "task.escalated", Recipient.Superior(role, task.OrganisationId));
                    break;
                case EscalationKind.Reassign:
                    context.Emit(new ReassignTask(context.NewId($"ladder{task.Scope}-{step.Key}-reassign"), task.Id));
                    // Whether there is a superior is known when the row is written; delivery says what became of it.
                    Tell(context, task, step, "task.reassigned", Recipient.Task(task.Id));
                    break;
                case EscalationKind.YellowMark:
                case EscalationKind.RedMark:
                case EscalationKind.TellOfMark:
                    StageMarks.Give(context, task, step);
                    break;
                case EscalationKind.DecideByRule:
                    return step;
            }
        }
        foreach (var step in due.Collapsed)
            context.Log("Escalated", $"{step.Kind} (collapsed)");
        if (due.HeldUntil is { } held)
            context.Log("Held", held.ToString("O", CultureInfo.InvariantCulture));
        var level = due.Handled.Count(k => !StageMarks.Is(k));
        if (due.Act.Any(s => !StageMarks.Is(s.Key)))
            context.Emit(new TaskEscalated(context.NewId($"level{task.Scope}-{level}"), task.Id, level));
        return null;
    }

    private static void Tell(ActivityContext context, LadderTask task, EscalationStep step, string message, Recipient to)
    {
        var facts = new Dictionary<string, string>
        {
            ["stage"] = context.Node.Id, ["stageName"] = task.StageName, ["taskId"] = task.Id.ToString(),
            ["dueAt"] = task.Deadline.DueAt.ToString("O", CultureInfo.InvariantCulture),
        };
        // Who had it: after a reassignment the task's own row says only who has it now.
        if (task.Role is { } role)
            (facts["role"], facts["organisation"]) = (role, task.OrganisationId ?? "");
        context.Emit(new NotifyEffect(context.NewId($"ladder{task.Scope}-{step.Key}-told"), message, [to], facts));
    }
}
