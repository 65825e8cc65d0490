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
        if (child.MovesBack)
        {
            foreach (var connection in active)
                context.MoveTo(context.Bound(connection.Target).Node, connection.Source);
        }
        else
        {
            foreach (var connection in active)
                tokens.Add(new FlowToken(connection.Source, connection.Port, connection.Target));
            foreach (var arrivals in active.GroupBy(c => c.Target, StringComparer.Ordinal))
                Arrive(context, context.Bound(arrivals.Key), [.. arrivals]);
        }
        CompleteWhenIdle(context);
    }

    private static void Arrive(ActivityContext context, BoundActivity target, IReadOnlyList<Connection> arrivals)
    {
        switch (MergeModes.Of(target))
        {
            case MergeMode.Merge:
                RunWhenAllArrived(context, target, context.Graph.ForwardInbound(target.Node.Id));
                break;
            case MergeMode.Converge:
                RunWhenAllArrived(context, target, context.Graph.Inbound(target.Node.Id));
                break;
            case MergeMode.Cascade:
                foreach (var _ in arrivals)
                    context.Schedule(target.Node);
                break;
            case MergeMode.Race:
                Race(context, target);
                break;
            default:
                RunWhenNothingIsOnItsWay(context, target);
                break;
        }
    }

    private static void RunWhenAllArrived(ActivityContext context, BoundActivity target, IReadOnlyList<Connection> inbound)
    {
        var tokens = context.Execution.Tokens!;
        if (inbound.Count <= 1 || inbound.All(c => tokens.Contains(new FlowToken(c.Source, c.Port, c.Target))))
            context.Schedule(target.Node);
    }

    // Elsa looks one activity back for an implicit merge; an explicit join has to see the whole branch, or a branch of two
    // activities would run it early and twice.
    private static void RunWhenNothingIsOnItsWay(ActivityContext context, BoundActivity target)
    {
        var before = target.Node.Type == FlowJoin.TypeName
            ? context.Graph.ForwardAncestors(target.Node.Id)
            : context.Graph.ForwardInbound(target.Node.Id).Select(c => c.Source);
        if (!before.Any(id => IsActive(context, id)))
            context.Schedule(target.Node);
    }

    private static bool IsActive(ActivityContext context, string activityId) =>
        context.Execution.Tokens!.Exists(t => t.To == activityId) || context.HasPending(activityId);

    private static void Race(ActivityContext context, BoundActivity target)
    {
        foreach (var loser in context.Graph.ForwardAncestors(target.Node.Id))
        {
            context.CancelChildren(loser, $"'{target.Node.Id}' was reached first by another path.");
            context.Execution.Tokens!.RemoveAll(t => t.To == loser);
        }
        context.Schedule(target.Node);
    }

    private static void CompleteWhenIdle(ActivityContext context)
    {
        if (!context.HasPending())
            context.Complete();
    }
}
