using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Workflows that are used as activities, from the palette to the journal.</summary>
public sealed class WorkflowActivityTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Workflow_WhenUsableAsAnActivity_ThenItIsInThePaletteAndRunsInVersionsThatStay()
    {
        await SaveAsync(Greet("v1"));
        var first = await DescriptorAsync("GreetPeople");
        Assert.Equal(["Greet people", "Greetings", "Action", ""], new[] { "displayName", "category", "kind", "namespace" }.Select(n => first.GetProperty(n).GetString()));
        Assert.True(first.GetProperty("isBrowsable").GetBoolean());
        Assert.Equal(["Root/Embedded", "Polite/Flow", "Rude/Flow"], first.GetProperty("ports").EnumerateArray().Select(p => $"{p.GetProperty("name")}/{p.GetProperty("type")}"));
        Assert.Equal(("Who", "String", "multiline"), (Text(first.GetProperty("inputs")[0], "name"), Text(first.GetProperty("inputs")[0], "typeName"), Text(first.GetProperty("inputs")[0], "uiHint")));
        Assert.Equal("Greeting", Text(first.GetProperty("outputs")[0], "name"));
        var custom = first.GetProperty("customProperties");
        Assert.Equal(("WorkflowDefinitionActivity", "greet-people"), (Text(custom, "RootType"), Text(custom, "WorkflowDefinitionId")));
        var pinned = Text(custom, "WorkflowDefinitionVersionId")!;
        Assert.Equal(pinned, Text(first.GetProperty("constructionProperties"), "workflowDefinitionVersionId"));

        await SaveAsync(Uses(pinned));
        // A new version changes nothing for who uses the old one.
        await SaveAsync(Greet("v2"));
        Assert.Equal([false, true], (await ActivitiesAsync("GreetPeople")).Select(a => a.GetProperty("isBrowsable").GetBoolean()));
        Assert.Equal("v1 Ann", await RunAsync());
        var shown = (await server.SendAsync("GET", "/elsa/api/workflow-definitions/by-definition-id/uses-greet")).Is(200).Json.GetProperty("root");
        Assert.Equal(("GreetPeople", "Workflow1:g"), (Text(shown, "type"), Text(shown, "nodeId")));

        (await server.SendAsync("POST", "/elsa/api/workflow-definitions/greet-people/update-references", "{}")).Is(200);
        (await server.SendAsync("POST", "/elsa/api/workflow-definitions/uses-greet/publish", "{}")).Is(200);
        Assert.Equal("v2 Ann", await RunAsync());
    }

    [Fact]
    public async Task Workflow_WhenWhatItUsesIsGone_ThenItIsNotPublishedAndShownAsNotFound()
    {
        var refused = await server.SendAsync("POST", "/elsa/api/workflow-definitions", Uses("gone", "uses-gone", type: "Gone"));
        refused.Is(400);
        Assert.Contains("gone", refused.Text, StringComparison.Ordinal);

        var draft = (await server.SendAsync("POST", "/elsa/api/workflow-definitions", Uses("gone", "uses-gone", publish: false, type: "Gone"))).Is(200).Json;
        Assert.Contains("gone", draft.GetProperty("validationErrors").ToString(), StringComparison.Ordinal);
        Assert.Equal("Elsa.NotFoundActivity", Text(draft.GetProperty("workflowDefinition").GetProperty("root"), "type"));
    }

    private async Task SaveAsync(string request) => (await server.SendAsync("POST", "/elsa/api/workflow-definitions", request)).Is(200);

    private async Task<string> RunAsync()
    {
        var answer = (await server.SendAsync("POST", "/elsa/api/workflow-definitions/uses-greet/execute", "{}")).Is(200).Json.GetProperty("workflowState");
        var journal = (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{answer.GetProperty("id")}/journal")).Is(200).Json;
        Assert.Contains("\"Workflow1:g:s:o\"", journal.ToString(), StringComparison.Ordinal);
        Assert.Equal("Finished", Text(answer, "subStatus"));
        return Text(answer.GetProperty("output"), "Result")!;
    }

    private async Task<JsonElement> DescriptorAsync(string type) => (await ActivitiesAsync(type)).Last();

    private async Task<List<JsonElement>> ActivitiesAsync(string type) =>
        [.. (await server.SendAsync("GET", "/elsa/api/descriptors/activities")).Is(200).Json.GetProperty("items").EnumerateArray().Where(a => Text(a, "typeName") == type)];

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static string Greet(string words) => $$$$$$"""
        {"publish":true,"model":{"definitionId":"greet-people","name":"Greet people","options":{"usableAsActivity":true,"activityCategory":"Greetings"},
        "inputs":[{"name":"Who","type":"String","displayName":"Who","uiHint":"multiline"}],"outputs":[{"name":"Greeting","type":"String"}],"outcomes":["Polite","Rude"],
        "root":{"id":"s","type":"Elsa.Sequence","version":1,"activities":[{"id":"o","type":"Elsa.SetOutput","version":1,
        "outputName":{"typeName":"String","expression":{"type":"Literal","value":"Greeting"}},"outputValue":{"typeName":"Object","expression":{"type":"JavaScript","value":"'{{{{{{words}}}}}} ' + getWho()"}}}]}}}
        """;

    private static string Uses(string version, string id = "uses-greet", bool publish = true, string type = "GreetPeople") => $$$$$$"""
        {"publish":{{{{{{(publish ? "true" : "false")}}}}}},"model":{"definitionId":"{{{{{{id}}}}}}","name":"{{{{{{id}}}}}}","outputs":[{"name":"Result","type":"String"}],
        "root":{"id":"g","type":"{{{{{{type}}}}}}","version":1,"workflowDefinitionId":"greet-people","workflowDefinitionVersionId":"{{{{{{version}}}}}}",
        "who":{"typeName":"String","expression":{"type":"Literal","value":"Ann"}},"greeting":{"typeName":"String","memoryReference":{"id":"Result"}}}}}
        """;
}
