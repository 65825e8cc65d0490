using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>What follows a count: the outcome, or after a tie a second round or the chair's decision.</summary>
public sealed partial class ExpertPanel
{
    private const string ChairReminder = "chair-remind", ChairOverdue = "chair-overdue";

    private void AfterCount(ActivityContext context, JsonElement payload)
    {
        var code = Word(payload, "outcome");
        if (OutcomeWords.Parse(code) != PanelOutcome.Tied)
            Leave(context, code);
        else if (TieOf(context) == TieRule.Chair)
            AskChair(context);
        else
            BeginRound(context, [.. payload.GetProperty("experts").EnumerateArray().Select(e => e.GetString()!)]);
    }

    /// <summary>The same experts vote again: other ballots, another key, the whole time.</summary>
    private void BeginRound(ActivityContext context, string[] experts)
    {
        context.SetData("round", JsonSerializer.SerializeToElement(Round(context) + 1));
        foreach (var name in (string[])["cast", "extended", "held"])
            context.SetData(name, default);
        context.Log("NextRound", $"round {Round(context)}");
        OpenBallots(context, experts);
    }

    private void AskChair(ActivityContext context)
    {
        var task = context.Wait(BookmarkKinds.Task, TaskKinds.PanelChair, purpose: Named(context, "chair"));
        var due = new StageTimes(context, calendar).Deadline(context.Get(Due), context.Now)!;
        TimesOf(context, task).OpenedAt = context.Now;
        OpenOfficeTask(context, task.Id, TaskKinds.PanelChair, $"{context.Get(StageName)}·票数相同裁定", context.Get(ChairRole), ["pass", "fail"], due);
        Tell(context, "chair-asked", "stage.opened", Recipient.Task(task.Id), task.Id, due.DueAt);
        ArmChair(context, due);
    }

    private void ArmChair(ActivityContext context, Deadline due)
    {
        var overdue = WhenOpen(context, due.DueAt);
        context.WaitUntil(NotBefore(overdue, context.Now), ChairOverdue, JsonSerializer.SerializeToElement(due.DueAt));
        context.CancelTimer(ChairReminder);
        if (Text(context.Get(RemindAt)) is { } text && RemindInstant(context, text, due) is var at && at > context.Now && at < overdue)
            context.WaitUntil(at, ChairReminder, JsonSerializer.SerializeToElement(due.DueAt));
    }

    /// <summary>The chair hasn't decided: told before the limit ends, and again when it has.</summary>
    private static void RemindChair(ActivityContext context, TimerWait timer)
    {
        foreach (var task in Waits(context, TaskKinds.PanelChair))
            // A moved limit has a reminder of its own, which isn't the first one sent again.
            Tell(context, $"{timer.Purpose}-{timer.DueAt.UtcTicks}-{task.Id}", timer.Purpose == ChairReminder ? "task.reminder" : "task.overdue", Recipient.Task(task.Id), task.Id, timer.Payload.GetDateTimeOffset());
    }

    private static void ChairDecides(ActivityContext context, Bookmark task, JsonElement payload)
    {
        var outcome = Word(payload, "do") switch
        {
            "pass" => "passed",
            "fail" => "failed",
            _ => throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest, $"A tie is decided at POST /panels/{PanelId(context)}/chair.", "请通过评审会的裁定接口办理。")),
        };
        context.CancelTimer(ChairReminder);
        context.CancelTimer(ChairOverdue);
        StageTimes.Forget(context, task.Id);
        context.Emit(new CloseTask(Id(context, "chair-decided"), task.Id, TaskEnd.Done, Word(payload, "do"), Word(payload, "user")));
        Leave(context, outcome);
    }
}
