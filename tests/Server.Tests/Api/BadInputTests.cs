using System.Text;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Whatever is sent, the answer names the cause and nothing has changed: every test ends with a look at all tables.</summary>
public sealed class BadInputTests(ServerFixture fixture) : IClassFixture<ServerFixture>, IAsyncLifetime
{
    private const string Start = $"/api/v1/workflows/{ServerFixture.Waiting}/start";
    private const string Nothing = "01900000-0000-7000-8000-000000000000";
    private readonly RunningServer server = fixture.Server;
    private string before = "";

    public Task InitializeAsync() => KeepAsync();

    public async Task DisposeAsync() => Assert.Equal(before, await SnapshotAsync());

    [Theory]
    [InlineData("GET", "/api/v1/nothing", null)]
    [InlineData("GET", "/api/v1/workflows/instances/" + Nothing, null)]
    [InlineData("GET", "/api/v1/workflows/instances/" + Nothing + "/journal", null)]
    [InlineData("GET", "/api/v1/workflows/instances/not-an-id", null)]
    [InlineData("GET", "/api/v1/workflows/instances/" + Nothing + "/signals/s", null)]
    [InlineData("POST", "/api/v1/workflows/instances/" + Nothing + "/signals", """{"signalId":"s","name":"n"}""")]
    [InlineData("POST", "/api/v1/workflows/instances/" + Nothing + "/cancel", """{"reason":"r"}""")]
    [InlineData("POST", "/api/v1/workflows/instances/" + Nothing + "/retry", "{}")]
    [InlineData("POST", "/api/v1/workflows/nothing/start", "{}")]
    [InlineData("GET", "/api/v1/workflows/definitions/nothing", null)]
    [InlineData("POST", "/api/v1/workflows/definitions/nothing/publish", null)]
    [InlineData("GET", "/api/v1/keys/nothing", null)]
    [InlineData("POST", "/api/v1/keys/nothing/revoke", null)]
    [InlineData("POST", "/api/v1/operations/deliveries/1/resend", null)]
    [InlineData("POST", "/api/v1/operations/timers/" + Nothing + "/release", null)]
    public async Task Request_WhenItNamesSomethingUnknown_Then404(string method, string path, string? body)
    {
        (await server.SendAsync(method, path, body, headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).IsProblem(404, ErrorCodes.NotFound);
    }

    [Theory]
    [InlineData("GET", "/api/v1/cases/" + Nothing)]
    [InlineData("GET", "/api/v1/tasks/" + Nothing)]
    public async Task CaseOrTask_WhenUnknown_Then404(string method, string path) =>
        (await server.SendAsync(method, path, user: "bureau-reviewer-1")).IsProblem(404, ErrorCodes.NotFound);

    [Theory]
    [InlineData("", "$")]
    [InlineData("{", "$")]
    [InlineData("nonsense", "$")]
    [InlineData("[]", "$")]
    [InlineData("null", "$")]
    [InlineData("""{"correlationId":5}""", "$.correlationId")]
    [InlineData("""{"input":"text"}""", "$.input")]
    [InlineData("""{"input":{},"colour":"red"}""", "$.colour")]
    [InlineData("""{"name":"a","name":"b"}""", "$.name")]
    public async Task Body_WhenItIsNotWhatTheEndpointTakes_Then400NamesThePlace(string body, string path)
    {
        var answer = (await server.SendAsync("POST", Start, body, headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).IsProblem(400, ErrorCodes.InvalidRequest);

        if (path != "$")
            Assert.Equal(path, answer.Json.GetProperty("errors")[0].GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("status=asleep", "status")]
    [InlineData("cursor=tampered", "cursor")]
    public async Task Query_WhenAParameterIsWrong_Then400NamesIt(string query, string parameter) =>
        Assert.Equal(parameter, (await server.SendAsync("GET", $"/api/v1/workflows/instances?{query}")).IsProblem(400, ErrorCodes.InvalidRequest).Json.GetProperty("errors")[0].GetProperty("path").GetString());

    [Theory]
    [InlineData("wait=forever")]
    [InlineData("wait=-1s")]
    [InlineData("wait=30")]
    public async Task Wait_WhenItIsNoTime_Then400(string query)
    {
        foreach (var path in (string[])[$"/api/v1/workflows/instances/{Nothing}", $"/api/v1/cases/{Nothing}"])
            Assert.Equal("wait", (await server.SendAsync("GET", $"{path}?{query}")).IsProblem(400, ErrorCodes.InvalidRequest).Json.GetProperty("errors")[0].GetProperty("path").GetString());
    }

    /// <summary>A cursor is what a page gave: a position that somebody writes themselves is none.</summary>
    [Fact]
    public async Task Cursor_WhenItIsntSigned_Then400OnEveryList()
    {
        var notice = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{DateTimeOffset.UnixEpoch.Ticks}:{Guid.Parse(Nothing):N}"));
        foreach (var (path, position, user) in (ValueTuple<string, string, string?>[])[("/api/v1/cases", $"{Nothing}", null), ("/api/v1/tasks?scope=mine", $"{Nothing}", "bureau-reviewer-1"),
            ("/api/v1/tasks?scope=done", $"1_{Nothing}", "bureau-reviewer-1"), ("/api/v1/notices", notice, null)])
            (await server.SendAsync("GET", $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={Uri.EscapeDataString(position)}", user: user)).Is(400);
    }

    [Fact]
    public async Task Body_WhenItHasTwoMegabytes_Then413()
    {
        var body = $$"""{"correlationId":"{{new string('x', 2 << 20)}}"}""";

        (await server.SendAsync("POST", Start, body, headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).IsProblem(413, ErrorCodes.TooLarge);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions", body)).IsProblem(413, ErrorCodes.TooLarge);
    }

    [Fact]
    public async Task Body_WhenItIsNotJsonByItsType_Then415()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/definitions") { Content = new StringContent("root=1", Encoding.UTF8, "application/x-www-form-urlencoded") };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        using var response = await server.Http.SendAsync(request);

        (await Answer.ReadAsync(response)).IsProblem(415, "unsupported_media_type");
    }

    [Fact]
    public async Task Method_WhenNotPossibleHere_Then405WithAllow() =>
        Assert.NotEmpty((await server.SendAsync("DELETE", "/api/v1/keys")).IsProblem(405, "method_not_allowed").Response.Content.Headers.Allow);

    [Fact]
    public async Task Import_WhenAConnectionDangles_Then422AndNothingIsKept()
    {
        var answer = (await server.SendAsync("POST", "/api/v1/workflows/definitions", Definitions.WithDanglingConnection("dangling"))).IsProblem(422, ErrorCodes.InvalidDefinition);

        Assert.Contains("nowhere", answer.Json.GetProperty("detailEn").GetString()!, StringComparison.Ordinal);
        (await server.SendAsync("GET", "/api/v1/workflows/definitions/dangling")).IsProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Definition_WhenAnActivityIsUnknown_ThenTheDraftIsKeptAndPublishingAndStartingNameIt()
    {
        var draft = (await server.SendAsync("POST", "/api/v1/workflows/definitions", Definitions.WithUnknownActivity("unknown-activity"))).Is(200);
        Assert.Equal("teleport1", draft.Json.GetProperty("errors")[0].GetProperty("path").GetString());
        await KeepAsync();
        Assert.Contains("Acme.Teleport", (await server.SendAsync("GET", "/api/v1/workflows/definitions/unknown-activity/document")).Is(200).Text, StringComparison.Ordinal);

        var publish = await server.SendAsync("POST", "/api/v1/workflows/definitions/unknown-activity/publish");
        var start = await server.SendAsync("POST", "/api/v1/workflows/unknown-activity/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()));

        foreach (var refused in (Answer[])[publish, start])
            Assert.Equal("teleport1", refused.IsProblem(422, ErrorCodes.InvalidDefinition).Json.GetProperty("errors")[0].GetProperty("path").GetString());
        Assert.Equal(0L, await server.SqlAsync("select count(*) from engine.instances where definition_id = 'unknown-activity'"));
    }

    [Fact]
    public async Task Expression_WhenItNeverEnds_ThenItIsStoppedAndTheCauseIsNamed()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definitions.WithExpression("endless", "while (true) {}"))).Is(200);

        var started = (await server.SendAsync("POST", "/api/v1/workflows/endless/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201);

        await KeepAsync();
        var instance = (await server.SendAsync("GET", $"/api/v1/workflows/instances/{started.Json.GetProperty("id").GetString()}")).Is(200).Json;
        var incident = Assert.Single(instance.GetProperty("incidents").EnumerateArray());
        Assert.Equal("set", incident.GetProperty("activityId").GetString());
        Assert.Equal(ErrorCodes.ExpressionFailed, incident.GetProperty("code").GetString());
        Assert.Contains(instance.GetProperty("nextActions").EnumerateArray(), a => a.GetProperty("action").GetString() == "retry");
    }

    [Theory]
    [InlineData("has space")]
    public async Task IdempotencyKey_WhenItIsNotPlainText_Then400(string key) =>
        (await server.SendAsync("POST", Start, "{}", headers: ("Idempotency-Key", key))).IsProblem(400, ErrorCodes.InvalidRequest);

    [Fact]
    public async Task Key_WhenItHasExpired_Then401()
    {
        var (id, key) = await server.CreateKeyAsync(new { name = "old", scopes = new[] { "cases", "workflows" }, expiresAt = "2999-01-01T00:00:00Z" });
        await server.SqlAsync($"update security.keys set expires_at = now() - interval '1 second' where id = '{id}'");
        await KeepAsync();

        (await server.SendAsync("POST", Start, "{}", key: key, headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).IsProblem(401, ErrorCodes.KeyExpired);
    }

    [Fact]
    public async Task User_WhenTheKeyDoesNotCoverTheRoleOrNobodyHasTheId_Then403()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "applicants", scopes = new[] { "cases" }, roles = new[] { "applicant" } });
        await KeepAsync();

        (await server.SendAsync("POST", "/api/v1/cases", """{"serviceId":"s"}""", key: key, user: "bureau-superior", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).IsProblem(403, "user_not_allowed");
        (await server.SendAsync("POST", "/api/v1/cases", """{"serviceId":"s"}""", user: "nobody", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).IsProblem(403, ErrorCodes.UnknownUser);
    }

    /// <summary>What a test has rightly made counts as there before.</summary>
    private async Task KeepAsync()
    {
        // A node notes its calendar a moment after it has started, and delivers what a step has left to it.
        await server.UntilAsync("select exists (select from approvals.calendars) and not exists (select from engine.outbox)");
        before = await SnapshotAsync();
    }

    /// <summary>A number for the content of every table, those apart that the server writes by the clock: who is alive, counts of lists, seals of the audit.</summary>
    private async Task<string> SnapshotAsync()
    {
        var tables = (string[])(await server.SqlAsync("""
            select array_agg(format('%I.%I', table_schema, table_name) order by table_schema, table_name) from information_schema.tables
            where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema', 'quartz')
            and (table_schema, table_name) not in (('engine', 'nodes'), ('approvals', 'audit_checkpoints'), ('approvals', 'audit_heads'))
            and not (table_schema = 'engine' and table_name like 'list\_%')
            """))!;
        Assert.Contains("security.keys", tables);
        return (string)(await server.SqlAsync($"select array_to_string(array[{string.Join(", ", tables.Select(t => $"'{t} ' || (select coalesce(sum(hashtextextended(r::text, 0)), 0) from {t} r)"))}], E'\n')"))!;
    }
}
