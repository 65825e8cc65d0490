using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

public sealed class SavingTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Save_WhenNewAsStudioSendsIt_ThenADraftWithIdsOfItsOwn()
    {
        var answer = await server.SaveAsync(JsonNode.Parse("""
            {"definitionId":null,"name":"Brand new","links":null,"variables":null,"createdAt":"0001-01-01T00:00:00","customProperties":{},"root":{"id":"f1","type":"Elsa.Flowchart","version":1,"name":"Flowchart1"}}
            """)!.AsObject(), publish: null);

        var definition = answer.Definition();
        Shape.Allows("saved-definition", answer.Json);
        Shape.Allows("definition", answer.Json.GetProperty("workflowDefinition"));
        Assert.Equal((16, "1", "True", "False"), (definition.Text("definitionId").Length, definition.Text("version"), Bool(definition, "isLatest"), Bool(definition, "isPublished")));
        Assert.NotEqual(default, definition["createdAt"]!.GetValue<DateTimeOffset>());
        Assert.Equal("Workflow1:f1", definition["root"]!["nodeId"]!.ToString());
        Shape.Allows("definition", (await server.SendAsync("GET", $"{Editor.Api}/workflow-definitions/by-id/{definition.Text("id")}")).Is(200).Json);
    }

    [Fact]
    public async Task Save_WhenThePublishedVersionIsEdited_ThenANewDraftAndThePublishedOneStays()
    {
        var published = (await server.SaveAsync(Editor.Model("edited", "Edited", Editor.Write("w")), publish: true)).Definition();
        published["name"] = "Edited again";

        var draft = (await server.SaveAsync(published)).Definition();

        Assert.Equal(("1", "2", "False"), (published.Text("version"), draft.Text("version"), Bool(draft, "isPublished")));
        Assert.NotEqual(published.Text("id"), draft.Text("id"));
        var old = (await server.SendAsync("GET", $"{Editor.Api}/workflow-definitions/by-id/{published.Text("id")}")).Is(200).Json;
        Assert.Equal((true, false), (old.GetProperty("isPublished").GetBoolean(), old.GetProperty("isLatest").GetBoolean()));

        var second = (await server.SaveAsync(draft, publish: true));

        Assert.True(second.Definition()["isPublished"]!.GetValue<bool>());
        Assert.False((await server.SendAsync("GET", $"{Editor.Api}/workflow-definitions/by-id/{published.Text("id")}")).Json.GetProperty("isPublished").GetBoolean());
        Assert.True((await server.SaveAsync(second.Definition(), publish: true)).Json.GetProperty("alreadyPublished").GetBoolean());
    }

    [Fact]
    public async Task Save_WhenStudioKnowsOnlyPartOfTheDocument_ThenTheRestIsKept()
    {
        (await server.SendAsync("POST", $"{Editor.Api}/workflow-definitions/import", """
            {"definitionId":"foreign","name":"Foreign","x-vendor":{"deep":[1,2]},"customProperties":{"earlyEvents":["a"],"mine":1},
             "root":{"id":"s","type":"Elsa.Sequence","version":1,"activities":[{"id":"w","type":"Elsa.WriteLine","version":1,"future":{"a":null},"text":{"typeName":"String","expression":{"type":"Liquid","value":"{{ x }}"}}}]}}
            """)).Is(200);
        var opened = await server.OpenAsync("foreign");
        opened.Remove("x-vendor");
        opened["name"] = "Renamed";

        (await server.SaveAsync(opened)).Is(200);

        var file = await ExportAsync("foreign");
        Assert.Equal("[1,2]", file["x-vendor"]!["deep"]!.ToJsonString());
        Assert.Equal("""{"earlyEvents":["a"],"mine":1}""", file["customProperties"]!.ToJsonString());
        Assert.Equal("Liquid", file["root"]!["activities"]![0]!["text"]!["expression"]!["type"]!.ToString());
        Assert.True(file["root"]!["activities"]![0]!.AsObject().ContainsKey("future"));
    }

    [Fact]
    public async Task Save_WhenATypeIsUnknown_ThenStudioGetsAPlaceholderAndTheOriginalIsKept()
    {
        const string original = """{"id":"t","name":"T1","type":"Acme.Teleport","version":3,"to":{"x":1},"metadata":{"designer":{"position":{"x":1,"y":2}}},"body":{"id":"in","type":"Acme.Inner","version":1}}""";
        var shown = (await server.SaveAsync(Editor.Model("unknown-type", "Unknown", original))).Definition();

        var placeholder = shown["root"]!["activities"]![0]!.AsObject();
        Assert.Equal(("Elsa.NotFoundActivity", "Acme.Teleport", "3", "Not Found: Acme.Teleport"),
            (placeholder.Text("type"), placeholder.Text("missingTypeName"), placeholder.Text("missingTypeVersion"), placeholder["metadata"]!["displayText"]!.ToString()));
        placeholder["metadata"]!["designer"]!["position"]!["x"] = 50;
        var again = await server.SaveAsync(shown);

        var kept = (await ExportAsync("unknown-type"))["root"]!["activities"]![0]!.AsObject();
        Assert.Equal(("Acme.Teleport", "3", "50"), (kept.Text("type"), kept.Text("version"), kept["metadata"]!["designer"]!["position"]!["x"]!.ToString()));
        Assert.Equal("Acme.Inner", kept["body"]!["type"]!.ToString());
        Assert.False(kept["metadata"]!.AsObject().ContainsKey("displayText"));
        Assert.Contains("Acme.Teleport", again.Json.GetProperty("validationErrors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Save_WhenItIsAStateMachine_ThenTheDraftKeepsItAndPublishingSaysWhatIsMissing()
    {
        var machine = JsonNode.Parse("""
            {"id":"m","type":"Elsa.StateMachine","version":1,"initialState":"Draft","states":[{"name":"Draft","entry":{"id":"e","type":"Elsa.WriteLine","version":1}},{"name":"Done"}],
             "transitions":[{"name":"t","from":"Draft","to":"Done","trigger":{"id":"tr","type":"Elsa.Event","version":1}}],"connections":[{"source":"Draft","target":"Done"}]}
            """)!;
        var model = new JsonObject { ["definitionId"] = "machine", ["name"] = "Machine", ["root"] = machine.DeepClone() };

        var shown = (await server.SaveAsync(model)).Definition();
        await server.SaveAsync(shown);
        var refused = await server.SaveAsync(shown, publish: true);

        var kept = (await ExportAsync("machine"))["root"]!.AsObject();
        foreach (var property in (string[])["type", "initialState", "states", "transitions", "connections"])
            Assert.Equal(machine[property]!.ToJsonString(), kept[property]!.ToJsonString());
        Assert.Contains("Elsa.StateMachine", refused.Is(400).Json.GetProperty("errors").GetProperty("m")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_WhenAnExpressionIsForeign_Then400WithTheReasonAndTheDraftStays()
    {
        var foreign = """{"id":"w","type":"Elsa.WriteLine","version":1,"text":{"typeName":"String","expression":{"type":"CSharp","value":"1+1"}}}""";
        var draft = (await server.SaveAsync(Editor.Model("csharp", "C sharp", foreign))).Definition();

        var refused = await server.SaveAsync(draft, publish: true);

        Assert.Contains("CSharp", refused.Is(400).Json.GetProperty("errors").GetProperty("w")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(400, (await server.SendAsync("POST", $"{Editor.Api}/workflow-definitions/csharp/publish", "{}")).Status);
        Assert.False((await server.OpenAsync("csharp"))["isPublished"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("""{"model":{"definitionId":"hostile","name":"x"}}""")]
    [InlineData("""{"publish":true}""")]
    [InlineData("""{"model":{"definitionId":"../../etc","root":{"id":"a","type":"Elsa.End","version":1}}}""")]
    [InlineData("""{"model":{"definitionId":"hostile","root":{"id":"a","type":"Elsa.Flowchart","version":1,"activities":[{"id":"b","type":"Elsa.End"},{"id":"b","type":"Elsa.End"}]}}}""")]
    [InlineData("""{"model":{"definitionId":"hostile","name":"x","name":"y","root":{"id":"a","type":"Elsa.End","version":1}}}""")]
    [InlineData("nonsense")]
    public async Task Save_WhenItIsNoDefinition_Then400WithAMessageAndNothingIsKept(string body)
    {
        var refused = (await server.SendAsync("POST", $"{Editor.Api}/workflow-definitions", body)).Is(400);

        Assert.NotEmpty(refused.Json.GetProperty("errors").EnumerateObject().First().Value[0].GetString()!);
        Assert.Equal(0L, await server.SqlAsync("select count(*) from engine.definitions where definition_id in ('hostile', '../../etc')"));
    }

    [Fact]
    public async Task Save_WhenNestedBeyondMeasure_Then400()
    {
        var activity = """{"id":"last","type":"Elsa.End","version":1}""";
        for (var i = 0; i < 60; i++)
            activity = $$"""{"id":"n{{i}}","type":"Elsa.If","version":1,"then":{{activity}}}""";
        var hidden = JsonSerializer.Serialize(activity);

        (await server.SaveAsync(Editor.Model("deep", "Deep", activity))).Is(400);
        (await server.SaveAsync(Editor.Model("deep", "Deep", $$"""{"id":"p","type":"Elsa.NotFoundActivity","version":1,"originalActivityJson":{{hidden}}}"""))).Is(400);
    }

    private static string Bool(JsonObject json, string name) => json[name]!.GetValue<bool>().ToString();

    private async Task<JsonObject> ExportAsync(string id) => JsonNode.Parse((await server.SendAsync("GET", $"{Editor.Api}/workflow-definitions/{id}/export")).Is(200).Text)!.AsObject();
}
