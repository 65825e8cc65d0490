using System.IO.Compression;
using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

public sealed class OperationTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task List_WhenInstancesRun_ThenTotalAndPageFit()
    {
        await server.StartAsync();

        var answer = (await server.SendAsync("POST", "/elsa/api/workflow-instances", """{"page":0,"pageSize":1,"searchTerm":"","statuses":["Running"],"orderBy":"Created","orderDirection":"Descending"}""")).Is(200).Json;

        Assert.Equal(1, answer.GetProperty("items").GetArrayLength());
        Assert.True(answer.GetProperty("totalCount").GetInt64() >= 1);
    }

    [Fact]
    public async Task Delete_WhenAnAuditVouchesForIt_ThenItIsRefusedAndGoesOn()
    {
        var (id, _) = await server.StartAsync();

        foreach (var answer in new[]
        {
            await server.SendAsync("DELETE", $"/elsa/api/workflow-instances/{id}"),
            await server.SendAsync("POST", "/elsa/api/bulk-actions/delete/workflow-instances/by-id", new { ids = new[] { id } }),
        })
        {
            var said = answer.Is(400).Json.GetProperty("errors").GetProperty("generalErrors")[0].GetString()!;
            Assert.True(said.IndexOf("审计", StringComparison.Ordinal) is >= 0 and var zh && zh < said.IndexOf("audit", StringComparison.Ordinal), said);
            Assert.Equal(said, answer.Json.GetProperty("message").GetString());
        }
        Assert.Equal("Running", (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/execution-state")).Is(200).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Delete_WhenThereIsNone_ThenNotFoundAndABulkOfNoneIsRefused()
    {
        (await server.SendAsync("DELETE", $"/elsa/api/workflow-instances/{Guid.NewGuid()}")).Is(404);
        Assert.Equal(0, (await server.SendAsync("POST", "/elsa/api/bulk-actions/delete/workflow-instances/by-id", new { ids = new[] { Guid.NewGuid() } })).Is(200).Json.GetProperty("deleted").GetInt32());
        (await server.SendAsync("POST", "/elsa/api/bulk-actions/delete/workflow-instances/by-id", "{}")).Is(400);
    }

    [Fact]
    public async Task Retry_WhenNothingFailed_ThenItSaysSo()
    {
        var (id, _) = await server.StartAsync();

        var result = (await server.SendAsync("POST", "/elsa/api/alterations/workflows/retry", new { workflowInstanceIds = new[] { id } })).Is(200).Json.GetProperty("results")[0];

        Assert.Equal(id, result.GetProperty("workflowInstanceId").GetGuid());
        Assert.False(result.GetProperty("isSuccessful").GetBoolean());
        Assert.Equal("Warning", result.GetProperty("log").GetProperty("logEntries")[0].GetProperty("logLevel").GetString());
    }

    [Fact]
    public async Task Retry_WhenSomeOfTheIdsAreNone_ThenTheOthersAreRetriedAndEachIsAnswered()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", new Flow("fails").Add("bad", "Elsa.Fault", ("message", "出错")).ToJson())).Is(200);
        var failed = (await server.SendAsync("POST", "/elsa/api/workflow-definitions/fails/dispatch", "{}")).Is(200).Json.GetProperty("workflowInstanceId").GetString()!;
        string[] ids = ["no-id", Guid.NewGuid().ToString(), failed];

        var results = (await server.SendAsync("POST", "/elsa/api/alterations/workflows/retry", new { workflowInstanceIds = ids })).Is(200).Json.GetProperty("results").EnumerateArray().ToList();

        Assert.Equal(ids, results.Select(r => r.GetProperty("workflowInstanceId").GetString()));
        Assert.Equal([false, false, true], results.Select(r => r.GetProperty("isSuccessful").GetBoolean()));
    }

    [Fact]
    public async Task Trigger_WhenRepeatedWithItsKey_ThenIsAppliedOnceAndAnsweredTheSame()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", new Flow("triggered").Event("first", "tick").Event("second", "tick").ToJson())).Is(200);
        var id = (await server.SendAsync("POST", "/elsa/api/workflow-definitions/triggered/dispatch", "{}")).Is(200).Json.GetProperty("workflowInstanceId").GetString()!;
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        var first = (await server.SendAsync("POST", "/elsa/api/events/tick/trigger", new { workflowInstanceId = id }, headers: key)).Is(200);
        var again = (await server.SendAsync("POST", "/elsa/api/events/tick/trigger", new { workflowInstanceId = id }, headers: key)).Is(200);

        Assert.Equal((key.Item2, "Applied"), (first.Json.GetProperty("signalId").GetString(), first.Json.GetProperty("outcome").GetString()));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal((false, true), (first.Response.Headers.Contains("Idempotent-Replayed"), again.Response.Headers.Contains("Idempotent-Replayed")));
        Assert.Equal("idempotency_key_reused", (await server.SendAsync("POST", "/elsa/api/events/tick/trigger", new { workflowInstanceId = id, input = 1 }, headers: key)).Is(400).Code);
        Assert.Equal("second", (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Json.GetProperty("workflowState").GetProperty("bookmarks")[0].GetProperty("activityId").GetString());
    }

    [Fact]
    public async Task Trigger_WhenNothingWaitsOrManyMay_ThenTheAnswerSaysWhatBecameOfIt()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", new Flow("heard").Event("wait", "tock").ToJson())).Is(200);
        var id = (await server.SendAsync("POST", "/elsa/api/workflow-definitions/heard/dispatch", """{"correlationId":"T-1"}""")).Is(200).Json.GetProperty("workflowInstanceId").GetString()!;
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        Assert.Equal("NotExpected", await OutcomeAsync("tick", new { workflowInstanceId = id }));
        Assert.Equal("NotExpected", await OutcomeAsync("tock", new { correlationId = "T-2" }));
        Assert.Equal("Published", await OutcomeAsync("tock", new { correlationId = "T-1" }, key));
        Assert.Equal("Published", await OutcomeAsync("tock", new { correlationId = "T-1" }, key));
        Assert.Equal("idempotency_key_reused", (await server.SendAsync("POST", "/elsa/api/events/tock/trigger", new { correlationId = "T-3" }, headers: key)).Is(400).Code);

        async Task<string?> OutcomeAsync(string name, object body, params (string, string)[] headers) =>
            (await server.SendAsync("POST", $"/elsa/api/events/{name}/trigger", body, headers: headers)).Is(200).Json.GetProperty("outcome").GetString();
    }

    [Fact]
    public async Task Trigger_WhenAnInstanceWaitsForTheEvent_ThenItFinishes()
    {
        var (id, _) = await server.StartAsync();

        (await server.SendAsync("POST", "/elsa/api/events/paid/trigger", new { workflowInstanceId = id })).Is(200);

        Assert.Equal("Finished", (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/execution-state")).Is(200).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Export_WhenOneOrMany_ThenFilesWithElsasNames()
    {
        var (id, _) = await server.StartAsync();

        var one = (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/export?includeWorkflowExecutionLog=true")).Is(200);
        Assert.Equal(id, one.Json.GetProperty("WorkflowState").GetProperty("id").GetGuid());
        Assert.NotEqual(0, one.Json.GetProperty("WorkflowExecutionLogRecords").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, one.Json.GetProperty("ActivityExecutionRecords").ValueKind);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/elsa/api/bulk-actions/export/workflow-instances") { Content = System.Net.Http.Json.JsonContent.Create(new { ids = new[] { id } }) };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        using var response = await server.Http.SendAsync(request);
        using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync());
        Assert.Equal($"workflow-instance-{id}.json", Assert.Single(zip.Entries).FullName);
    }
}
