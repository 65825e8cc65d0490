using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>
/// Elsa.Flowchart in token mode. A completed activity consumes the tokens that led to it and puts one on each connection
/// of its outcomes; the merge mode of the target says whether it runs now. The chart completes when nothing is left to run.
/// </summary>
public sealed class Flowchart : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Flowchart", "Flow", "Flowchart", "Runs activities along their connections.") { IsContainer = true, IsBrowsable = false };

    protected internal override void Execute(ActivityContext context)
    {
        if (context.Execution.Tokens is null)
        {
            context.Execution.Tokens = [];
            context.Execution.Entry = context.TriggeredChild?.Id;
            if (context.Graph.Start is { } start)
                context.Schedule(start);
        }
        CompleteWhenIdle(context);
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        if (child.EndsFlow)
        {
            context.Complete();
            return;
        }
        var tokens = context.Execution.Tokens!;
        tokens.RemoveAll(t => t.To == child.Node.Id);
        var active = context.Graph.Outbound(child.Node.Id).Where(c => child.Outcomes.Contains(c.Port)).ToList();
        if (child.BackTo is { } earlier)
            context.MoveBackTo(context.Bound(earlier).Node, child.Node.Id);
        else if (child.MovesBack)
        {
            foreach (var connection in active)
                context.MoveTo(context.Bound(connection.Target).Node, connection.Source);
        }
        else
        {
            Emit(tokens, child.Node.Id, active);
            var arrivals = new Arrivals(context);
            foreach (var target in active.Count == 1 ? [active[0].Target] : active.Select(c => c.Target).Distinct(StringComparer.Ordinal))
                Arrive(context, context.Bound(target), active, arrivals);
        }
        CompleteWhenIdle(context);
    }

    // A second token on a connection would say nothing that the first doesn't: whoever takes them takes all.
    private static void Emit(List<FlowToken> tokens, string from, List<Connection> active)
    {
        var there = tokens.Exists(t => t.From == from) ? tokens.Where(t => t.From == from).ToHashSet() : null;
        foreach (var connection in active)
            if (new FlowToken(connection.Source, connection.Port, connection.Target) is var token && there?.Contains(token) != true)
                tokens.Add(token);
    }

    private static void Arrive(ActivityContext context, BoundActivity target, List<Connection> active, Arrivals arrivals)
    {
        var id = target.Node.Id;
        switch (MergeModes.Of(target))
        {
            case MergeMode.Merge or MergeMode.Converge when !arrivals.HasAll(MergeModes.Needed(target, context.Graph)):
            case MergeMode.Stream when arrivals.AnyOnItsWay(Before(context, target)) || (target.Node.Type == FlowJoin.TypeName && AnyCorrected(context, id)):
                break;
            case MergeMode.Cascade:
                for (var i = active.Count(c => c.Target == id); i > 0; i--)
                    context.Schedule(target.Node);
                break;
            case MergeMode.Race:
                CancelOthers(context, id);
                arrivals.Forget();
                context.Schedule(target.Node);
                break;
            default:
                context.Schedule(target.Node);
                break;
        }
    }

    // Elsa looks one activity back for an implicit merge; an explicit join has to see the whole branch, or a branch of two
    // activities would run it early and twice.
    private static IEnumerable<string> Before(ActivityContext context, BoundActivity target) =>
        target.Node.Type == FlowJoin.TypeName ? context.Graph.ForwardAncestors(target.Node.Id) : context.Graph.ForwardInbound(target.Node.Id).Select(c => c.Source);

    // What waits for a correction in one of the branches comes to the join afterwards, though the correction lies in none of them.
    private static bool AnyCorrected(ActivityContext context, string join) =>
        context.PendingChildren().Any(id => context.Graph.IsDetour(id) && context.Graph.ReachedFrom([id], onwards: true).Contains(join));

    private static void CancelOthers(ActivityContext context, string target)
    {
        foreach (var loser in context.Graph.ForwardAncestors(target))
        {
            context.CancelChildren(loser, $"'{target}' was reached first by another path.");
            context.Execution.Tokens!.RemoveAll(t => t.To == loser);
        }
    }

    internal static void CompleteWhenIdle(ActivityContext context)
    {
        if (!context.HasPending())
            context.Complete();
    }

    /// <summary>Where tokens lie and what runs, looked up once for all connections that one activity has left by.</summary>
    private sealed class Arrivals(ActivityContext context)
    {
        private HashSet<FlowToken>? tokens;
        private HashSet<string>? onTheirWay;

        public bool HasAll(IReadOnlyList<Connection> inbound)
        {
            tokens ??= [.. context.Execution.Tokens!];
            return inbound.Count <= 1 || inbound.All(c => tokens.Contains(new FlowToken(c.Source, c.Port, c.Target)));
        }

        /// <summary>True when one of them runs, or a token leads to it.</summary>
        public bool AnyOnItsWay(IEnumerable<string> activities)
        {
            var there = context.Execution.Tokens!;
            // In most charts there are so few that looking is cheaper than remembering.
            if (onTheirWay is null && there.Count <= 16)
                return activities.Any(id => there.Exists(t => t.To == id) || context.HasPending(id));
            onTheirWay ??= [.. there.Select(t => t.To), .. context.PendingChildren()];
            return activities.Any(onTheirWay.Contains);
        }

        public void Forget() => (tokens, onTheirWay) = (null, null);
    }
}
