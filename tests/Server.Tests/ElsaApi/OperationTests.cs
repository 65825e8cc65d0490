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
            Assert.Contains("audit", answer.Is(400).Json.GetProperty("errors").GetProperty("generalErrors")[0].GetString(), StringComparison.Ordinal);
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
