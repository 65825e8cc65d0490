using Microsoft.AspNetCore.SignalR;

namespace Talent.Workflows.Server.ElsaApi.Live;

/// <summary>Where Studio's viewer asks to be told what happens to an instance.</summary>
internal sealed class InstanceHub(LiveInstances live) : Hub
{
    public const string Path = "/elsa/hubs/workflow-instance";

    public Task ObserveInstanceAsync(string instanceId) => live.ObserveAsync(instanceId, Context.ConnectionId, Context.ConnectionAborted);

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        live.Leave(Context.ConnectionId);
        await base.OnDisconnectedAsync(exception);
    }
}
