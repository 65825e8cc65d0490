using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

public sealed class InstanceTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Instance_WhenSignalled_ThenItFinishesAndTheSignalCanBeRead()
    {
        var (id, _) = await server.StartAsync();
        var waiting = (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}")).Is(200).Json;
        Assert.Equal("paid", waiting.GetProperty("waits")[0].GetProperty("name").GetString());
        Assert.Equal("signal", waiting.GetProperty("nextActions")[0].GetProperty("action").GetString());
        Assert.Equal("发送事件", waiting.GetProperty("nextActions")[0].GetProperty("zh").GetString());

        var signal = (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", """{"signalId":"s1","name":"paid","payload":{"amount":1}}""")).Is(200);
        var again = (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", """{"signalId":"s1","name":"paid","payload":{"amount":1}}""")).Is(200);

        Assert.Equal("applied", signal.Json.GetProperty("outcome").GetString());
        Assert.Equal("applied", again.Json.GetProperty("outcome").GetString());
        Assert.Equal("applied", (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}/signals/s1")).Is(200).Json.GetProperty("outcome").GetString());
        Assert.Equal("finished", (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}")).Is(200).Json.GetProperty("status").GetString());
        Assert.NotEmpty((await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}/journal")).Is(200).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Signal_WhenNothingWaitsForIt_Then409NotExpectedAndItIsOnRecord()
    {
        var (id, _) = await server.StartAsync();

        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", """{"signalId":"s2","name":"other"}""")).IsProblem(409, ErrorCodes.NotExpected);

        Assert.Equal("notExpected", (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}/signals/s2")).Is(200).Json.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Read_WhenChangedWhileWaiting_ThenTheNewVersionComesAtOnce()
    {
        var (id, etag) = await server.StartAsync();
        var waiting = server.SendAsync("GET", $"/api/v1/workflows/instances/{id}?wait=30s", headers: ("If-None-Match", etag));

        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", """{"signalId":"s3","name":"paid"}""")).Is(200);
        var changed = (await waiting).Is(200);

        Assert.NotEqual(etag, changed.ETag);
        Assert.Equal("finished", changed.Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Read_WhenNothingChanges_Then304()
    {
        var (id, etag) = await server.StartAsync();

        var answer = (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}?wait=50ms", headers: ("If-None-Match", etag))).Is(304);

        Assert.Equal(etag, answer.ETag);
        Assert.Empty(answer.Text);
    }

    [Fact]
    public async Task Cancel_WhenIfMatchIsStale_Then412AndNothingChanges()
    {
        var (id, etag) = await server.StartAsync();

        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/cancel", """{"reason":"x"}""", headers: ("If-Match", "\"99\""))).IsProblem(412, ErrorCodes.PreconditionFailed);

        (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}", headers: ("If-None-Match", etag))).Is(304);
        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/cancel", """{"reason":"x"}""", headers: ("If-Match", etag))).Is(200);
        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/cancel", """{"reason":"x"}""")).IsProblem(409, ErrorCodes.WrongState);
    }

    [Fact]
    public async Task List_WhenPagedByCursor_ThenEveryInstanceComesOnce()
    {
        var correlation = Guid.NewGuid().ToString();
        for (var i = 0; i < 5; i++)
            (await server.SendAsync("POST", $"/api/v1/workflows/{ServerFixture.Waiting}/start", new { correlationId = correlation }, headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201);
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await server.SendAsync("GET", $"/api/v1/workflows/instances?correlationId={correlation}&limit=2&cursor={cursor}")).Is(200).Json;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next").GetString();
            if (cursor is not null)
                (await server.SendAsync("GET", $"/api/v1/workflows/instances?limit=2&cursor={cursor}")).IsProblem(400, ErrorCodes.InvalidRequest);
        }
        while (cursor is not null);

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public async Task Intake_WhenPaused_Then503WithRetryAfterUntilItIsOpened()
    {
        await using var own = await RunningServer.StartAsync();
        (await own.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definitions.WaitsFor(ServerFixture.Waiting, "paid"))).Is(200);
        (await own.SendAsync("PUT", "/api/v1/operations/intake", """{"open":false,"reason":"maintenance"}""")).Is(200);

        var refused = await own.SendAsync("POST", $"/api/v1/workflows/{ServerFixture.Waiting}/start", "{}", headers: ("Idempotency-Key", "1"));
        (await own.SendAsync("PUT", "/api/v1/operations/intake", """{"open":true}""")).Is(200);

        refused.IsProblem(503, ErrorCodes.Paused);
        Assert.NotNull(refused.Response.Headers.RetryAfter);
        (await own.SendAsync("POST", $"/api/v1/workflows/{ServerFixture.Waiting}/start", "{}", headers: ("Idempotency-Key", "1"))).Is(201);
    }
}
