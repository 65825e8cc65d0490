using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>What one server exports another imports, and the instance goes on there.</summary>
public sealed class InstanceImportTests(InstanceImportTests.TwoServers servers) : IClassFixture<InstanceImportTests.TwoServers>
{
    private const string Single = "/elsa/api/workflow-instances/import";
    private const string Bulk = "/elsa/api/bulk-actions/import/workflow-instances";

    /// <summary>Where instances start.</summary>
    private readonly RunningServer source = servers.Source;

    /// <summary>Where they are imported.</summary>
    private readonly RunningServer server = servers.Target;

    [Fact]
    public async Task Import_WhenTheInstanceIsNotThere_ThenItGoesOnUnderItsIdByItsWaitsAndVariables()
    {
        var (id, file) = await ExportAsync(new Flow("moved").Fork("a", "b").JoinAll("join", "a", "b").Variable("v1", "Amount", "Int32", "5"), "a");
        var before = await ReadAsync(source, id);

        Assert.Equal(1, (await server.SendAsync("POST", Single, file)).Is(200).Json.GetProperty("imported").GetInt32());

        var after = await ReadAsync(server, id);
        Assert.Equal(Waits(before), Waits(after));
        Assert.Equal(before.GetProperty("createdAt").GetRawText(), after.GetProperty("createdAt").GetRawText());
        Assert.Equal(5, (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/variables")).Json.GetProperty("items")[0].GetProperty("value").GetInt32());
        Assert.Equal("imported", await server.SqlAsync($"select action from approvals.audit where case_id = '{id}'"));
        await SignalAsync(server, id, "b");
        Assert.Equal("Finished", (await ReadAsync(server, id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Import_WhenTheInstanceHasATimer_ThenItFiresThere()
    {
        var (id, file) = await ExportAsync(new Flow("delayed").Add("delay", "Elsa.Delay", ("timeSpan", "01:00:00")));

        (await server.SendAsync("POST", Single, file)).Is(200);
        (await server.SendAsync("POST", "/dev/clock", """{"by":"1wd"}""", key: null)).Is(200);

        Assert.Equal("Finished", (await ReadAsync(server, id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Import_WhenManyComeAsAnArchive_ThenAllAreTakenInAndAgainChangesNothing()
    {
        var flow = new Flow("archived").Event("first", "go");
        var exported = new List<(string Id, string File)> { await ExportAsync(flow), await ExportAsync(flow) };
        var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (id, file) in exported)
            {
                using var entry = zip.CreateEntry($"{id}.json").Open();
                entry.Write(Encoding.UTF8.GetBytes(file));
            }

        for (var time = 0; time < 2; time++)
            Assert.Equal(2, (await UploadAsync("instances.zip", archive.ToArray())).Is(200).Json.GetProperty("imported").GetInt32());

        foreach (var (id, _) in exported)
            Assert.Equal(1L, await server.SqlAsync($"select version from engine.instances where id = '{id}'"));
    }

    [Fact]
    public async Task Import_WhenAnotherVersionIsPublishedMeanwhile_ThenItGoesOnByItsOwnAndIsCounted()
    {
        var flow = new Flow("older").Event("first", "go");
        var (id, file) = await ExportAsync(flow);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", flow.Event("second", "then").ToJson())).Is(200);
        await server.SqlAsync("delete from engine.list_snapshot; insert into engine.list_snapshot (taken, at, took) values (pg_current_snapshot(), now(), '1 day'); delete from engine.list_marks; insert into engine.list_marks (list, place, id, counted) values ('definition:older', 1, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 7)");

        (await server.SendAsync("POST", Single, file)).Is(200);

        Assert.Equal(8, (await server.SendAsync("POST", "/elsa/api/workflow-instances", """{"page":0,"pageSize":10,"definitionIds":["older"]}""")).Is(200).Json.GetProperty("totalCount").GetInt64());
        await SignalAsync(server, id, "go");
        Assert.Equal("Finished", (await ReadAsync(server, id)).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task Import_WhenTheDefinitionCameByElsasApiUnderAnotherVersion_ThenGoesOnByTheSameContent(int versionsBefore)
    {
        // With what servers give in another order, and with a date, as files have it.
        var definition = $"by-content-{versionsBefore}";
        var document = new Flow(definition).Event("first", "go").Event("second", "then").ToJson().Insert(1, "\"id\":\"abc\",\"version\":7,\"createdAt\":\"2026-01-01T00:00:00+00:00\",".Replace("abc", $"{definition}-source", StringComparison.Ordinal));
        (await source.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", document)).Is(200);
        for (var i = 0; i < versionsBefore; i++)
            (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", new Flow(definition).Event("other", "go").ToJson())).Is(200);
        var id = (await source.SendAsync("POST", $"/elsa/api/workflow-definitions/{definition}/dispatch", "{}")).Is(200).Json.GetProperty("workflowInstanceId").GetString()!;
        var file = (await source.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/export")).Is(200).Text;

        Assert.Contains("Import the definition", (await server.SendAsync("POST", Single, file)).Is(404).Text, StringComparison.Ordinal);
        var exported = (await source.SendAsync("GET", $"/elsa/api/workflow-definitions/{definition}/export")).Is(200).Text;
        (await server.SendAsync("POST", "/elsa/api/workflow-definitions/import", exported)).Is(200);
        (await server.SendAsync("POST", Single, file)).Is(404);
        (await server.SendAsync("POST", $"/elsa/api/workflow-definitions/{definition}/publish", "{}")).Is(200);
        for (var time = 0; time < 2; time++)
            (await server.SendAsync("POST", Single, file)).Is(200);

        var published = (await server.SendAsync("GET", $"/elsa/api/workflow-definitions/{definition}?versionOptions=Published")).Is(200).Json;
        Assert.Equal(published.GetProperty("id").GetString(), (await ReadAsync(server, id)).GetProperty("definitionVersionId").GetString());
        await SignalAsync(server, id, "go");
        await SignalAsync(server, id, "then");
        Assert.Equal("Finished", (await ReadAsync(server, id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Import_WhenTheIdIsThereWithAnotherState_ThenNothingChanges()
    {
        var (id, file) = await ExportAsync(new Flow("moved-on").Event("first", "go").Event("second", "then"));
        (await server.SendAsync("POST", Single, file)).Is(200);
        await SignalAsync(server, id, "go");
        var before = await ReadAsync(server, id);

        Assert.Contains(id, (await server.SendAsync("POST", Single, file)).Is(400).Text, StringComparison.Ordinal);

        Assert.Equal(before.GetRawText(), (await ReadAsync(server, id)).GetRawText());
    }

    [Theory]
    [InlineData("unknown", "isn't known")]
    [InlineData("format", "format 99")]
    [InlineData("activity", "has no activity 'other'")]
    [InlineData("bookmark", "isn't in the file (Task)")]
    [InlineData("execution", "belongs to no activity")]
    [InlineData("hash", "another content")]
    [InlineData("version", "isn't here")]
    [InlineData("early", "signals for later")]
    [InlineData("finished", "hasn't ended")]
    [InlineData("missing", "TalentState")]
    public async Task Import_WhenSomethingInTheFileIsNotUnderstoodOrNotWhole_ThenIsRefused(string what, string why)
    {
        var (id, file) = await ExportAsync(new Flow($"broken-{what}").Event("first", "go"));
        var json = JsonNode.Parse(file)!.AsObject();
        var snapshot = json["TalentState"]!.AsObject();
        var state = snapshot["state"]!.AsObject();
        var bookmark = state["bookmarks"]![0]!.AsObject();
        switch (what)
        {
            case "unknown": state["novelty"] = 1; break;
            case "format": state["format"] = 99; break;
            case "activity": state["executions"]![1]!["activityId"] = "other"; break;
            case "bookmark": bookmark["kind"] = "Task"; break;
            case "execution": bookmark["executionId"] = 1; break;
            case "hash": (snapshot["contentHash"], snapshot["fingerprint"]) = ("0", "0"); break;
            case "version": (state["definitionVersionId"], snapshot["contentHash"], snapshot["fingerprint"]) = ("nowhere", "0", "0"); break;
            case "early": state["earlySignals"] = new JsonArray(new JsonObject { ["signalId"] = "s", ["name"] = "n", ["payload"] = 1 }); break;
            case "finished": state["status"] = "Finished"; break;
            default: json.Remove("TalentState"); break;
        }

        var answer = await server.SendAsync("POST", Single, json.ToJsonString());

        Assert.InRange(answer.Status, 400, 404);
        Assert.Contains(why, answer.Text.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(404);
    }

    [Fact]
    public async Task Import_WhenItIsNoJsonOrTheKeyIsAnOperators_ThenIsRefused()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "operator", scopes = new[] { "workflows" } });

        (await UploadAsync("instance.json", "not json"u8.ToArray())).Is(400);
        (await server.SendAsync("POST", Single, "[]")).Is(400);
        (await server.SendAsync("POST", Single, "{}", key: key)).Is(403);
        (await server.SendAsync("POST", Bulk, "{}", key: key)).Is(403);
    }

    private async Task<(string Id, string File)> ExportAsync(Flow flow, params string[] signals)
    {
        foreach (var one in (RunningServer[])[source, server])
            (await one.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", flow.ToJson())).Is(200);
        var id = (await source.SendAsync("POST", $"/api/v1/workflows/{flow.Id}/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201).Json.GetProperty("id").GetString()!;
        foreach (var signal in signals)
            await SignalAsync(source, id, signal);
        return (id, (await source.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/export")).Is(200).Text);
    }

    private static async Task SignalAsync(RunningServer server, string id, string name) => (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", new { signalId = Guid.NewGuid(), name })).Is(200);

    private static string[] Waits(JsonElement instance) => [.. instance.GetProperty("workflowState").GetProperty("bookmarks").EnumerateArray().Select(b => $"{b.GetProperty("id")} {b.GetProperty("activityInstanceId")} {b.GetProperty("hash")} {b.GetProperty("payload")}")];

    private static async Task<JsonElement> ReadAsync(RunningServer server, string id) => (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Json;

    private async Task<Answer> UploadAsync(string name, byte[] content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Bulk) { Content = new MultipartFormDataContent { { new ByteArrayContent(content), "files", name } } };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        using var response = await server.Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Two servers that know nothing of each other.</summary>
    public sealed class TwoServers : IAsyncLifetime
    {
        public RunningServer Source { get; private set; } = null!;
        public RunningServer Target { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            (Source, Target) = (await RunningServer.StartAsync(), await RunningServer.StartAsync());
            (Source.Shared, Target.Shared) = (true, true);
        }

        public async Task DisposeAsync()
        {
            await Source.DisposeAsync();
            await Target.DisposeAsync();
        }
    }
}
