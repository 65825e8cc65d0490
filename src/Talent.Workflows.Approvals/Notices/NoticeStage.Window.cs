using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>How long a notice is up, and what moves its end: a correction, an extension, another calendar.</summary>
public sealed partial class NoticeStage
{
    /// <summary>Names of the stimulus by which a clerk changes an open notice.</summary>
    internal const string Corrected = "notice-correction", Extended = "notice-extension";

    protected override bool Heeds => true;

    protected override void Revise(ActivityContext context, string name, JsonElement payload)
    {
        CaseClock.Heed(context, name);
        if (name is Corrected or Extended)
            Change(context, name, StageRevision.Of(payload));
        else if (name == StageRevision.Calendar)
            Recount(context, name, StageRevision.Of(payload));
    }

    private void Change(ActivityContext context, string name, StageRevision revision)
    {
        if (revision.TaskId != NoticeId(context) || !IsUp(context))
            return;
        var window = name == Extended ? Later(context, revision.Workdays) : context.Get(Correction) switch
        {
            CorrectionWays.Keep => null,
            CorrectionWays.Extend => Later(context, context.Get(CorrectionWorkdays)),
            _ => Restarted(context),
        };
        context.Emit(new ChangeNotice(context.NewId($"changed-{revision.Key}"), NoticeId(context), name == Extended ? NoticeChange.Extended : NoticeChange.Corrected, window,
            context.Get(ClerkRole)!, context.GetOrganisation(Organisation)));
        context.Log("NoticeChanged", name);
        Tell(context, $"changed-{revision.Key}", "notice.changed", Recipient.Applicant, new() { ["noticeFrom"] = Iso(Since(context)), ["noticeUntil"] = LastDay(Closes(context)) });
    }

    /// <summary>Working days more, counted from the day on which it was to end.</summary>
    private Deadline Later(ActivityContext context, int workdays)
    {
        var last = Closes(context).AddTicks(-1);
        return Moved(context, Deadline.Compute(DeadlineRule.Workdays(workdays), last, CaseTerms.Calendar(context.State, calendar)), last, workdays);
    }

    private Deadline? Restarted(ActivityContext context)
    {
        var window = Deadline.Compute(DeadlineRule.Workdays(context.Get(Workdays)), context.Now, CaseTerms.Calendar(context.State, calendar));
        return window.DueAt <= Closes(context) ? null : Moved(context, window, context.Now, context.Get(Workdays));
    }

    private Deadline Moved(ActivityContext context, Deadline window, DateTimeOffset from, int workdays)
    {
        // Another outage at the new end is made up for again.
        new StageTimes(context, calendar).HeldUntil = null;
        ShowUntil(context, window, from, workdays);
        return window;
    }

    /// <summary>Another calendar counts for the notice and for the objections to it.</summary>
    private void Recount(ActivityContext context, string name, StageRevision revision)
    {
        foreach (var task in Waits(context, BookmarkKinds.Task))
        {
            var times = new StageTimes(context, calendar, StageTimes.ScopeOf(task.Id));
            if (times.Deadline(DueOf(context, task), times.OpenedAt) is not { } due)
                continue;
            times.Rearm(times.Ladder(due, context.Get(ObjectionLadder), mayDecideByRule: false));
            revision.Move(context, name, task.Id, due);
        }
        // The public was told an end: it may come later, never sooner.
        if (!IsUp(context) || context.GetData("from") is not { ValueKind: JsonValueKind.String } from)
            return;
        var window = Deadline.Compute(DeadlineRule.Workdays(WorkdaysOf(context)), from.GetDateTimeOffset(), CaseTerms.Calendar(context.State, calendar));
        if (window.DueAt <= Closes(context))
            return;
        var old = Closes(context);
        ShowUntil(context, window, from.GetDateTimeOffset(), WorkdaysOf(context));
        context.Emit(new ExtendNotice(context.NewId($"extended-{revision.Key}"), NoticeId(context), window));
        context.Emit(new DeadlineRevised(context.NewId($"moved-{revision.Key}"), LimitKinds.Stage, null, context.Node.Id, name, old, StageTimes.Row(window)!));
        Tell(context, $"moved-{revision.Key}", "notice.opened", Recipient.Applicant, new() { ["noticeFrom"] = Iso(Since(context)), ["noticeUntil"] = LastDay(window.DueAt) });
    }

    /// <summary>Of the window that counts now. Notices of earlier releases had their own, or one day after an outage.</summary>
    private int WorkdaysOf(ActivityContext context) => context.GetData("workdays") is { ValueKind: JsonValueKind.Number } workdays ? workdays.GetInt32()
        : new StageTimes(context, calendar).HeldUntil is null ? context.Get(Workdays) : 1;

    /// <param name="from">The instant from which its working days are counted.</param>
    private static void ShowUntil(ActivityContext context, Deadline window, DateTimeOffset from, int workdays)
    {
        context.SetData("closes", JsonSerializer.SerializeToElement(window.DueAt));
        context.SetData("from", JsonSerializer.SerializeToElement(from));
        context.SetData("workdays", JsonSerializer.SerializeToElement(workdays));
        context.WaitUntil(window.DueAt, Closing);
    }

    private static bool IsUp(ActivityContext context) =>
        context.State.Timers.Exists(t => t.ExecutionId == context.Execution.Id && t.Purpose == Closing) && context.Now < Closes(context);

    /// <summary>When it was posted.</summary>
    private static DateTimeOffset Since(ActivityContext context) =>
        (context.GetData("since") is { ValueKind: JsonValueKind.String } since ? since : context.GetData("from")).GetDateTimeOffset();
}
