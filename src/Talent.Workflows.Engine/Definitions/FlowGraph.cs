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

    private readonly Func<Connection, bool>? leadsBack;
    private HashSet<string>? detours;

    /// <param name="flowchart">The flowchart.</param>
    /// <param name="entry">The activity whose trigger began it; null or empty: it begins at its start.</param>
    /// <param name="leadsBack">Connections by which a stage sends back what has come to it; null: none.</param>
    public FlowGraph(ActivityNode flowchart, string? entry = null, Func<Connection, bool>? leadsBack = null)
    {
        this.leadsBack = leadsBack;
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

    /// <summary>The activity itself and all that can only be reached through it; what leads back there doesn't count.</summary>
    public IReadOnlySet<string> Dominated(string activityId) => dominated.GetOrAdd(activityId, id =>
        Reach(without: null).Except(Reach(without: id)).Append(id).ToHashSet(StringComparer.Ordinal));

    /// <summary>
    /// Where the way back that begins with an activity comes to what was there before: the ends of connections that don't lead
    /// forward, from the activities that can only be reached through it.
    /// </summary>
    public IEnumerable<string> Rejoined(string activityId)
    {
        var way = Dominated(activityId);
        return way.SelectMany(id => outbound[id]).Where(c => !way.Contains(c.Target) && !forwardInbound[c.Target].Contains(c)).Select(c => c.Target).Distinct(StringComparer.Ordinal);
    }

    /// <summary>Whether nothing but a way back leads to an activity, as to a correction.</summary>
    public bool IsDetour(string activityId) => (detours ??= Start is null ? [] : ReachedFrom([Start.Id]).Except(ReachedFrom([Start.Id], onwards: true)).ToHashSet(StringComparer.Ordinal)).Contains(activityId);

    /// <summary>All that leads to the activity over forward edges, itself left out.</summary>
    public IReadOnlySet<string> ForwardAncestors(string activityId) => ancestors.GetOrAdd(activityId, Ancestors);

    /// <summary>What leads to an activity over forward edges and counts, the nearest first; direct: with nothing that counts between.</summary>
    public IEnumerable<(string Id, bool Direct)> Before(string activityId, Func<string, bool> counts)
    {
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal) { activityId };
        var queue = new Queue<string>(seen);
        while (queue.TryDequeue(out var current))
            foreach (var edge in forwardInbound[current])
                if (seen.Add(edge.Source))
                {
                    queue.Enqueue(edge.Source);
                    if (counts(edge.Source))
                        found.Add(edge.Source);
                }
        // By another way, past a branch that wasn't taken, an activity may look nearer than it is.
        return found.Select(id => (id, !found.Exists(between => ForwardAncestors(between).Contains(id))));
    }

    /// <summary>The activities themselves and all that connections lead to from them.</summary>
    /// <param name="onwards">Connections by which a stage sends back what has come to it aren't followed.</param>
    public HashSet<string> ReachedFrom(IEnumerable<string> activityIds, bool onwards = false) => Walk(activityIds, edge => !(onwards && leadsBack?.Invoke(edge) == true));

    private HashSet<string> Walk(IEnumerable<string> activityIds, Func<Connection, bool> follows)
    {
        var seen = activityIds.ToHashSet(StringComparer.Ordinal);
        var queue = new Queue<string>(seen);
        while (queue.TryDequeue(out var id))
            foreach (var edge in outbound[id])
                if (follows(edge) && seen.Add(edge.Target))
                    queue.Enqueue(edge.Target);
        return seen;
    }

    // Elsa's order: an Elsa.Start, then what may start the workflow, then what nothing leads to, then the first.
    private static ActivityNode? ResolveStart(ActivityNode flowchart)
    {
        var targets = flowchart.Connections.Select(c => c.Target).ToHashSet(StringComparer.Ordinal);
        return flowchart.Activities.FirstOrDefault(a => a.Type == "Elsa.Start")
            ?? flowchart.Activities.FirstOrDefault(a => a.CanStartWorkflow)
            ?? flowchart.Activities.FirstOrDefault(a => !targets.Contains(a.Id))
            ?? (flowchart.Activities.Count > 0 ? flowchart.Activities[0] : null);
    }

    // What leads back is left for the end: a way back may come to any of the branches before it, and mustn't make that
    // branch look as if it came later.
    private HashSet<Connection> ForwardEdges()
    {
        var forward = new HashSet<Connection>();
        if (Start is null)
            return forward;
        var done = new HashSet<string>(StringComparer.Ordinal);
        var back = new Queue<Connection>();
        Explore(Start.Id, earlier: null);
        while (back.TryDequeue(out var connection))
        {
            // The stage that it leads to directly was there before; any other way there begins at it.
            if (done.Contains(connection.Target))
                continue;
            forward.Add(connection);
            Explore(connection.Target, earlier: [.. done]);
        }
        return forward;

        void Explore(string start, HashSet<string>? earlier)
        {
            var open = new HashSet<string>(StringComparer.Ordinal) { start };
            var stack = new Stack<(string Id, int Next)>();
            stack.Push((start, 0));
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
                if (leadsBack?.Invoke(edge) == true)
                {
                    back.Enqueue(edge);
                    continue;
                }
                if (open.Contains(edge.Target) || (earlier?.Contains(edge.Target) == true && Leads(edge.Target, top.Id)))
                    continue;
                forward.Add(edge);
                if (!done.Contains(edge.Target))
                {
                    stack.Push((edge.Target, 0));
                    open.Add(edge.Target);
                }
            }
        }
    }

    /// <summary>Whether connections lead from one activity to another.</summary>
    private bool Leads(string from, string to)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { from };
        var queue = new Queue<string>(seen);
        while (queue.TryDequeue(out var id))
            foreach (var edge in outbound[id])
                if (edge.Target == to)
                    return true;
                else if (seen.Add(edge.Target))
                    queue.Enqueue(edge.Target);
        return false;
    }

    // A way back isn't another way there: by what comes after a join it would seem to lead around the stages of a branch.
    private HashSet<string> Reach(string? without) => Start is null || Start.Id == without ? [] : Walk([Start.Id], edge => edge.Target != without && !ComesBack(edge));

    private bool ComesBack(Connection edge) =>
        !IsDetour(edge.Target) && (leadsBack?.Invoke(edge) == true || IsDetour(edge.Source)) && !forwardInbound[edge.Target].Contains(edge);

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
