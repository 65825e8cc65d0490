using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

public sealed class HubTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const char End = '\u001e';
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Hub_WhenAnObservedInstanceMoves_ThenItsViewerHearsOfItWithTheBadges()
    {
        var (id, _) = await server.StartAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = await ConnectAsync(limit.Token);
        await SendAsync(socket, $$$"""{"type":1,"invocationId":"1","target":"ObserveInstanceAsync","arguments":["{{{id}}}"]}""", limit.Token);
        var messages = ReadAsync(socket, limit.Token).GetAsyncEnumerator(limit.Token);
        while (await messages.MoveNextAsync() && messages.Current.GetProperty("type").GetInt32() != 3)
        {
        }
        Assert.False(messages.Current.TryGetProperty("error", out _));

        (await server.SendAsync("POST", "/elsa/api/events/paid/trigger", new { workflowInstanceId = id })).Is(200);

        var heard = new Dictionary<string, JsonElement>();
        while (!heard.ContainsKey("WorkflowInstanceUpdatedAsync") && await messages.MoveNextAsync())
            if (messages.Current.TryGetProperty("target", out var target))
                heard[target.GetString()!] = messages.Current.GetProperty("arguments")[0];
        Assert.Equal(id, heard["WorkflowInstanceUpdatedAsync"].GetProperty("workflowInstanceId").GetGuid());
        Assert.True(heard.ContainsKey("WorkflowExecutionLogUpdatedAsync"));
        var wait = heard["ActivityExecutionLogUpdatedAsync"].GetProperty("stats").EnumerateArray().Single(s => s.GetProperty("activityId").GetString() == "wait");
        Assert.Equal(1, wait.GetProperty("completedCount").GetInt32());
        Assert.False(wait.GetProperty("isBlocked").GetBoolean());
    }

    [Fact]
    public async Task Hub_WhenAnInstanceMovedBeforeItsViewerObservedIt_ThenTheViewerHearsOfItAtOnce()
    {
        var (id, _) = await server.StartAsync();
        (await server.SendAsync("POST", "/elsa/api/events/paid/trigger", new { workflowInstanceId = id })).Is(200);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = await ConnectAsync(limit.Token);

        await SendAsync(socket, $$$"""{"type":1,"invocationId":"1","target":"ObserveInstanceAsync","arguments":["{{{id}}}"]}""", limit.Token);

        var heard = new Dictionary<string, JsonElement>();
        await foreach (var message in ReadAsync(socket, limit.Token))
            if (message.TryGetProperty("target", out var target))
                heard[target.GetString()!] = message.GetProperty("arguments")[0];
            else if (message.GetProperty("type").GetInt32() == 3)
                break;
        Assert.Equal(id, heard["WorkflowInstanceUpdatedAsync"].GetProperty("workflowInstanceId").GetGuid());
        Assert.True(heard.ContainsKey("WorkflowExecutionLogUpdatedAsync"));
        Assert.Equal(1, heard["ActivityExecutionLogUpdatedAsync"].GetProperty("stats").EnumerateArray().Single(s => s.GetProperty("activityId").GetString() == "wait").GetProperty("completedCount").GetInt32());
    }

    [Fact]
    public async Task Hub_WhenThereIsNoSuchInstance_ThenTheViewerIsTold()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = await ConnectAsync(limit.Token);
        await SendAsync(socket, $$$"""{"type":1,"invocationId":"1","target":"ObserveInstanceAsync","arguments":["{{{Guid.NewGuid()}}}"]}""", limit.Token);

        await foreach (var message in ReadAsync(socket, limit.Token))
            if (message.GetProperty("type").GetInt32() == 3)
            {
                Assert.Contains("no such instance", message.GetProperty("error").GetString(), StringComparison.Ordinal);
                return;
            }
    }

    [Fact]
    public async Task Negotiate_WhenNobodyIsSignedIn_ThenItIsRefused() =>
        (await server.SendAsync("POST", "/elsa/hubs/workflow-instance/negotiate?negotiateVersion=1", key: null)).Is(401);

    private async Task<ClientWebSocket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"ApiKey {RunningServer.AdminKey}");
        await socket.ConnectAsync(new UriBuilder(server.Http.BaseAddress!) { Scheme = "ws", Path = "/elsa/hubs/workflow-instance" }.Uri, cancellationToken);
        await SendAsync(socket, """{"protocol":"json","version":1}""", cancellationToken);
        return socket;
    }

    private static ValueTask SendAsync(ClientWebSocket socket, string message, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message + End).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    /// <summary>What the hub sends, its answer to the handshake left out.</summary>
    private static async IAsyncEnumerable<JsonElement> ReadAsync(ClientWebSocket socket, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (socket.State == WebSocketState.Open)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken);
            pending.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
            var parts = pending.ToString().Split(End);
            pending.Clear().Append(parts[^1]);
            foreach (var part in parts[..^1])
                if (JsonDocument.Parse(part).RootElement is var message && message.TryGetProperty("type", out _))
                    yield return message;
        }
    }
}
