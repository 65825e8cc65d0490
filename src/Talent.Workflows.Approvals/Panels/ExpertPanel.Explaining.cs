using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>What a panel says of its waits: figures and instants, and nobody's name.</summary>
public sealed partial class ExpertPanel
{
    protected override void Explain(ActivityContext context)
    {
        var name = context.Get(StageName)!;
        context.Emit(new ExplainedPanel(context.Node.Id, name, StateOf(context), Round(context), context.Get(Seats), QuorumNeeds(context), Cast(context),
            Waits(context, TaskKinds.PanelInvitation).Length, Waits(context, TaskKinds.PanelChallenge).Length));
        var limit = Row(context) is { } row && context.GetData("from") is { ValueKind: JsonValueKind.String } from
            ? new StageTimes(context, calendar).Deadline(row.Rule, from.GetDateTimeOffset()) : null;
        foreach (var timer in context.State.Timers.Where(t => t.ExecutionId == context.Execution.Id).DistinctBy(t => t.Purpose.StartsWith(InvitationTimer(""), StringComparison.Ordinal) ? InvitationTimer("") + t.DueAt.UtcTicks : t.Purpose))
            if (StageTimes.TaskOf(timer) is { } party)
                ExplainParty(context, party);
            else
                context.Emit(Explained(context, name, timer, limit));
    }

    private ExplainedInstant Explained(ActivityContext context, string name, TimerWait timer, Deadline? limit)
    {
        return timer.Purpose switch
        {
            RevealTimer => Instant(WhyKinds.DrawRestarts),
            VacancyTimer => Instant(WhyKinds.VacancyDue),
            PostponedTimer => Instant(WhyKinds.PanelTold),
            "remind" => Instant(WhyKinds.Remind) with { Deadline = limit, Offset = LadderText.Offset(context.Get(RemindAt)!) },
            "deadline" => Instant(WhyKinds.PanelDeadline) with
            {
                Deadline = limit,
                Held = new StageTimes(context, calendar).HeldUntil is not null,
                Extension = context.GetData("extended").ValueKind == JsonValueKind.True ? null : Text(context.Get(Extension)),
            },
            _ => Instant(WhyKinds.InvitationLapses),
        };

        ExplainedInstant Instant(string kind) => new(context.Node.Id, name, null, kind, timer.DueAt);
    }

    private void ExplainParty(ActivityContext context, Guid task)
    {
        if (context.State.Bookmarks.Find(b => b.Id == task) is not { } bookmark)
            return;
        var times = new StageTimes(context, calendar, StageTimes.ScopeOf(task));
        var due = times.Deadline(context.Get(DrawDue), times.OpenedAt);
        LadderWords.Explain(context, times, PartyStage(context, bookmark.Name!), task, due, times.Ladder(due, context.Get(DrawLadder), mayDecideByRule: false));
    }

    private static string StateOf(ActivityContext context) =>
        Waits(context, TaskKinds.PanelChair).Length > 0 ? "chair"
        : Waits(context, Counted).Length > 0 ? "counting"
        : Waits(context, TaskKinds.PanelVacancy).Length > 0 ? "vacancy"
        : Waits(context, TaskKinds.PanelSecretary).Length > 0 ? "voting"
        : "drawing";
}
