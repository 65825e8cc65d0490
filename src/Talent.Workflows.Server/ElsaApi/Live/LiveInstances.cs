using Microsoft.AspNetCore.SignalR;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Server.ElsaApi.Instances;

namespace Talent.Workflows.Server.ElsaApi.Live;

/// <summary>
/// Tells viewers what changed in the instances they have open. The tail of the journal says that something did, on
/// whichever node; of many steps in a row they hear twice a second. One loop an instance, while anybody looks at it.
/// </summary>
internal sealed partial class LiveInstances(IHubContext<InstanceHub> hub, InstanceChanges changes, WorkflowRuntime runtime, ExecutionEndpoints.Sources sources, TimeProvider time, ILogger<LiveInstances> logger) : IDisposable
{
    public const int MostInstances = 1000;
    public const int MostAConnection = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Guid, Viewers> open = [];
    private readonly Dictionary<string, HashSet<Guid>> byConnection = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    public async Task ObserveAsync(string instanceId, string connection, CancellationToken left)
    {
        if (!Guid.TryParse(instanceId, out var id) || await runtime.ReadAsync(id, default) is not { } record)
            throw new HubException("流程实例不存在。 There is no such instance.");
        // Begun before the answer, so that nothing which happens from now on is missed.
        lock (gate)
        {
            var mine = byConnection.TryGetValue(connection, out var known) ? known : byConnection[connection] = [];
            if (mine.Contains(id))
                return;
            if (mine.Count >= MostAConnection || (open.Count >= MostInstances && !open.ContainsKey(id)))
                throw new HubException("同时查看的流程实例过多。 Too many instances are being watched.");
            mine.Add(id);
            if (!open.TryGetValue(id, out var viewers))
            {
                viewers = open[id] = new Viewers();
                _ = FollowAsync(id, record.Version, viewers);
            }
            viewers.Connections.Add(connection);
        }
        // Its end may have come before it was known here, and comes only once.
        if (left.IsCancellationRequested)
        {
            Leave(connection);
            return;
        }
        // What happened after the viewer had read the instance, and before it could ask to be told of it.
        await TellAsync(id, after: 0, [connection], default);
    }

    public void Leave(string connection)
    {
        lock (gate)
        {
            if (!byConnection.Remove(connection, out var mine))
                return;
            foreach (var id in mine)
                if (open.TryGetValue(id, out var viewers) && viewers.Connections.Remove(connection) && viewers.Connections.Count == 0)
                {
                    open.Remove(id);
                    viewers.Stop.Cancel();
                }
        }
    }

    public void Dispose()
    {
        lock (gate)
            foreach (var viewers in open.Values)
                viewers.Stop.Cancel();
    }

    private async Task FollowAsync(Guid id, long version, Viewers viewers)
    {
        using var watch = changes.Begin(id);
        var token = viewers.Stop.Token;
        while (!token.IsCancellationRequested)
            try
            {
                if (!await watch.WaitAsync(version, Wait, token))
                    continue;
                version = await TellAsync(id, version, ConnectionsOf(viewers), token);
                await Task.Delay(Pause, time, token);
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cause)
            {
                LogFailed(cause, id);
                await Task.Delay(Wait, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    private List<string> ConnectionsOf(Viewers viewers)
    {
        lock (gate)
            return [.. viewers.Connections];
    }

    private async Task<long> TellAsync(Guid id, long after, IReadOnlyList<string> connections, CancellationToken cancellationToken)
    {
        var log = await sources.LogAsync(id.ToString(), cancellationToken);
        var to = hub.Clients.Clients(connections);
        var stats = log.Executions.Values.GroupBy(e => e.NodeId).Where(node => node.Any(e => e.LastStep > after)).Select(ActivityStats.Of).ToList();
        if (stats.Count > 0)
        {
            await to.SendAsync("WorkflowExecutionLogUpdatedAsync", new { }, cancellationToken);
            await to.SendAsync("ActivityExecutionLogUpdatedAsync", new { stats }, cancellationToken);
        }
        await to.SendAsync("WorkflowInstanceUpdatedAsync", new { workflowInstanceId = id.ToString() }, cancellationToken);
        return log.Instance.Version;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Viewers of instance {Instance} could not be told of a change; trying again later")]
    private partial void LogFailed(Exception cause, Guid instance);

    private sealed class Viewers
    {
        public HashSet<string> Connections { get; } = new(StringComparer.Ordinal);
        public CancellationTokenSource Stop { get; } = new();
    }
}
