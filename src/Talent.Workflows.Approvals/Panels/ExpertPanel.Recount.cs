using System.Text.Json;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Another calendar counts: every open task of the panel moves by its own rule, and its timer with it.</summary>
/// <remarks>Source: R-REV-4. What an outage has put off stays as it was announced.</remarks>
public sealed partial class ExpertPanel
{
    private void Recount(ActivityContext context, StageRevision revision)
    {
        foreach (var task in context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id && b.Kind == BookmarkKinds.Task).ToArray())
            switch (task.Name)
            {
                case TaskKinds.PanelCommit or TaskKinds.PanelReveal:
                    RecountParty(context, revision, task);
                    break;
                case TaskKinds.PanelInvitation:
                    RecountInvitation(context, revision, task);
                    break;
                case TaskKinds.PanelChallenge when TimesOf(context, task) is { KnowsOpening: true } times && times.Deadline(context.Get(ChallengeDue), times.OpenedAt) is { } due:
                    revision.Move(context, StageRevision.Calendar, task.Id, due);
                    break;
                case TaskKinds.PanelChair when TimesOf(context, task) is { KnowsOpening: true } times:
                    var decide = times.Deadline(context.Get(Due), times.OpenedAt)!;
                    ArmChair(context, decide);
                    revision.Move(context, StageRevision.Calendar, task.Id, decide);
                    break;
                case TaskKinds.PanelVacancy:
                    ReviseVacancy(context, revision, task);
                    break;
            }
        // While experts are looked for nothing falls due of the vote, and who comes gives it the whole time again.
        if (Waits(context, TaskKinds.PanelSecretary).Length > 0 && Waits(context, TaskKinds.PanelVacancy) is [])
            RecountVote(context, revision);
    }

    private void RecountParty(ActivityContext context, StageRevision revision, Bookmark task)
    {
        var times = TimesOf(context, task);
        if (RevealTimes(context).HeldUntil is not null || times.Deadline(context.Get(DrawDue), times.OpenedAt) is not { } due)
            return;
        times.Rearm(times.Ladder(due, context.Get(DrawLadder), mayDecideByRule: false));
        if (task.Name == TaskKinds.PanelReveal)
            context.WaitUntil(NotBefore(due.DueAt, context.Now), RevealTimer);
        revision.Move(context, StageRevision.Calendar, task.Id, due);
    }

    private void RecountInvitation(ActivityContext context, StageRevision revision, Bookmark task)
    {
        if (TimesOf(context, task) is not { KnowsOpening: true, HeldUntil: null } times || times.Deadline(context.Get(Accept), times.OpenedAt) is not { } due)
            return;
        context.WaitUntil(NotBefore(due.DueAt, context.Now), InvitationTimer(Expert(task)));
        revision.Move(context, StageRevision.Calendar, task.Id, due);
    }

    private void RecountVote(ActivityContext context, StageRevision revision)
    {
        if (Row(context) is not { } row || context.GetData("from") is not { ValueKind: JsonValueKind.String } from)
            return;
        var deadline = new StageTimes(context, calendar).Deadline(row.Rule, from.GetDateTimeOffset())!;
        if (deadline.DueAt != row.At)
            context.Emit(new ChangePanel(context.NewId($"panel-{revision.Key}"), PanelId(context), DueAt: deadline.DueAt));
        SetDue(context, deadline, from.GetDateTimeOffset());
        foreach (var task in VoteTasks(context))
            revision.Move(context, StageRevision.Calendar, task.Id, deadline);
    }

    /// <summary>The tasks whose deadline is that of the vote: the ballots, and the secretary's that ends with it.</summary>
    private static Bookmark[] VoteTasks(ActivityContext context) =>
        [.. context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id && b.Name is TaskKinds.Ballot or TaskKinds.PanelSecretary)];

    private static DateTimeOffset NotBefore(DateTimeOffset at, DateTimeOffset now) => at > now ? at : now;
}
