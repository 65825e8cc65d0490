namespace Talent.Workflows.Server.Tests.Security;

/// <summary>A key that another node has just revoked, or that ran out, is still in this node's memory: the step itself has to refuse.</summary>
public sealed class RevokedKeyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Theory]
    [InlineData("revoked_at = now()", "key_revoked")]
    [InlineData("expires_at = now() - interval '1 second'", "key_expired")]
    public async Task Step_WhenKeyEndedElsewhereWhileInFlight_ThenNothingIsCommitted(string ended, string code)
    {
        var (id, key) = await server.CreateKeyAsync(new { name = "in flight", scopes = new[] { "workflows" } });
        (await server.SendAsync("GET", "/api/v1/workflows/instances", key: key)).Is(200);
        var instance = (await server.StartAsync()).Id;
        await server.SqlAsync($"update security.keys set {ended} where id = '{id}'");
        var before = await CountsAsync();

        var start = await server.SendAsync("POST", $"/api/v1/workflows/{ServerFixture.Waiting}/start", "{}", key, headers: ("Idempotency-Key", Guid.NewGuid().ToString()));
        var cancel = await server.SendAsync("POST", $"/api/v1/workflows/instances/{instance}/cancel", """{"reason":"test"}""", key);

        start.IsProblem(401, code);
        cancel.IsProblem(401, code);
        Assert.Equal(before, await CountsAsync());
    }

    [Theory]
    [InlineData("POST", "/api/v1/keys", """{"name":"minted","scopes":["admin"]}""")]
    [InlineData("PUT", "/api/v1/operations/intake", """{"open":false,"reason":"minted"}""")]
    [InlineData("POST", "/api/v1/workflows/definitions", """{"definitionId":"minted","name":"Minted","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[],"connections":[]}}""")]
    public async Task Administration_WhenTheKeyWasRevokedOnAnotherNode_ThenItIsRefusedAtOnce(string method, string path, string body)
    {
        var (id, key) = await server.CreateKeyAsync(new { name = "administrator", scopes = new[] { "admin", "definitions" } });
        (await server.SendAsync("GET", "/api/v1/keys", key: key)).Is(200);
        await server.SqlAsync($"update security.keys set revoked_at = now() where id = '{id}'");

        (await server.SendAsync(method, path, body, key)).IsProblem(401, "key_revoked");

        Assert.Equal(0L, await server.SqlAsync("select (select count(*) from security.keys where name = 'minted') + (select count(*) from engine.definitions where definition_id = 'minted')"));
        Assert.True((await server.SendAsync("GET", "/api/v1/operations/intake")).Json.GetProperty("open").GetBoolean());
    }

    private async Task<string> CountsAsync() =>
        (string)(await server.SqlAsync("select concat_ws(' ', (select count(*) from engine.instances), (select sum(version) from engine.instances), (select count(*) from engine.journal), (select count(*) from engine.receipts))"))!;
}
