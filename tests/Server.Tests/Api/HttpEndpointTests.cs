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

    [Theory]
    [InlineData("Literal", "HR", "no-policy-1")]
    [InlineData("JavaScript", "''", "no-policy-2")]
    public async Task Publish_WhenTheEndpointNamesAPolicy_ThenItIsRefusedInBothLanguages(string syntax, string policy, string id)
    {
        var endpoint = Endpoint("begin", id, ["GET"], starts: true);
        endpoint["policy"] = Input(syntax, policy);

        var refused = await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition(id, Sequence(endpoint)));

        Assert.Equal(422, refused.Status);
        Assert.Contains("policy to judge its callers by", refused.Text, StringComparison.Ordinal);
        Assert.Contains("授权策略", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WhenAPublishedVersionOfBeforeNamesAPolicy_ThenNobodyIsLetIn()
    {
        await PublishAsync("policed", "policed", ["GET"], "'ok'");
        // No version like it can be published any more, so one is put beside it, which no node has read yet.
        await server.SqlAsync("""
            insert into engine.definitions select (jsonb_populate_record(d, '{"id":"policed-0","version":0,"is_published":false,"is_latest":false}')).* from engine.definitions d where definition_id = 'policed';
            update engine.definitions set document = convert_to(replace(convert_from(document, 'UTF8'), '"Elsa.HttpEndpoint"', '"Elsa.HttpEndpoint","policy":{"expression":{"type":"Literal","value":"HR"}}'), 'UTF8') where id = 'policed-0';
            update engine.triggers set version_id = 'policed-0' where definition_id = 'policed'
            """);

        (await server.SendAsync("GET", "/workflows/policed")).IsProblem(403, "forbidden");
    }

    [Theory]
    [InlineData("authorize", "false")]
    [InlineData("supportedMethods", "['GET']")]
    [InlineData("requestSizeLimit", "10")]
    public async Task Publish_WhenWhatLimitsAStartIsComputed_ThenItIsRefused(string input, string script)
    {
        var endpoint = Endpoint("begin", $"computed-{input}", ["GET"], starts: true);
        endpoint[input] = Input("JavaScript", script);

        var refused = await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition($"computed-{input}", Sequence(endpoint)));

        Assert.Equal(422, refused.Status);
        Assert.Contains($"'{input}' must be literals", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WhenLargerThanTheEndpointTakes_ThenRefusedAndNothingIsStarted()
    {
        await PublishLimitedAsync("small", ("requestSizeLimit", "10"));

        (await server.SendAsync("POST", "/workflows/small", "\"123456789\"")).IsProblem(413, "too_large");
        (await server.SendAsync("POST", "/workflows/small", "\"12345678\"")).Is(202);
        Assert.Equal(1L, await server.SqlAsync("select count(*) from engine.instances where definition_id = 'small'"));
    }

    [Theory]
    [InlineData("fileSizeLimit", "3", "a.txt", "text/plain", 413)]
    [InlineData("fileSizeLimit", "4", "a.txt", "text/plain", 202)]
    [InlineData("allowedFileExtensions", "[\".pdf\",\"txt\"]", "a.TXT", "text/plain", 202)]
    [InlineData("allowedFileExtensions", "[\".pdf\"]", "a.txt", "text/plain", 415)]
    [InlineData("allowedFileExtensions", "[\".pdf\"]", "pdf", "text/plain", 415)]
    [InlineData("blockedFileExtensions", "[\".exe\"]", "a.exe. ", "text/plain", 415)]
    [InlineData("blockedFileExtensions", "[\".exe\"]", "a.txt", "text/plain", 202)]
    [InlineData("allowedMimeTypes", "[\"application/pdf\"]", "a.pdf", "text/plain", 415)]
    [InlineData("allowedMimeTypes", "[\"Text/Plain\"]", "a.pdf", "text/plain; charset=utf-8", 202)]
    public async Task Request_WhenItsFilesAreNotAmongThoseTaken_ThenRefused(string input, string value, string fileName, string type, int status)
    {
        var path = $"files-{Guid.NewGuid():n}";
        await PublishLimitedAsync(path, (input, value));

        Assert.Equal(status, await PostFileAsync(path, fileName, type));
    }

    [Fact]
    public async Task Request_WhenTheWorkflowFollowsARefusal_ThenItGoesOnByThatOutcome()
    {
        var endpoint = Endpoint("begin", "followed", ["POST"], starts: true);
        endpoint["requestSizeLimit"] = Input("Literal", "400");
        endpoint["blockedFileExtensions"] = Input("Object", "[\"exe\"]");
        (endpoint["exposeRequestTooLargeOutcome"], endpoint["exposeInvalidFileExtensionOutcome"]) = (true, true);
        endpoint["file"] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "v-file" } };
        var chart = Flowchart([endpoint, Activity("large", "Elsa.WriteHttpResponse", ("content", "Literal", "too large for us")), Activity("kind", "Elsa.WriteHttpResponse", ("content", "Literal", "not such files")),
            Activity("fine", "Elsa.WriteHttpResponse", ("content", "JavaScript", "`${variables.File.name} ${variables.File.fileName} ${variables.File.length}`"))],
            ("begin", "Request too large", "large"), ("begin", "Invalid file extension", "kind"), ("begin", "Done", "fine"));
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition("followed", chart, ("v-file", "File")))).Is(200);

        Assert.Equal("not such files", (await PostAsync("followed", "a.exe", "text/plain")).Text);
        Assert.Equal("upload a.txt 4", (await PostAsync("followed", "a.txt", "text/plain")).Text);
        Assert.Equal("too large for us", (await server.SendAsync("POST", "/workflows/followed", $"\"{new string('x', 500)}\"")).Is(200).Text);
    }

    [Fact]
    public async Task Request_WhenAWaitHasLimits_ThenTheyHoldAndTheWaitStays()
    {
        var endpoint = Endpoint("wait", "hooks/limited", ["POST"]);
        endpoint["requestSizeLimit"] = Input("JavaScript", "2 + 3");
        await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition("waits-limited", Sequence(endpoint)));
        (await server.SendAsync("POST", "/api/v1/workflows/waits-limited/start", "{}", headers: ("Idempotency-Key", "limited"))).Is(201);

        (await server.SendAsync("POST", "/workflows/hooks/limited", "[1,2,3]")).IsProblem(413, "too_large");
        (await server.SendAsync("POST", "/workflows/hooks/limited", "[1]")).Is(202);
    }

    [Theory]
    [InlineData("application/json", "{")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nnothing")]
    [InlineData("multipart/form-data", "nothing")]
    public async Task Request_WhenItsBodyIsNotWhatItSays_Then400(string type, string body)
    {
        await PublishLimitedAsync("malformed");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/workflows/malformed") { Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body)) };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await server.Http.SendAsync(request);

        Assert.Equal(400, (int)response.StatusCode);
    }

    private async Task<int> PostFileAsync(string path, string fileName, string type) => (await PostAsync(path, fileName, type)).Status;

    private async Task<Answer> PostAsync(string path, string fileName, string type)
    {
        using var file = new StringContent("1234");
        file.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        using var form = new MultipartFormDataContent { { file, "upload", fileName } };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/workflows/{path}") { Content = form };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        using var response = await server.Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    private async Task PublishLimitedAsync(string path, params (string Name, string Value)[] inputs)
    {
        var endpoint = Endpoint("begin", path, ["POST"], starts: true);
        foreach (var (name, value) in inputs)
            endpoint[name] = Input(value.StartsWith('[') ? "Object" : "Literal", value);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition(path, Sequence(endpoint)))).Is(200);
    }

    private static JsonObject Input(string syntax, string value) => new() { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = syntax, ["value"] = value } };

    private static JsonObject Flowchart(JsonObject[] activities, params (string From, string Port, string To)[] connections) => new()
    {
        ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = new JsonArray([.. activities]),
        ["connections"] = new JsonArray([.. connections.Select(c => new JsonObject { ["source"] = new JsonObject { ["activity"] = c.From, ["port"] = c.Port }, ["target"] = new JsonObject { ["activity"] = c.To } })]),
    };

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
            activity[name] = Input(syntax, value);
        return activity;
    }

    private static JsonObject Sequence(params JsonObject[] activities) => new() { ["id"] = "root", ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = new JsonArray([.. activities]) };

    private static string Definition(string definitionId, JsonObject root, params (string Id, string Name)[] variables) => new JsonObject
    {
        ["definitionId"] = definitionId, ["name"] = definitionId, ["root"] = root,
        ["variables"] = new JsonArray([.. variables.Select(v => new JsonObject { ["id"] = v.Id, ["name"] = v.Name, ["typeName"] = "Object" })]),
    }.ToJsonString();
}
