using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Publishing events, and what they start.</summary>
public sealed class EventTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Events = "/api/v1/workflows/events";
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Event_WhenPublished_ThenTheWaitingInstancesGetItAndARepetitionChangesNothing()
    {
        var correlation = Guid.NewGuid().ToString();
        var started = (await server.SendAsync("POST", $"/api/v1/workflows/{ServerFixture.Waiting}/start", new { correlationId = correlation }, headers: Key())).Is(201);
        var id = started.Json.GetProperty("id").GetGuid();
        var key = Key();
        var waiting = server.SendAsync("GET", $"/api/v1/workflows/instances/{id}?wait=30s", headers: ("If-None-Match", started.ETag!));

        var first = (await server.SendAsync("POST", Events, new { name = "paid", correlationId = correlation, payload = new { amount = 1 } }, headers: key)).Is(202);
        var again = (await server.SendAsync("POST", Events, new { name = "paid", correlationId = correlation, payload = new { amount = 1 } }, headers: key)).Is(202);

        Assert.Equal((1, 0), (first.Json.GetProperty("instances").GetInt32(), first.Json.GetProperty("starts").GetInt32()));
        Assert.Equal(first.Text, again.Text);
        Assert.False(first.Response.Headers.Contains("Idempotent-Replayed"));
        Assert.True(again.Response.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("finished", (await waiting).Is(200).Json.GetProperty("status").GetString());
        Assert.Equal("applied", (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}/signals/{key.Value}")).Is(200).Json.GetProperty("outcome").GetString());
        (await server.SendAsync("POST", Events, new { name = "paid", correlationId = correlation, payload = new { amount = 2 } }, headers: key)).IsProblem(422, ErrorCodes.IdempotencyKeyReused);
    }

    [Fact]
    public async Task Event_WhenItIsCalledAsAnEndpointIs_ThenItIsRefused()
    {
        (await server.SendAsync("POST", Events, new { name = "http:orders" }, headers: Key())).IsProblem(400, ErrorCodes.InvalidRequest);
        var id = (await server.StartAsync()).Id;
        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", new { signalId = "s1", name = "http:orders" })).IsProblem(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task Event_WhenItStartsADefinition_ThenItDoesUntilThatIsRetracted()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definitions.StartedBy("by-event", "came"))).Is(200);
        Assert.Equal(1, await StartsAsync());

        var retracted = (await server.SendAsync("POST", "/api/v1/workflows/definitions/by-event/retract")).Is(200);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions/by-event/retract")).Is(200);

        Assert.False(retracted.Json.GetProperty("definition").GetProperty("isPublished").GetBoolean());
        Assert.Equal(0, await StartsAsync());
        (await server.SendAsync("POST", "/api/v1/workflows/by-event/start", "{}", headers: Key())).IsProblem(409, ErrorCodes.NotPublished);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions/nobodys/retract")).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions/by-event/publish")).Is(200);
        Assert.Equal(1, await StartsAsync());

        async Task<int> StartsAsync() => (await server.SendAsync("POST", Events, new { name = "came" }, headers: Key())).Is(202).Json.GetProperty("starts").GetInt32();
    }

    [Fact]
    public async Task Event_WhenItIsWrongOrMayNotBePublished_ThenTheAnswerSaysWhy()
    {
        var (_, reader) = await server.CreateKeyAsync(new { name = "reader", scopes = new[] { "workflows:read", "definitions", "cases" } });
        var (_, other) = await server.CreateKeyAsync(new { name = "other", scopes = new[] { "workflows" } });

        (await server.SendAsync("POST", Events, new { name = "paid" })).IsProblem(400, ErrorCodes.IdempotencyKeyRequired);
        (await server.SendAsync("POST", Events, new { name = " " }, headers: Key())).IsProblem(400, ErrorCodes.InvalidRequest);
        (await server.SendAsync("POST", Events, new { name = new string('n', 501) }, headers: Key())).IsProblem(400, ErrorCodes.InvalidRequest);
        (await server.SendAsync("POST", Events, new { name = "paid", payload = new string('x', 70_000) }, headers: Key())).IsProblem(413, ErrorCodes.TooLarge);
        (await server.SendAsync("POST", Events, new { name = "nobody" }, key: reader, headers: Key())).IsProblem(403, "key_out_of_scope");
        (await server.SendAsync("POST", "/api/v1/workflows/definitions/by-event/retract", key: other)).IsProblem(403, "key_out_of_scope");
    }

    private static (string Name, string Value) Key() => ("Idempotency-Key", Guid.NewGuid().ToString());
}
