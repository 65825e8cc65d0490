using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>What a submission says of its waits.</summary>
public sealed partial class ListSubmission
{
    protected override void Explain(ActivityContext context)
    {
        DateTimeOffset? since = Number(context) is null ? null : context.GetData("since").GetDateTimeOffset();
        context.Emit(new ExplainedSubmission(context.Node.Id, context.Get(StageName)!, Number(context), since, context.Get(Receiver)!, context.Get(Role)!, Office(context)));
        // A limit that stands still has no instants.
        if (Tasks(context) is not [var task] || StageClock.Of(context)?.Open is not null)
            return;
        var times = new StageTimes(context, calendar, Scope(context));
        var due = DeadlineOf(context, times);
        LadderWords.Explain(context, times, NameNow(context), task, due, times.Ladder(due, context.Get(Ladder), mayDecideByRule: false));
    }
}
