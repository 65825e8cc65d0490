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

    private const string Looping = """
        {"definitionId":"loops","name":"循环","root":{"id":"loop","type":"Elsa.While","version":1,"condition":{"typeName":"Boolean","expression":{"type":"Literal","value":true}},
         "body":{"id":"wait","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"go"}}}}}
        """;

    private readonly RunningServer server = fixture.Server;

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
    public async Task State_WhenInstancesWait_ThenSaysForWhatAndSinceWhen()
    {
        var (one, other) = (await StateAsync(await StartAsync()), await StateAsync(await StartAsync()));

        var (wait, same) = (one.GetProperty("bookmarks")[0], other.GetProperty("bookmarks")[0]);
        Assert.Equal("""{"eventName":"go"}""", wait.GetProperty("payload").GetRawText());
        Assert.Matches("^[0-9A-F]{64}$", wait.GetProperty("hash").GetString());
        Assert.Equal((wait.GetProperty("hash").GetString(), "wait"), (same.GetProperty("hash").GetString(), wait.GetProperty("activityId").GetString()));
        var context = one.GetProperty("activityExecutionContexts").EnumerateArray().Single(c => c.GetProperty("scheduledActivityNodeId").GetString() == "Workflow1:flow:wait");
        Assert.Equal("""{"EventName":"go"}""", context.GetProperty("activityState").GetRawText());
        var createdAt = one.GetProperty("createdAt").GetDateTimeOffset();
        foreach (var since in (DateTimeOffset[])[wait.GetProperty("createdAt").GetDateTimeOffset(), context.GetProperty("startedAt").GetDateTimeOffset()])
            Assert.InRange(since, createdAt, one.GetProperty("updatedAt").GetDateTimeOffset());
        var id = one.GetProperty("id").GetString();
        Assert.Equal((await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/journal")).Is(200).Json.GetProperty("totalCount").GetInt32(), one.GetProperty("executionLogSequence").GetInt32());
    }

    [Theory]
    [InlineData("", "caller:flow run child:flow wait")]
    [InlineData("?includeCrossWorkflowChain=True", "caller:flow run child:flow wait")]
    [InlineData("?includeCrossWorkflowChain=False", "child:flow wait")]
    [InlineData("?includeCrossWorkflowChain=True&skip=1&take=2", "run child:flow")]
    public async Task CallStack_WhenAnotherWorkflowStartedTheInstance_ThenGoesOnThereUnlessToldNotTo(string query, string stack)
    {
        foreach (var flow in (Flow[])[new Flow("child").Event("wait", "go"), new Flow("caller").Add("run", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "child"))])
            (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", flow.ToJson())).Is(200);
        var caller = (await server.SendAsync("POST", "/elsa/api/workflow-definitions/caller/dispatch", "{}")).Is(200).Json.GetProperty("workflowInstanceId").GetString();
        var child = await ChildAsync(caller!);

        var answer = (await server.SendAsync("GET", $"/elsa/api/activity-executions/{child}/call-stack{query}")).Is(200).Json;

        Shape.Matches("call-stack", answer);
        var items = answer.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(stack, string.Join(' ', items.Select(i => i.GetProperty("activityId").GetString() is "flow" ? i.GetProperty("workflowInstanceId").GetString() == caller ? "caller:flow" : "child:flow" : i.GetProperty("activityId").GetString())));
        Assert.Equal(Enumerable.Range(items[0].GetProperty("callStackDepth").GetInt32(), items.Count), items.Select(i => i.GetProperty("callStackDepth").GetInt32()));
        foreach (var (before, after) in items.Zip(items.Skip(1)))
            Assert.Equal(before.GetProperty("id").GetString(), after.GetProperty("schedulingActivityExecutionId").GetString());
        Assert.Equal(stack.Contains("child:flow", StringComparison.Ordinal) ? caller : null, items.Select(i => i.TryGetProperty("schedulingWorkflowInstanceId", out var by) ? by.GetString() : null).SingleOrDefault(by => by is not null));

        async Task<string> ChildAsync(string parent)
        {
            for (var attempt = 0; attempt < 2000; attempt++)
            {
                foreach (var one in (await server.SendAsync("GET", "/elsa/api/workflow-instances?PageSize=100&DefinitionIds=child")).Is(200).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()))
                    if ((await server.SendAsync("GET", $"/elsa/api/workflow-instances/{one}")).Is(200).Json.GetProperty("workflowState").GetProperty("parentWorkflowInstanceId").GetString() == parent)
                        return (await server.SendAsync("GET", $"/elsa/api/activity-executions/list?WorkflowInstanceId={one}&ActivityNodeId=Workflow1:flow:wait")).Is(200).Json.GetProperty("items")[0].GetProperty("id").GetString()!;
                await Task.Yield();
            }
            throw new InvalidOperationException($"No child of {parent} was started.");
        }
    }

    [Fact]
    public async Task Journal_WhenTheInstanceIsRemovedAndImportedAnew_ThenIsNotTheOldOne()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Looping)).Is(200);
        var id = (await server.SendAsync("POST", "/elsa/api/workflow-definitions/loops/dispatch", "{}")).Is(200).Json.GetProperty("workflowInstanceId").GetString()!;
        var file = (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/export")).Is(200).Text;
        for (var i = 0; i < 60; i++)
            (await server.SendAsync("POST", "/elsa/api/events/go/trigger", new { workflowInstanceId = id })).Is(200);
        var old = (await JournalAsync()).Count;
        // As another node would, of which this one learns nothing.
        await server.SqlAsync($"""
            set session_replication_role = replica; delete from approvals.audit where case_id = '{id}'; set session_replication_role = origin;
            delete from engine.journal where instance_id = '{id}'; delete from engine.bookmarks where instance_id = '{id}';
            delete from engine.signals where instance_id = '{id}'; delete from engine.instances where id = '{id}'
            """);

        (await server.SendAsync("POST", "/elsa/api/workflow-instances/import", file)).Is(200);

        var journal = await JournalAsync();
        Assert.Equal("Imported", journal[^1]);
        Assert.True(journal.Count < old);
        for (var i = 0; i < 70; i++)
            (await server.SendAsync("POST", "/elsa/api/events/go/trigger", new { workflowInstanceId = id })).Is(200);
        Assert.Equal(1, (await JournalAsync()).Count(e => e == "Imported"));

        async Task<List<string?>> JournalAsync() =>
            [.. (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/journal?take=500")).Is(200).Json.GetProperty("items").EnumerateArray().Select(l => l.GetProperty("eventName").GetString())];
    }

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

    private async Task<JsonElement> StateAsync(string id) => (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Json.GetProperty("workflowState");

    private async Task<string> StartAsync()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Document)).Is(200);
        return (await server.SendAsync("POST", "/api/v1/workflows/contract/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201).Json.GetProperty("id").GetString()!;
    }

    private async Task<string> FailedAsync()
    {
        var id = await StartAsync();
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
