using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Publishing, running, taking back, deleting; what refers to a definition; what lies inside it.</summary>
public sealed class DefinitionLifeTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Path = $"{Editor.Api}/workflow-definitions";
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Execute_WhenPublished_ThenItRunsOnThatVersionWhileEditsGoOn()
    {
        var published = (await server.SaveAsync(Editor.Model("runs", "Runs", Editor.Wait("w")), publish: true)).Definition();

        var answer = (await server.SendAsync("POST", $"{Path}/runs/execute", """{"correlationId":"C-1","triggerActivityId":null,"versionOptions":"Latest","input":{"a":1}}""")).Is(200);

        Shape.Allows("workflow-state", answer.Json);
        var id = answer.Response.Headers.GetValues("x-elsa-workflow-instance-id").Single();
        Assert.Equal((id, "Suspended", "C-1"), (State("id"), State("subStatus"), State("correlationId")));
        published["name"] = "Edited";
        var draft = (await server.SaveAsync(published)).Definition();
        Assert.NotEqual(draft.Text("id"), State("definitionVersionId"));
        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", """{"signalId":"s","name":"go"}""")).Is(200);

        string State(string name) => answer.Json.GetProperty("workflowState").GetProperty(name).GetString()!;
    }

    [Theory]
    [InlineData("Latest")]
    [InlineData("Published")]
    [InlineData("1")]
    public async Task Execute_WhenOnlyADraft_ThenItCannotStartAndSaysWhy(string version)
    {
        (await server.SaveAsync(Editor.Model("only-draft", "Draft", """{"id":"t","type":"Acme.Teleport","version":1}"""))).Is(200);

        var answer = (await server.SendAsync("POST", $"{Path}/only-draft/execute", JsonSerializer.Serialize(new { versionOptions = version }))).Is(200);

        Assert.Equal("true", answer.Response.Headers.GetValues("x-elsa-workflow-cannot-start").Single());
        Assert.False(answer.Response.Headers.Contains("x-elsa-workflow-instance-id"));
        Assert.Contains(version == "Published" ? "published" : "Acme.Teleport", answer.Json.GetProperty("reasonEn").GetString(), StringComparison.Ordinal);
        (await server.SendAsync("POST", $"{Path}/no-such/execute", "{}")).Is(404);
    }

    [Theory]
    [InlineData("""{"isLatest":true}""")]
    [InlineData("{}")]
    [InlineData("""{"version":"1"}""")]
    [InlineData("""{"version":1,"isPublished":true}""")]
    [InlineData("[1]")]
    [InlineData("true")]
    [InlineData("\"Newest\"")]
    public async Task Execute_WhenTheVersionIsNotUnderstood_Then400SaysWhatIs(string options)
    {
        var id = $"said-{Guid.NewGuid():N}";
        (await server.SaveAsync(Editor.Model(id, "Said", Editor.Wait("w")), publish: true)).Is(200);

        foreach (var verb in (string[])["execute", "dispatch", "bulk-dispatch"])
            Assert.Contains("LatestOrPublished", (await server.SendAsync("POST", $"{Path}/{id}/{verb}", $$"""{"versionOptions":{{options}}}""")).Is(400).Text, StringComparison.Ordinal);

        Assert.Equal(0L, await server.SqlAsync($"select count(*) from engine.instances where definition_id = '{id}'"));
        (await server.SendAsync("POST", $"{Path}/{id}/dispatch", """{"versionOptions":{"version":1}}""")).Is(200);
    }

    [Fact]
    public async Task Dispatch_WhenPublished_ThenInstancesAreStarted()
    {
        (await server.SaveAsync(Editor.Model("dispatched", "Dispatched", Editor.Wait("w")), publish: true)).Is(200);

        var one = (await server.SendAsync("POST", $"{Path}/dispatched/dispatch", """{"correlationId":"d"}""")).Is(200).Json.GetProperty("workflowInstanceId").GetGuid();
        var many = (await server.SendAsync("POST", $"{Path}/dispatched/bulk-dispatch", """{"count":3}""")).Is(200).Json.GetProperty("workflowInstanceIds");

        Assert.Equal(3, many.GetArrayLength());
        (await server.SendAsync("GET", $"/api/v1/workflows/instances/{one}")).Is(200);
        (await server.SendAsync("POST", $"{Path}/dispatched/bulk-dispatch", """{"count":1000000}""")).Is(400);
        (await server.SendAsync("POST", $"{Path}/dispatched/dispatch", """{"triggerActivityId":"nowhere"}""")).Is(400);
    }

    [Fact]
    public async Task Retract_WhenPublished_ThenNothingStartsItAndPublishingAgainSays()
    {
        (await server.SaveAsync(Editor.Model("retracted", "Retracted", Editor.Write("w")), publish: true)).Is(200);

        var definition = (await server.SendAsync("POST", $"{Path}/retracted/retract", "{}")).Is(200).Json;

        Shape.Allows("definition", definition);
        Assert.False(definition.GetProperty("isPublished").GetBoolean());
        Assert.True((await server.SendAsync("POST", $"{Path}/retracted/execute", "{}")).Response.Headers.Contains("x-elsa-workflow-cannot-start"));
        (await server.SendAsync("POST", $"{Path}/retracted/retract", "{}")).Is(400);
        Assert.False((await server.SendAsync("POST", $"{Path}/retracted/publish", "{}")).Is(200).Json.GetProperty("alreadyPublished").GetBoolean());
        Assert.True((await server.SendAsync("POST", $"{Path}/retracted/publish", "{}")).Is(200).Json.GetProperty("alreadyPublished").GetBoolean());
    }

    [Fact]
    public async Task Revert_WhenAnOlderVersionIsWanted_ThenItsContentIsANewDraft()
    {
        var first = (await server.SaveAsync(Editor.Model("reverted", "First", Editor.Write("w", "one")), publish: true)).Definition();
        first["name"] = "Second";
        (await server.SaveAsync(first, publish: true)).Is(200);

        var summary = (await server.SendAsync("POST", $"{Path}/reverted/revert/1")).Is(201);

        Assert.Equal(("First", 3, false), (summary.Json.GetProperty("name").GetString(), summary.Json.GetProperty("version").GetInt32(), summary.Json.GetProperty("isPublished").GetBoolean()));
        Assert.Equal("Second", await server.SqlAsync("select name from engine.definitions where definition_id = 'reverted' and is_published"));
        (await server.SendAsync("POST", $"{Path}/reverted/revert/77")).Is(404);
    }

    [Fact]
    public async Task Delete_WhenInstancesReferToIt_ThenItIsGoneFromListsAndTheyGoOn()
    {
        (await server.SaveAsync(Editor.Model("deleted", "Deleted", Editor.Wait("w")), publish: true)).Is(200);
        var id = (await server.SendAsync("POST", $"{Path}/deleted/dispatch", "{}")).Is(200).Json.GetProperty("workflowInstanceId").GetGuid();

        (await server.SendAsync("DELETE", $"{Path}/deleted")).Is(204);

        (await server.SendAsync("GET", $"{Path}/by-definition-id/deleted")).Is(404);
        (await server.SendAsync("POST", $"{Path}/deleted/execute", "{}")).Is(404);
        Assert.Equal(0, (await server.SendAsync("GET", $"{Path}?DefinitionIds=deleted")).Json.GetProperty("totalCount").GetInt32());
        Assert.Equal(1, (await server.SendAsync("GET", $"{Path}?versionOptions=&Ids=deleted-v1")).Json.GetProperty("totalCount").GetInt32());
        (await server.SendAsync("GET", $"{Path}/by-id/deleted-v1")).Is(200);
        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", """{"signalId":"s","name":"go"}""")).Is(200);
        Assert.Equal("finished", (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}")).Json.GetProperty("status").GetString());
        (await server.SendAsync("DELETE", $"{Path}/deleted")).Is(404);
        Assert.Equal("2", (await server.SaveAsync(Editor.Model("deleted", "Again", Editor.Write("w")), publish: true)).Definition().Text("version"));
    }

    [Fact]
    public async Task DeleteVersion_WhenItIsTheLatest_ThenTheOneBeforeIsAndItsNumberIsNotGivenAgain()
    {
        var first = (await server.SaveAsync(Editor.Model("trimmed", "First", Editor.Write("w")), publish: true)).Definition();
        first["name"] = "Second";
        var second = (await server.SaveAsync(first)).Definition();

        (await server.SendAsync("DELETE", $"{Editor.Api}/workflow-definition-versions/{second.Text("id")}")).Is(204);

        Assert.Equal("First", (await server.OpenAsync("trimmed")).Text("name"));
        var third = await server.OpenAsync("trimmed");
        third["name"] = "Third";
        Assert.Equal("3", (await server.SaveAsync(third)).Definition().Text("version"));
        (await server.SendAsync("DELETE", $"{Path}/trimmed/version/3")).Is(204);
        Assert.Equal(1, (await server.SendAsync("POST", $"{Editor.Api}/bulk-actions/delete/workflow-definitions/by-id", """{"ids":["trimmed-v1","none"]}""")).Is(200).Json.GetProperty("deleted").GetInt32());
        (await server.SendAsync("GET", $"{Path}/by-definition-id/trimmed")).Is(404);
    }

    [Fact]
    public async Task Bulk_WhenSeveralAreNamed_ThenEachIsAnswered()
    {
        (await server.SaveAsync(Editor.Model("bulk-ok", "Bulk", Editor.Write("w")))).Is(200);
        (await server.SaveAsync(Editor.Model("bulk-bad", "Bulk", """{"id":"t","type":"Acme.Teleport","version":1}"""))).Is(200);
        const string ids = """{"definitionIds":["bulk-ok","bulk-bad","bulk-none"]}""";

        var published = (await server.SendAsync("POST", $"{Editor.Api}/bulk-actions/publish/workflow-definitions/by-definition-ids", ids)).Is(200).Json;
        var again = (await server.SendAsync("POST", $"{Editor.Api}/bulk-actions/publish/workflow-definitions/by-definition-ids", """{"definitionIds":["bulk-ok"]}""")).Is(200).Json;
        var retracted = (await server.SendAsync("POST", $"{Editor.Api}/bulk-actions/retract/workflow-definitions/by-definition-ids", ids)).Is(200).Json;
        var deleted = (await server.SendAsync("POST", $"{Editor.Api}/bulk-actions/delete/workflow-definitions/by-definition-id", ids)).Is(200).Json;

        Assert.Equal("""["bulk-ok"]|["bulk-bad"]|["bulk-none"]""", string.Join('|', new[] { "published", "failed", "notFound" }.Select(n => published.GetProperty(n).GetRawText())));
        Assert.Contains("Acme.Teleport", published.GetProperty("warnings").GetProperty("bulk-bad")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("bulk-ok", again.GetProperty("alreadyPublished")[0].GetString());
        Assert.Equal("""["bulk-ok"]|["bulk-bad"]|["bulk-none"]""", string.Join('|', new[] { "retracted", "alreadyRetracted", "notFound" }.Select(n => retracted.GetProperty(n).GetRawText())));
        Assert.Equal(2, deleted.GetProperty("deleted").GetInt32());
    }

    [Fact]
    public async Task Consumers_WhenADefinitionNamesAnother_ThenItIsOneAndItsReferencesCanBeUpdated()
    {
        var used = (await server.SaveAsync(Editor.Model("used", "Used", Editor.Write("w")), publish: true)).Definition();
        (await server.SaveAsync(Editor.Model("consumer", "Consumer",
            """{"id":"d","type":"Elsa.DispatchWorkflow","version":1,"workflowDefinitionId":{"typeName":"String","expression":{"type":"Literal","value":"used"}}}""",
            """{"id":"c","type":"UsedAsActivity","version":1,"workflowDefinitionId":"used","workflowDefinitionVersionId":"used-v0"}"""))).Is(200);
        (await server.SaveAsync(Editor.Model("bystander", "Mentions used in a text", Editor.Write("w", "used")))).Is(200);

        var consumers = (await server.SendAsync("GET", $"{Path}/used/consumers")).Is(200).Json.GetProperty("consumingWorkflowDefinitionIds");
        var updated = (await server.SendAsync("POST", $"{Path}/used/update-references", "{}")).Is(200).Json.GetProperty("affectedWorkflows");

        Assert.Equal("""["consumer"]""", consumers.GetRawText());
        Assert.Equal("""["consumer"]""", updated.GetRawText());
        Assert.Contains($"\"workflowDefinitionVersionId\": \"{used.Text("id")}\"", (await server.SendAsync("GET", $"{Path}/consumer/export")).Text, StringComparison.Ordinal);
        Assert.Equal("[]", (await server.SendAsync("POST", $"{Path}/used/update-references", "{}")).Is(200).Json.GetProperty("affectedWorkflows").GetRawText());
    }

    [Fact]
    public async Task Subgraph_WhenSteppingInside_ThenThatPartAndWithoutAParentTheRoot()
    {
        var nested = $$"""{"id":"if1","type":"Elsa.If","version":1,"name":"Check","then":{"id":"seq","type":"Elsa.Sequence","version":1,"activities":[{{Editor.Write("deep")}}]},"else":null}""";
        var version = (await server.SaveAsync(Editor.Model("nested", "Nested", nested))).Definition().Text("id");

        foreach (var (query, id, port) in new[] { ("", "flow", "Root"), ("?parentNodeId=Workflow1:nowhere", "flow", "Root"), ("?parentNodeId=Workflow1:flow:if1", "if1", "Activities"), ("?parentNodeId=Workflow1:flow:if1:seq", "seq", "Then") })
        {
            var node = (await server.SendAsync("GET", $"{Path}/subgraph/{version}{query}")).Is(200).Json;
            Shape.Allows("node", node);
            Assert.Equal((id, port), (node.GetProperty("activity").GetProperty("id").GetString(), node.GetProperty("port").GetString()));
        }
        var whole = (await server.SendAsync("GET", $"{Path}/subgraph/{version}")).Is(200).Json;
        Assert.Equal("if1 Activities|seq Then|deep Activities", string.Join('|', Below(whole)));
        var segments = (await server.SendAsync("GET", $"{Path}/subgraph/segments/{version}?childNodeId=Workflow1:flow:if1:seq:deep")).Is(200).Json;
        Shape.Allows("segments", segments);
        Assert.Equal("if1 Then|seq Activities", string.Join('|', segments.GetProperty("pathSegments").EnumerateArray().Select(s => $"{s.GetProperty("activityId").GetString()} {s.GetProperty("portName").GetString()}")));
        Assert.Equal(("deep", "seq"), (segments.GetProperty("childNode").GetProperty("activity").GetProperty("id").GetString(), segments.GetProperty("container").GetProperty("activity").GetProperty("id").GetString()));
        Assert.Equal("flow", (await server.SendAsync("GET", $"{Path}/subgraph/segments/{version}?childNodeId=Workflow1:flow:if1")).Is(200).Json.GetProperty("container").GetProperty("activity").GetProperty("id").GetString());
        (await server.SendAsync("GET", $"{Path}/subgraph/segments/{version}?childNodeId=x")).Is(400);
        (await server.SendAsync("GET", $"{Path}/subgraph/none")).Is(404);

        static IEnumerable<string> Below(JsonElement node) => node.GetProperty("children").EnumerateArray()
            .SelectMany(c => Below(c).Prepend($"{c.GetProperty("activity").GetProperty("id").GetString()} {c.GetProperty("port").GetString()}"));
    }
}
