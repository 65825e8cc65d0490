using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>What a notice says of its waits.</summary>
public sealed partial class NoticeStage
{
    protected override void Explain(ActivityContext context)
    {
        var (name, objections) = (context.Get(StageName)!, Waits(context, BookmarkKinds.Task));
        var closing = context.State.Timers.Find(t => t.ExecutionId == context.Execution.Id && t.Purpose == Closing);
        DateTimeOffset? from = context.GetData("from") is { ValueKind: JsonValueKind.String } began ? began.GetDateTimeOffset() : null;
        context.Emit(new ExplainedNotice(context.Node.Id, name, Empty(Number(context)), from is null ? null : Since(context), from is null ? null : Closes(context), objections.Length, from is not null && closing is null));
        if (closing is not null && from is { } shown)
        {
            context.Emit(new ExplainedInstant(context.Node.Id, name, null, WhyKinds.NoticeEnd, closing.DueAt)
            {
                Deadline = Deadline.Compute(DeadlineRule.Workdays(WorkdaysOf(context)), shown, CaseTerms.Calendar(context.State, calendar)), Held = new StageTimes(context, calendar).HeldUntil is not null,
            });
        }
        foreach (var task in objections)
        {
            var times = new StageTimes(context, calendar, StageTimes.ScopeOf(task.Id));
            var due = times.Deadline(DueOf(context, task), times.OpenedAt);
            LadderWords.Explain(context, times, NameOf(task), task.Id, due, times.Ladder(due, context.Get(ObjectionLadder), mayDecideByRule: false));
        }
    }
}
