using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Experts accept with a statement on conflicts of interest before they vote, and may be challenged until they have voted.</summary>
public sealed partial class ExpertPanel
{
    internal const string Challenged = "challenged";

    private void Invite(ActivityContext context, string expert, string within, string? replaces)
    {
        var due = new StageTimes(context, calendar).Deadline(within, context.Now)!;
        var task = context.Wait(BookmarkKinds.Task, TaskKinds.PanelInvitation, JsonSerializer.SerializeToElement(expert), Named(context, $"invitation-{expert}"));
        TimesOf(context, task).OpenedAt = context.Now;
        context.WaitUntil(due.DueAt, InvitationTimer(expert));
        context.Emit(new OpenTask(task.Id)
        {
            Stage = context.Node.Id,
            StageName = $"{context.Get(StageName)}·邀请",
            Kind = TaskKinds.PanelInvitation,
            Assignee = expert,
            Excluded = Excluded(context),
            Outcomes = ["accept", "decline"],
            Phase = context.State.Phase(),
            Due = StageTimes.Row(due),
        });
        Tell(context, $"asked-{expert}", replaces is null ? "panel.invited" : "panel.replaced", Recipient.User(expert), task.Id, due.DueAt);
    }

    private static void AnswerInvitation(ActivityContext context, Bookmark task, JsonElement payload)
    {
        var expert = Expert(task);
        var act = Word(payload, "do");
        if (act is not ("accept" or "decline"))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"Invitations to panel {PanelId(context)} are answered at POST /panels/{PanelId(context)}/invitation.", "请通过评审会的邀请接口答复。"));
        context.Emit(new CloseTask(Id(context, $"{act}-{expert}"), task.Id, TaskEnd.Done, act, expert));
        EndInvitation(context, task);
        if (act == "decline")
        {
            Replace(context, expert);
            return;
        }
        context.SetData("accepted", JsonSerializer.SerializeToElement(Accepted(context).Append(expert)));
        OpenBallot(context, expert, "stage.opened");
    }

    /// <summary>No answer is a refusal, unless no node ran: then there is another working day for it.</summary>
    private void InvitationDue(ActivityContext context, TimerWait timer)
    {
        if (Waits(context, TaskKinds.PanelInvitation).FirstOrDefault(t => InvitationTimer(Expert(t)) == timer.Purpose) is not { } task)
            return;
        if (TimesOf(context, task).Grace(timer) is { } grace)
        {
            context.WaitUntil(grace.DueAt, timer.Purpose);
            context.Emit(new TaskDue(Id(context, $"held-{task.Id}"), task.Id, StageTimes.Row(grace)!));
            return;
        }
        StageTimes.Forget(context, task.Id);
        context.Emit(new CloseTask(Id(context, $"unanswered-{Expert(task)}"), task.Id, TaskEnd.Lapsed, Reason: "no_answer"));
        context.CancelWait(task.Id);
        Replace(context, Expert(task));
    }

    /// <summary>Leaves a wait for the next challenge.</summary>
    private static void AwaitChallenge(ActivityContext context) =>
        context.Wait(WorkBookmark, Challenged, purpose: Named(context, ChallengePurpose(Challenges(context) + 1)));

    private void TakeChallenge(ActivityContext context, JsonElement payload)
    {
        var count = Challenges(context) + 1;
        context.SetData("challenges", JsonSerializer.SerializeToElement(count));
        var task = context.Wait(BookmarkKinds.Task, TaskKinds.PanelChallenge, payload.GetProperty("expert"), Named(context, $"challenge-task-{count}"));
        var due = new StageTimes(context, calendar).Deadline(context.Get(ChallengeDue), context.Now);
        TimesOf(context, task).OpenedAt = context.Now;
        OpenOfficeTask(context, task.Id, TaskKinds.PanelChallenge, $"{context.Get(StageName)}·回避申请", context.Get(SecretaryRole), ["uphold", "dismiss"], due);
        context.Emit(new ChallengeTaken(context.NewId($"challenge-taken-{count}"), PanelId(context), task.Id));
        Tell(context, $"challenge-{count}", "stage.opened", Recipient.Task(task.Id), task.Id, due?.DueAt);
        AwaitChallenge(context);
    }

    private static void DecideChallenge(ActivityContext context, Bookmark task, JsonElement payload)
    {
        var act = Word(payload, "do");
        if (act is not ("uphold" or "dismiss"))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"Challenges are decided at POST /panels/{PanelId(context)}/challenges/ID/decision.", "请通过评审会的回避申请接口办理。"));
        var (expert, seated) = (Expert(task), payload.TryGetProperty("seated", out var sits) && sits.ValueKind == JsonValueKind.True);
        var seat = Waits(context, TaskKinds.Ballot).Concat(Waits(context, TaskKinds.PanelInvitation)).FirstOrDefault(t => Expert(t) == expert);
        if (act == "uphold" && seated && seat is null)
            throw ActivityContext.Reject(HasVoted(PanelId(context), expert));
        context.Emit(new CloseTask(context.NewId($"decided-{task.Id}"), task.Id, TaskEnd.Done, act, Word(payload, "user")));
        StageTimes.Forget(context, task.Id);
        if (act != "uphold" || seat is null)
            return;
        context.Emit(new CloseTask(Id(context, $"challenged-{expert}"), seat.Id, TaskEnd.Cancelled, Reason: "challenged"));
        EndInvitation(context, seat);
        context.CancelWait(seat.Id);
        Tell(context, $"challenged-{expert}", "panel.recused", Recipient.User(expert), seat.Id, reason: "回避申请成立");
        Replace(context, expert);
    }

    internal static WorkflowException HasVoted(Guid panel, string expert) => new(ErrorCodes.WrongState,
        $"'{expert}' sits on panel {panel} and has voted: nobody can tell which vote to take out. Dismiss the challenge, or close the panel and have it judged again.",
        "该专家已投票，选票不记名，无法剔除；请驳回申请，或结束本次评审后重新评审。");

    internal static string ChallengePurpose(int number) => $"challenge-{number}";

    /// <summary>Nothing falls due of it any more. Of a ballot there is nothing to forget.</summary>
    private static void EndInvitation(ActivityContext context, Bookmark task)
    {
        context.CancelTimer(InvitationTimer(Expert(task)));
        StageTimes.Forget(context, task.Id);
    }

    /// <summary>The times of one of the panel's tasks.</summary>
    private StageTimes TimesOf(ActivityContext context, Bookmark task) => new(context, calendar, StageTimes.ScopeOf(task.Id));

    private static string InvitationTimer(string expert) => $"invitation-{expert}";

    private static int Challenges(ActivityContext context) => context.GetData("challenges") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : 0;

    private static string[] Accepted(ActivityContext context) =>
        context.GetData("accepted") is { ValueKind: JsonValueKind.Array } accepted ? [.. accepted.EnumerateArray().Select(e => e.GetString()!)] : [];
}
