namespace Talent.Workflows.Server.Tests.Api;

/// <summary>What people do with tasks, over HTTP: bodies, problems and keys. What it does to cases is tested with the domain.</summary>
public sealed class HandlingTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;
    private static readonly DateTimeOffset Until = DateTimeOffset.Parse("2099-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task Delegation_WhenMadeOverHttp_ThenItIsListedKeptOnceAndACircleIsAConflict_R_REV_7()
    {
        var from = Until.AddDays(-30);
        object Body(string to) => new { @delegate = to, services = (string[]?)null, from, until = Until, reason = "休假" };

        var made = (await server.SendAsync("POST", "/api/v1/delegations", Body("bureau-reviewer-2"), user: "bureau-reviewer-1", headers: ("Idempotency-Key", "delegate-1"))).Is(200).Json;
        var again = (await server.SendAsync("POST", "/api/v1/delegations", Body("bureau-reviewer-2"), user: "bureau-reviewer-1", headers: ("Idempotency-Key", "delegate-1"))).Is(200).Json;
        (await server.SendAsync("POST", "/api/v1/delegations", Body("bureau-superior"), user: "bureau-reviewer-1", headers: ("Idempotency-Key", "delegate-1"))).IsProblem(422, "idempotency_key_reused");
        var circle = await server.SendAsync("POST", "/api/v1/delegations", Body("bureau-reviewer-1"), user: "bureau-reviewer-2");
        circle.IsProblem(409, "conflict");
        Assert.Equal("circle", circle.Json.GetProperty("reason").GetString());
        Assert.Contains("循环", circle.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);

        Assert.Equal(made.GetProperty("id").GetGuid(), again.GetProperty("id").GetGuid());
        var listed = (await server.SendAsync("GET", "/api/v1/delegations", user: "bureau-reviewer-2")).Is(200).Json.GetProperty("items");
        Assert.Equal("bureau-reviewer-1", Assert.Single(listed.EnumerateArray()).GetProperty("principal").GetString());
        var (_, key) = await server.CreateKeyAsync(new { name = "portal", scopes = new[] { "cases" } });
        (await server.SendAsync("GET", "/api/v1/delegations?user=bureau-reviewer-2", key: key, user: "notice-clerk")).IsProblem(403, "forbidden");
        Assert.Equal("bureau-reviewer-2", (await server.SendAsync("POST", $"/api/v1/delegations/{made.GetProperty("id").GetGuid()}/revoke", user: "bureau-reviewer-2")).Is(200).Json.GetProperty("revokedBy").GetString());
    }

    [Fact]
    public async Task Requests_WhenTheirBodiesAreWrong_ThenEachIsAClearProblem_R_REV_8()
    {
        var id = Guid.NewGuid();
        (string Path, string Body, int Status, string Code)[] wrong =
        [
            ("/api/v1/tasks/decide-batch", "{}", 400, "invalid_request"),
            ("/api/v1/tasks/decide-batch", """{"items":[]}""", 400, "invalid_request"),
            ("/api/v1/tasks/decide-batch", """{"items":[null]}""", 400, "invalid_request"),
            ($"/api/v1/tasks/{id}/transfer", """{"to":null,"reason":null}""", 400, "invalid_request"),
            ($"/api/v1/tasks/{id}/transfer", """{"to":"notice-clerk","reason":"出差"}""", 404, "not_found"),
            ($"/api/v1/tasks/{id}/recall", "{}", 404, "not_found"),
            ($"/api/v1/tasks/{id}/copy", """{"users":[null]}""", 400, "invalid_request"),
            ($"/api/v1/tasks/{id}/read", "{}", 404, "not_found"),
            ($"/api/v1/cases/{id}/urge", "{}", 404, "not_found"),
            ($"/api/v1/cases/{id}/comments", """{"text":null}""", 400, "invalid_request"),
            ($"/api/v1/cases/{id}/jumps", """{"stage":null,"reason":"加急"}""", 400, "invalid_request"),
            ($"/api/v1/cases/{id}/jumps", """{"stage":"unit-review","reason":"加急"}""", 404, "not_found"),
            ($"/api/v1/cases/{id}/jumps/{id}/confirm", "{}", 404, "not_found"),
            ("/api/v1/delegations", """{"delegate":null,"until":"2099-01-01T00:00:00Z"}""", 400, "invalid_request"),
            ("/api/v1/users/nobody/handover", """{"to":"notice-clerk","reason":"离职"}""", 403, "unknown_user"),
            ("/api/v1/opinions", """{"text":""}""", 400, "invalid_request"),
        ];

        foreach (var (path, body, status, code) in wrong)
            (await server.SendAsync("POST", path, body, user: "bureau-superior")).IsProblem(status, code);
        (await server.SendAsync("GET", "/api/v1/tasks?scope=everything", user: "bureau-superior")).IsProblem(400, "invalid_request");
        (await server.SendAsync("GET", "/api/v1/tasks/summary")).IsProblem(400, "invalid_request");
    }

    [Fact]
    public async Task Handover_WhenTheKeyIsNoAdministrators_ThenItIsRefused_R_REV_7()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "portal", scopes = new[] { "cases" } });
        var body = new { to = "unit-health-reviewer-2", reason = "离职" };

        (await server.SendAsync("POST", "/api/v1/users/unit-health-reviewer-1/handover", body, key: key, user: "bureau-superior")).IsProblem(403, "forbidden");
        var done = (await server.SendAsync("POST", "/api/v1/users/unit-health-reviewer-1/handover", body, user: "bureau-superior", headers: ("Idempotency-Key", "handover-1"))).Is(200).Json;
        Assert.Equal(done.GetRawText(), (await server.SendAsync("POST", "/api/v1/users/unit-health-reviewer-1/handover", body, user: "bureau-superior", headers: ("Idempotency-Key", "handover-1"))).Is(200).Text);
        (await server.SendAsync("POST", "/api/v1/users/unit-health-reviewer-1/handover", new { to = "unit-health-superior", reason = "离职" }, user: "bureau-superior", headers: ("Idempotency-Key", "handover-1"))).IsProblem(422, "idempotency_key_reused");

        Assert.Equal(0, done.GetProperty("tasks").GetArrayLength());
        (await server.SendAsync("DELETE", "/api/v1/users/unit-health-reviewer-1/handover", user: "bureau-superior")).Is(204);
        (await server.SendAsync("DELETE", "/api/v1/users/unit-health-reviewer-1/handover", user: "bureau-superior")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Summary_WhenNothingWaits_ThenEveryCountIsThere()
    {
        var summary = (await server.SendAsync("GET", "/api/v1/tasks/summary", user: "notice-clerk")).Is(200).Json;

        Assert.Equal(["mine", "candidates", "delegated", "nearLimit", "overdue", "done", "copied"], summary.EnumerateObject().Select(p => p.Name));
        Assert.All(summary.EnumerateObject(), p => Assert.Equal(0, p.Value.GetInt32()));
    }
}
