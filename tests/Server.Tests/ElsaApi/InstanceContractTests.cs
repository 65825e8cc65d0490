using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>What Studio reads of instances, field by field.</summary>
public sealed class InstanceContractTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Document = """
        {"definitionId":"contract","name":"契约","variables":[{"id":"v1","name":"Order","typeName":"String","isArray":false,"value":"A-1"}],
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"say","type":"Elsa.WriteLine","version":1,"text":{"typeName":"String","expression":{"type":"Literal","value":"你好"}}},
          {"id":"wait","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"go"}}},
          {"id":"bad","type":"Elsa.Fault","version":1,"message":{"typeName":"String","expression":{"type":"Literal","value":"出错"}}}],
         "connections":[{"source":{"activity":"say","port":"Done"},"target":{"activity":"wait","port":"In"}},{"source":{"activity":"wait","port":"Done"},"target":{"activity":"bad","port":"In"}}]}}
        """;

    private readonly RunningServer server = fixture.Server;

    [Theory]
    [InlineData("instance-list", "POST", "/workflow-instances", """{"page":0,"pageSize":10,"definitionIds":["contract"]}""")]
    [InlineData("instance-list", "GET", "/workflow-instances?PageSize=10&DefinitionIds=contract", null)]
    [InlineData("instance", "GET", "/workflow-instances/{id}", null)]
    [InlineData("execution-state", "GET", "/workflow-instances/{id}/execution-state", null)]
    [InlineData("instance-variables", "GET", "/workflow-instances/{id}/variables", null)]
    [InlineData("journal", "GET", "/workflow-instances/{id}/journal", null)]
    [InlineData("journal", "POST", "/workflow-instances/{id}/journal?skip=0&take=110", """{"filter":{"excludedActivityTypes":["Elsa.Workflow","Elsa.Flowchart"]}}""")]
    [InlineData("journal-line", "GET", "/workflow-instances/{id}/journal/wait", null)]
    [InlineData("execution-report", "POST", "/activity-executions/report", """{"workflowInstanceId":"{id}","activityNodeIds":["Workflow1:flow:say","Workflow1:flow:bad"]}""")]
    [InlineData("execution-list", "GET", "/activity-executions/list?WorkflowInstanceId={id}&ActivityNodeId=Workflow1:flow:wait", null)]
    [InlineData("execution-list", "POST", "/activity-executions/list", """{"workflowInstanceId":"{id}","activityNodeId":"Workflow1:flow:wait"}""")]
    [InlineData("execution-summaries", "GET", "/activity-execution-summaries/list?WorkflowInstanceId={id}&ActivityNodeId=Workflow1:flow:bad", null)]
    [InlineData("execution", "GET", "/activity-executions/by-id?id={execution}", null)]
    [InlineData("execution", "GET", "/activity-executions/{execution}", null)]
    [InlineData("call-stack", "GET", "/activity-executions/{execution}/call-stack", null)]
    [InlineData("retry", "POST", "/alterations/workflows/retry", """{"workflowInstanceIds":["{id}"]}""")]
    public async Task Answer_WhenAnInstanceHasRun_ThenHasTheShapeThatStudioReads(string shape, string method, string path, string? body)
    {
        var id = await FailedAsync();

        var answer = (await SendAsync(method, path, body, id)).Is(200).Json;

        Shape.Matches(shape, answer);
        Assert.All(["items", "stats", "results"], list => Assert.True(!answer.TryGetProperty(list, out var items) || items.GetArrayLength() > 0, $"{list} is empty: nothing was compared."));
    }

    [Theory]
    [InlineData("GET", "/workflow-instances/{none}")]
    [InlineData("GET", "/workflow-instances/{none}/execution-state")]
    [InlineData("GET", "/workflow-instances/{none}/variables")]
    [InlineData("GET", "/workflow-instances/{none}/journal")]
    [InlineData("GET", "/workflow-instances/{id}/journal/nosuch")]
    [InlineData("GET", "/workflow-instances/not-an-id")]
    [InlineData("GET", "/activity-executions/not-an-id")]
    [InlineData("POST", "/cancel/workflow-instances/{none}")]
    [InlineData("DELETE", "/workflow-instances/{none}")]
    public async Task Answer_WhenThereIsNoSuchThing_ThenIs404(string method, string path) => (await SendAsync(method, path, method == "POST" ? "{}" : null, await FailedAsync())).Is(404);

    [Fact]
    public async Task Count_WhenAskedForAnActivity_ThenCountsItsExecutions()
    {
        var id = await FailedAsync();

        Assert.Equal(1, (await SendAsync("GET", "/activity-executions/count?WorkflowInstanceId={id}&ActivityNodeId=Workflow1:flow:wait", null, id)).Is(200).Json.GetProperty("count").GetInt32());
        Assert.Equal(4, (await SendAsync("GET", "/activity-executions/count?WorkflowInstanceId={id}", null, id)).Is(200).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Journal_WhenTheFilterComesInChunks_ThenIsUsed()
    {
        var id = await FailedAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/elsa/api/workflow-instances/{id}/journal?skip=0&take=100")
        {
            Content = new StreamContent(new OfUnknownLength("""{"filter":{"eventNames":["Faulted"]}}""")) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");

        using var response = await server.Http.SendAsync(request);

        var journal = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(["Faulted"], journal.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("eventName").GetString()));
    }

    [Fact]
    public async Task BulkCancel_WhenItNamesADefinition_ThenEndsWhatRunsAndSaysHowMany()
    {
        await FailedAsync();

        var answer = (await server.SendAsync("POST", "/elsa/api/bulk-actions/cancel/workflow-instances", new { definitionId = "contract" })).Is(200).Json;

        Assert.True(answer.GetProperty("cancelled").GetInt32() >= 1);
        Assert.Equal(0, (await server.SendAsync("POST", "/elsa/api/workflow-instances", """{"page":0,"pageSize":10,"definitionIds":["contract"],"statuses":["Running"]}""")).Is(200).Json.GetProperty("totalCount").GetInt64());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"definitionId":""}""")]
    [InlineData("""{"definitionVersionId":" "}""")]
    [InlineData("""{"versionOptions":"Latest"}""")]
    [InlineData("""{"definitionId":"contract","versionOptions":"Newest"}""")]
    [InlineData("""{"definitionId":"contract","versionOptions":{"isLatest":true}}""")]
    public async Task BulkCancel_WhenItNamesNothing_ThenIsRefusedAndNothingEnds(string body)
    {
        var id = await FailedAsync();

        (await server.SendAsync("POST", "/elsa/api/bulk-actions/cancel/workflow-instances", body)).Is(400);

        Assert.Equal("Running", (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task BulkCancel_WhenItNamesAVersion_ThenEndsOnlyWhatRunsOfIt()
    {
        var older = await WaitingAsync("first");
        var newer = await WaitingAsync("second");

        var answer = (await server.SendAsync("POST", "/elsa/api/bulk-actions/cancel/workflow-instances", """{"definitionId":"versioned","versionOptions":"Latest"}""")).Is(200).Json;

        Assert.Equal(1, answer.GetProperty("cancelled").GetInt32());
        Assert.Equal(("Running", "Finished"), (await StatusAsync(older), await StatusAsync(newer)));

        async Task<string> WaitingAsync(string activity)
        {
            (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", new Flow("versioned").Event(activity, "go").ToJson())).Is(200);
            return (await server.SendAsync("POST", "/api/v1/workflows/versioned/start", "{}", headers: ("Idempotency-Key", activity))).Is(201).Json.GetProperty("id").GetString()!;
        }

        async Task<string?> StatusAsync(string id) => (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Json.GetProperty("status").GetString();
    }

    private async Task<string> FailedAsync()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Document)).Is(200);
        var id = (await server.SendAsync("POST", "/api/v1/workflows/contract/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201).Json.GetProperty("id").GetString()!;
        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", new { signalId = "s1", name = "go" })).Is(200);
        return id;
    }

    private Task<Answer> SendAsync(string method, string path, string? body, string id) => server.SendAsync(method, "/elsa/api" + Filled(path, id), body is null ? null : Filled(body, id));

    private static string Filled(string text, string id) => text.Replace("{id}", id, StringComparison.Ordinal)
        .Replace("{execution}", $"{Guid.Parse(id):N}-4", StringComparison.Ordinal).Replace("{none}", "019a0000-0000-7000-8000-000000000000", StringComparison.Ordinal);

    /// <summary>A text whose length nobody knows beforehand, so that it is sent in chunks.</summary>
    private sealed class OfUnknownLength(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override bool CanSeek => false;
    }
}
