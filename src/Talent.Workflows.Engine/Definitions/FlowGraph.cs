using System.Collections.Concurrent;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>
/// The graph of one flowchart as seen from where it begins: inbound and outbound edges, which edges lead forward (can be
/// reached and don't close a loop), and what an activity dominates (can only be reached through it). Computed once per
/// definition version and beginning.
/// </summary>
public sealed class FlowGraph
{
    private readonly Dictionary<string, List<Connection>> outbound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Connection>> inbound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Connection>> forwardInbound = new(StringComparer.Ordinal);
    // Filled on demand: a flat chart of thousands would hold the square of that otherwise.
    private readonly ConcurrentDictionary<string, IReadOnlySet<string>> dominated = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlySet<string>> ancestors = new(StringComparer.Ordinal);

    /// <param name="flowchart">The flowchart.</param>
    /// <param name="entry">The activity whose trigger began it; null or empty: it begins at its start.</param>
    public FlowGraph(ActivityNode flowchart, string? entry = null)
    {
        Start = flowchart.Activities.FirstOrDefault(a => a.Id == entry) ?? ResolveStart(flowchart);
        foreach (var activity in flowchart.Activities)
        {
            outbound[activity.Id] = [];
            inbound[activity.Id] = [];
        }
        foreach (var connection in flowchart.Connections.Distinct())
        {
            outbound[connection.Source].Add(connection);
            inbound[connection.Target].Add(connection);
        }
        var forward = ForwardEdges();
        foreach (var activity in flowchart.Activities)
            forwardInbound[activity.Id] = [.. inbound[activity.Id].Where(forward.Contains)];
    }

    /// <summary>Where the flowchart begins; null when it holds no activity.</summary>
    public ActivityNode? Start { get; }

    public IReadOnlyList<Connection> Outbound(string activityId) => outbound[activityId];

    public IReadOnlyList<Connection> Inbound(string activityId) => inbound[activityId];

    /// <summary>Inbound edges that can be reached and don't close a loop.</summary>
    public IReadOnlyList<Connection> ForwardInbound(string activityId) => forwardInbound[activityId];

    /// <summary>The activity itself and all that can only be reached through it.</summary>
    public IReadOnlySet<string> Dominated(string activityId) => dominated.GetOrAdd(activityId, id =>
        Reach(without: null).Except(Reach(without: id)).Append(id).ToHashSet(StringComparer.Ordinal));

    /// <summary>All that leads to the activity over forward edges, itself left out.</summary>
    public IReadOnlySet<string> ForwardAncestors(string activityId) => ancestors.GetOrAdd(activityId, Ancestors);

    // Elsa's order: an Elsa.Start, then what may start the workflow, then what nothing leads to, then the first.
    private static ActivityNode? ResolveStart(ActivityNode flowchart)
    {
        var targets = flowchart.Connections.Select(c => c.Target).ToHashSet(StringComparer.Ordinal);
        return flowchart.Activities.FirstOrDefault(a => a.Type == "Elsa.Start")
            ?? flowchart.Activities.FirstOrDefault(a => a.CanStartWorkflow)
            ?? flowchart.Activities.FirstOrDefault(a => !targets.Contains(a.Id))
            ?? (flowchart.Activities.Count > 0 ? flowchart.Activities[0] : null);
    }

    private HashSet<Connection> ForwardEdges()
    {
        var forward = new HashSet<Connection>();
        if (Start is null)
            return forward;
        var done = new HashSet<string>(StringComparer.Ordinal);
        var open = new HashSet<string>(StringComparer.Ordinal);
        var stack = new Stack<(string Id, int Next)>();
        stack.Push((Start.Id, 0));
        open.Add(Start.Id);
        while (stack.TryPop(out var top))
        {
            var edges = outbound[top.Id];
            if (top.Next == edges.Count)
            {
                open.Remove(top.Id);
                done.Add(top.Id);
                continue;
            }
            stack.Push((top.Id, top.Next + 1));
            var edge = edges[top.Next];
            if (open.Contains(edge.Target))
                continue;
            forward.Add(edge);
            if (!done.Contains(edge.Target))
            {
                stack.Push((edge.Target, 0));
                open.Add(edge.Target);
            }
        }
        return forward;
    }

    private HashSet<string> Reach(string? without)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (Start is null || Start.Id == without)
            return seen;
        var queue = new Queue<string>([Start.Id]);
        seen.Add(Start.Id);
        while (queue.TryDequeue(out var id))
            foreach (var edge in outbound[id])
                if (edge.Target != without && seen.Add(edge.Target))
                    queue.Enqueue(edge.Target);
        return seen;
    }

    private HashSet<string> Ancestors(string id)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var queue = new Queue<string>([id]);
        while (queue.TryDequeue(out var current))
            foreach (var edge in forwardInbound[current])
                if (seen.Add(edge.Source))
                    queue.Enqueue(edge.Source);
        seen.Remove(id);
        return seen;
    }
}
