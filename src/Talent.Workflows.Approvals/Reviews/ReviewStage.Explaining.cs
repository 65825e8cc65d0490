using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews.Assigning;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>What a review says of its waits.</summary>
public sealed partial class ReviewStage
{
    protected override void Explain(ActivityContext context)
    {
        var (times, board, tasks) = (new StageTimes(context, calendar), BoardOf(context), Tasks(context).ToArray());
        if (context.State.Bookmarks.Exists(b => b.ExecutionId == context.Execution.Id && b.Kind == AssignmentBookmark))
            context.Emit(new ExplainedSearch(context.Node.Id, context.Get(StageName)!, Empty(context.Get(Role)), context.GetOrganisation(Organisation), Empty(context.Get(Region)),
                Empty(context.Get(Assignee)) is { } named ? [named] : [.. MembersOf(context).Select(m => m.User!)]));
        foreach (var task in tasks)
            context.Emit(Explained(context, task, board, board?.OfTask(task)));
        // A limit that stands still has no instants.
        if (tasks.Length == 0 || StageClock.Of(context)?.Open is not null)
            return;
        var due = DeadlineOf(context, times);
        LadderWords.Explain(context, times, context.Get(StageName)!, board is null ? tasks[0] : null, due, times.Ladder(due, context.Get(Ladder), context.Get(MayDecide)));
        if (context.State.Timers.Find(t => t.ExecutionId == context.Execution.Id && t.Purpose == CountTimer) is { } count)
            context.Emit(new ExplainedInstant(context.Node.Id, context.Get(StageName)!, null, WhyKinds.CountVotes, count.DueAt) { Deadline = due, Held = times.HeldUntil is not null });
    }

    private static ExplainedTask Explained(ActivityContext context, Guid task, SignBoard? board, SignSeat? seat) =>
        new(context.Node.Id, task, Ground(context, seat))
        {
            Role = Empty(context.Get(Role)),
            OrganisationId = HeldAt(context),
            LevelsUp = context.Get(LevelsUp),
            Region = Empty(context.Get(Region)),
            By = seat?.AddedBy,
            TakingPart = seat is null ? [] : [.. board!.TakingPart(seat)],
            Excluded = Excluded(context).ToDictionary(user => user, user => user == context.State.Input(CaseFacts.ApplicantId) ? null : StageOf(context, user), StringComparer.Ordinal),
        };

    private static string Ground(ActivityContext context, SignSeat? seat) =>
        seat?.AddedBy is not null ? WhyGrounds.Countersigner
        : seat is not null && RuleOf(context).Mode != SignMode.Single ? WhyGrounds.Member
        : Empty(context.Get(Assignee)) is not null ? WhyGrounds.Named
        : context.Get(AssignBy) == AssignmentWays.LeastWorkload ? WhyGrounds.LeastWorkload
        : context.Get(LevelsUp) != 0 ? WhyGrounds.LevelUp
        : Empty(context.Get(Region)) is not null ? WhyGrounds.Region
        : WhyGrounds.Role;

    /// <summary>The stage that somebody decided before.</summary>
    private static string StageOf(ActivityContext context, string user) => DecidersOf(context.State).First(d => d.Stage != context.Node.Id && d.User == user).Stage;
}
