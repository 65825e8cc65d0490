using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>Says what a limit and its ladder will do: the same for every stage that has one.</summary>
internal static class LadderWords
{
    /// <param name="task">Null: all tasks of the stage have them together.</param>
    public static void Explain(ActivityContext context, StageTimes times, string stageName, Guid? task, Deadline? due, EscalationLadder? ladder)
    {
        if (due is null)
            return;
        if (context.Now < due.DueAt)
            context.Emit(new ExplainedInstant(context.Node.Id, stageName, task, WhyKinds.Due, due.DueAt) { Deadline = due });
        if (ladder is null)
            return;
        foreach (var (step, at) in times.Ahead(ladder))
            context.Emit(new ExplainedInstant(context.Node.Id, stageName, task, Kind(step.Kind), at)
            {
                Deadline = due, Offset = step.Offset, Outcome = step.Outcome?.Code(), Held = at != step.At,
            });
    }

    private static string Kind(EscalationKind kind) => kind switch
    {
        EscalationKind.Remind => WhyKinds.Remind,
        EscalationKind.TellSuperior => WhyKinds.TellSuperior,
        EscalationKind.Reassign => WhyKinds.Reassign,
        EscalationKind.DecideByRule => WhyKinds.DecideByRule,
        EscalationKind.YellowMark => WhyKinds.YellowMark,
        EscalationKind.RedMark => WhyKinds.RedMark,
        _ => WhyKinds.TellOfMark,
    };
}
