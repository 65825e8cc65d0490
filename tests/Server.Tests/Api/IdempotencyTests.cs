using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

public sealed class IdempotencyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Start = $"/api/v1/workflows/{ServerFixture.Waiting}/start";
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Key_WhenMadeWithAnIdempotencyKey_ThenItIsRefusedAndNoneIsMade()
    {
        var before = await server.SqlAsync("select count(*) from security.keys");

        var answer = await server.SendAsync("POST", "/api/v1/keys", new { name = "portal", scopes = new[] { "cases" } }, headers: ("Idempotency-Key", Guid.NewGuid().ToString()));

        Assert.Contains("Idempotency-Key", answer.IsProblem(400, ErrorCodes.InvalidRequest).Text, StringComparison.Ordinal);
        Assert.Equal(before, await server.SqlAsync("select count(*) from security.keys"));
    }

    [Fact]
    public async Task Start_WhenRepeatedWithItsKey_ThenTheAnswerIsTheSameAndNothingNewStarts()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var first = (await server.SendAsync("POST", Start, """{"correlationId":"a"}""", headers: key)).Is(201);
        var before = await InstancesAsync();

        var second = (await server.SendAsync("POST", Start, """{"correlationId":"a"}""", headers: key)).Is(201);

        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.ETag, second.ETag);
        Assert.False(first.Response.Headers.Contains("Idempotent-Replayed"));
        Assert.True(second.Response.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(before, await InstancesAsync());
    }

    [Theory]
    [InlineData("""{"correlationId":"b"}""", null)]
    [InlineData("""{"correlationId":"a"}""", "applicant-li")]
    public async Task Start_WhenKeyWasUsedForAnotherRequest_Then422(string body, string? user)
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        (await server.SendAsync("POST", Start, """{"correlationId":"a"}""", headers: key)).Is(201);
        var before = await InstancesAsync();

        (await server.SendAsync("POST", Start, body, user: user, headers: key)).IsProblem(422, ErrorCodes.IdempotencyKeyReused);

        Assert.Equal(before, await InstancesAsync());
    }

    [Fact]
    public async Task Start_WhenSameKeyComesFromAnotherCredential_ThenItIsAnotherRequest()
    {
        var (_, other) = await server.CreateKeyAsync(new { name = "other", scopes = new[] { "workflows" } });
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        var mine = (await server.SendAsync("POST", Start, "{}", headers: key)).Is(201);
        var theirs = (await server.SendAsync("POST", Start, "{}", other, headers: key)).Is(201);

        Assert.NotEqual(mine.Text, theirs.Text);
    }

    [Fact]
    public async Task Start_WhenTheSameRequestIsInFlight_Then409WithRetryAfter()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        await using var blocker = await server.Database.DataSource.OpenConnectionAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("lock table engine.receipts in access exclusive mode", blocker))
            await hold.ExecuteNonQueryAsync();
        var first = server.SendAsync("POST", Start, "{}", headers: key);
        while ((long)(await server.SqlAsync("select count(*) from pg_locks where not granted and relation = 'engine.receipts'::regclass"))! == 0)
            await Task.Yield();

        var second = await server.SendAsync("POST", Start, "{}", headers: key);
        await transaction.RollbackAsync();

        second.IsProblem(409, ErrorCodes.IdempotencyInFlight);
        Assert.NotNull(second.Response.Headers.RetryAfter);
        (await first).Is(201);
    }

    [Theory]
    [InlineData(Start)]
    [InlineData("/api/v1/cases")]
    public async Task Creating_WhenKeyIsMissing_Then400(string path) =>
        (await server.SendAsync("POST", path, "{}")).IsProblem(400, ErrorCodes.IdempotencyKeyRequired);

    [Fact]
    public async Task Cancel_WhenRepeatedWithItsKey_ThenTheAnswerIsTheSame()
    {
        var (id, _) = await server.StartAsync();
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        var first = (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/cancel", """{"reason":"x"}""", headers: key)).Is(200);
        var second = (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/cancel", """{"reason":"x"}""", headers: key)).Is(200);

        Assert.Equal(first.Text, second.Text);
    }

    private async Task<long> InstancesAsync() => (long)(await server.SqlAsync("select count(*) from engine.instances"))!;
}
