namespace Talent.Workflows.Server.Tests;

/// <summary>One server for all tests of a class, with a workflow that waits for an event.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public const string Waiting = "waits-for-paid";

    public RunningServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        Server.Shared = true;
        (await Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definitions.WaitsFor(Waiting, "paid"))).Is(200);
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

/// <summary>Starts the waiting workflow.</summary>
internal static class Starting
{
    public static async Task<(Guid Id, string ETag)> StartAsync(this RunningServer server, string? key = null)
    {
        var answer = (await server.SendAsync("POST", $"/api/v1/workflows/{ServerFixture.Waiting}/start", "{}", headers: ("Idempotency-Key", key ?? Guid.NewGuid().ToString()))).Is(201);
        return (answer.Json.GetProperty("id").GetGuid(), answer.ETag!);
    }
}
