using System.Globalization;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Yellow and red marks of a stage: steps of its ladder, which the service's data adds to each.</summary>
internal static class StageMarks
{
    private const string Prefix = "mark:";

    public static bool Is(string key) => key.StartsWith(Prefix, StringComparison.Ordinal);

    public static IEnumerable<EscalationRule> Rules(MarkRule? marks, DeadlineRule limit)
    {
        if (marks is null)
            yield break;
        if (marks.Offset(limit) is { Amount: < 0 } near)
            yield return new EscalationRule { Id = Prefix + MarkColours.Yellow, Kind = EscalationKind.YellowMark, At = near };
        yield return new EscalationRule { Id = Prefix + MarkColours.Red, Kind = EscalationKind.RedMark, At = DeadlineOffset.Due };
        yield return new EscalationRule { Id = Prefix + "told", Kind = EscalationKind.TellOfMark, At = DeadlineOffset.Due };
    }

    /// <summary>Enters a mark, or tells the superior of it in office hours.</summary>
    public static void Give(ActivityContext context, LadderTask task, EscalationStep step)
    {
        if (step.Kind == EscalationKind.TellOfMark)
        {
            Tell(context, task, MarkColours.Red);
            return;
        }
        var colour = step.Kind == EscalationKind.YellowMark ? MarkColours.Yellow : MarkColours.Red;
        context.Emit(new GiveMark(context.NewId($"mark{task.Scope}-{colour}"), LimitKinds.Stage, colour, task.Deadline.DueAt)
        { TaskId = task.Id, Stage = context.Node.Id, StageName = task.StageName });
        if (colour == MarkColours.Yellow)
            Tell(context, task, colour);
    }

    /// <summary>A task that is decided late is marked, though no timer could do it: no node ran at its deadline.</summary>
    public static void Closing(ActivityContext context, LadderTask task, StageTimes times, EscalationLadder? ladder)
    {
        if (ladder?.Steps.FirstOrDefault(s => s.Kind == EscalationKind.RedMark) is { } red && red.At <= context.Now && !times.IsBehind(ladder, red.Key))
            Give(context, task, red);
    }

    private static void Tell(ActivityContext context, LadderTask task, string colour)
    {
        var facts = new Dictionary<string, string>
        {
            ["stage"] = context.Node.Id, ["stageName"] = task.StageName, ["taskId"] = task.Id.ToString(), ["dueAt"] = task.Deadline.DueAt.ToString("O", CultureInfo.InvariantCulture),
        };
        if (task.Role is { } role)
            context.Emit(new NotifyEffect(context.NewId($"mark{task.Scope}-{colour}-told"), $"mark.{colour}", [Recipient.Superior(role, task.OrganisationId)], facts));
    }
}
