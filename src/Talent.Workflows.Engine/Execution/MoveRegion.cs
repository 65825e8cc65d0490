using Talent.Workflows.Engine.Activities.Flow;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// What a move to a target takes back: all that can only be reached through it, and, where the target lies in a branch
/// whose join has been passed already, what follows that join. The other branches of such a join stay done.
/// </summary>
internal sealed class MoveRegion
{
    private readonly FlowGraph graph;
    private readonly ExecutableWorkflow workflow;
    private readonly IReadOnlySet<string> active;

    private readonly HashSet<string> reached;

    private MoveRegion(ExecutableWorkflow workflow, FlowGraph graph, string target, bool rejoins, IReadOnlySet<string> active, IEnumerable<FlowToken> tokens)
    {
        (this.workflow, this.graph, this.active) = (workflow, graph, active);
        // What waits for a correction stands where that leads back to: the joins after it aren't passed any more.
        reached = [.. active.SelectMany(Places), .. tokens.Where(t => t.From != Moved).Select(t => t.From)];
        Activities = new(graph.Dominated(target), StringComparer.Ordinal);
        if (rejoins)
            foreach (var rejoined in graph.Rejoined(target))
                Activities.UnionWith(graph.Dominated(rejoined));
        while (NextPassedJoin() is { } merge)
        {
            Activities.UnionWith(graph.Dominated(merge));
            PassedJoins.Add(merge);
        }
        Activities.UnionWith(active.Where(id => !Activities.Contains(id) && graph.IsDetour(id) && graph.Rejoined(id).Any(Activities.Contains)).ToList());
    }

    /// <summary>The source of a token that a move put down: it came over no connection.</summary>
    public const string Moved = "";

    public HashSet<string> Activities { get; }

    public List<string> PassedJoins { get; } = [];

    /// <param name="rejoins">The target is a detour on the way back, as for a correction: what that comes to is taken back at once.</param>
    /// <param name="active">Activities that run, wait, or have completed and are still to be followed.</param>
    public static MoveRegion Of(ExecutableWorkflow workflow, FlowGraph graph, string target, bool rejoins, IReadOnlySet<string> active, IEnumerable<FlowToken> tokens) =>
        new(workflow, graph, target, rejoins, active, tokens);

    /// <summary>Tokens that passed joins have to be given back, for the branches that stay done.</summary>
    public IEnumerable<FlowToken> RestoredTokens() =>
        from merge in PassedJoins
        from inbound in graph.ForwardInbound(merge)
        where !Activities.Contains(inbound.Source) && !active.Contains(inbound.Source)
        select new FlowToken(inbound.Source, inbound.Port, inbound.Target);

    private IEnumerable<string> Places(string activity) =>
        graph.IsDetour(activity) && graph.Rejoined(activity).ToList() is { Count: > 0 } places ? places : [activity];

    private string? NextPassedJoin() =>
        (from activity in Activities
         from edge in graph.Outbound(activity)
         where !Activities.Contains(edge.Target)
               && graph.ForwardInbound(edge.Target).Count > 1
               && graph.ForwardInbound(edge.Target).Contains(edge)
               && MergeModes.Of(workflow.Activity(edge.Target)) is not (MergeMode.Cascade or MergeMode.Race)
               && IsPassed(edge.Target)
         select edge.Target).Order(StringComparer.Ordinal).FirstOrDefault();

    // Something that comes after the join runs, or has sent a token on: only through the join could it come to that.
    private bool IsPassed(string merge) => reached.Any(id => id == merge || graph.ForwardAncestors(id).Contains(merge));
}
