using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Workflows that take HTTP requests and answer them.</summary>
public sealed class HttpEndpointTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Request_WhenItStartsAWorkflow_ThenIsAnsweredByItAfterTheCommit()
    {
        await PublishAsync("greets", "greet/{name}", ["GET", "POST"], "`你好 ${variables.Route.name} ${variables.Query.title} ${variables.Body?.age}`");

        var answer = (await server.SendAsync("POST", "/workflows/greet/%E7%8E%8B%E8%8A%B3?title=Dr", """{"age":34}""")).Is(201);

        Assert.Equal("你好 王芳 Dr 34", answer.Text);
        Assert.Equal("text/plain", answer.MediaType);
        Assert.Equal("yes", answer.Response.Headers.GetValues("X-From-Workflow").Single());
        Assert.Contains("default-src 'none'", answer.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.False(answer.Response.Headers.Contains("Set-Cookie"));
        var instance = answer.Response.Headers.GetValues("x-elsa-workflow-instance-id").Single();
        Assert.Equal("finished", (await server.SendAsync("GET", $"/api/v1/workflows/instances/{instance}")).Is(200).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Request_WhenAWorkflowWaitsForIt_ThenResumesTheOneMeant()
    {
        await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition("waits-http", Sequence(
            Endpoint("wait", "hooks/paid", ["POST"]), Activity("answer", "Elsa.WriteHttpResponse", ("content", "Literal", "thanks")))));
        foreach (var order in (string[])["order-1", "order-2"])
            (await server.SendAsync("POST", "/api/v1/workflows/waits-http/start", new { correlationId = order }, headers: ("Idempotency-Key", order))).Is(201);

        (await server.SendAsync("POST", "/workflows/hooks/paid")).IsProblem(409, "conflict");
        Assert.Equal("thanks", (await server.SendAsync("POST", "/workflows/hooks/paid?correlationId=order-2")).Is(200).Text);
        (await server.SendAsync("POST", "/workflows/hooks/paid?correlationId=order-2")).IsProblem(404, "not_found");
        Assert.Equal("thanks", (await server.SendAsync("POST", "/workflows/hooks/paid")).Is(200).Text);
    }

    [Fact]
    public async Task Request_WhenNothingAnswersIt_ThenIsAcceptedWithTheInstance()
    {
        await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition("silent", Sequence(Endpoint("begin", "silent", ["PUT"], starts: true))));
        var answer = (await server.SendAsync("PUT", "/workflows/silent")).Is(202);
        Assert.Equal(answer.Response.Headers.GetValues("x-elsa-workflow-instance-id").Single(), answer.Json.GetProperty("instanceId").GetString());
    }

    [Fact]
    public async Task Request_WhenMethodOrPathFits_NotElse()
    {
        await PublishAsync("picky", "picky/{id}", ["POST"], "'ok'");
        (await server.SendAsync("GET", "/workflows/picky/1")).IsProblem(404, "not_found");
        (await server.SendAsync("POST", "/workflows/picky")).IsProblem(404, "not_found");
        (await server.SendAsync("POST", "/workflows/picky/1/2")).IsProblem(404, "not_found");
        (await server.SendAsync("POST", "/workflows/a/b/c/d/e/f/g/h/i/j")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Request_WhenWithoutAKeyThatMay_ThenIsRefusedWhateverThePath()
    {
        await PublishAsync("guarded", "guarded", ["POST"], "'ok'");
        await PublishAsync("open", "open", ["POST"], "'ok'", authorize: false);
        foreach (var path in (string[])["guarded", "open", "nowhere"])
            (await server.SendAsync("POST", $"/workflows/{path}", key: null)).IsProblem(401, "unauthorized");
        var (_, reader) = await server.CreateKeyAsync(new { name = "reader", scopes = new[] { "workflows:read" } });
        (await server.SendAsync("POST", "/workflows/guarded", key: reader)).IsProblem(403, "key_out_of_scope");
    }

    [Fact]
    public async Task Request_WhenTheOperatorAllowsAnonymousCallers_ThenOnlyOpenEndpointsTakeThem()
    {
        await using var open = await RunningServer.StartAsync("Development", "--Talent:AnonymousHttpEndpoints=true");
        foreach (var (name, authorize) in ((string, bool)[])[("shut", true), ("open", false)])
            (await open.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Greeting(name, name, ["GET"], "'ok'", authorize))).Is(200);
        Assert.Equal("ok", (await open.SendAsync("GET", "/workflows/open", key: null)).Is(201).Text);
        (await open.SendAsync("GET", "/workflows/shut", key: null)).IsProblem(401, "unauthorized");
    }

    private async Task PublishAsync(string definitionId, string path, string[] methods, string script, bool authorize = true) =>
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Greeting(definitionId, path, methods, script, authorize))).Is(200);

    private static string Greeting(string definitionId, string path, string[] methods, string script, bool authorize)
    {
        var endpoint = Endpoint("begin", path, methods, starts: true, authorize);
        foreach (var (output, variable) in ((string, string)[])[("routeData", "v-route"), ("queryStringData", "v-query"), ("parsedContent", "v-body")])
            endpoint[output] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = variable } };
        var answer = Activity("answer", "Elsa.WriteHttpResponse", ("content", "JavaScript", script), ("statusCode", "Literal", "201"), ("responseHeaders", "Object", """{"X-From-Workflow":"yes","Set-Cookie":"a=b","Content-Security-Policy":"default-src *"}"""));
        return Definition(definitionId, Sequence(endpoint, answer), ("v-route", "Route"), ("v-query", "Query"), ("v-body", "Body"));
    }

    private static JsonObject Endpoint(string id, string path, string[] methods, bool starts = false, bool authorize = true)
    {
        var endpoint = Activity(id, "Elsa.HttpEndpoint", ("path", "Literal", path), ("supportedMethods", "Object", $"[{string.Join(',', methods.Select(m => $"\"{m}\""))}]"), ("authorize", "Literal", authorize ? "True" : "False"));
        endpoint["customProperties"] = new JsonObject { ["canStartWorkflow"] = starts };
        return endpoint;
    }

    private static JsonObject Activity(string id, string type, params (string Name, string Syntax, string Value)[] inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, syntax, value) in inputs)
            activity[name] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = syntax, ["value"] = value } };
        return activity;
    }

    private static JsonObject Sequence(params JsonObject[] activities) => new() { ["id"] = "root", ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = new JsonArray([.. activities]) };

    private static string Definition(string definitionId, JsonObject root, params (string Id, string Name)[] variables) => new JsonObject
    {
        ["definitionId"] = definitionId, ["name"] = definitionId, ["root"] = root,
        ["variables"] = new JsonArray([.. variables.Select(v => new JsonObject { ["id"] = v.Id, ["name"] = v.Name, ["typeName"] = "Object" })]),
    }.ToJsonString();
}
