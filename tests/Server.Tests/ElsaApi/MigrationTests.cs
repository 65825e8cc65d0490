using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Running instances go on by another version of their definition, if all that is under way is there.</summary>
public sealed class MigrationTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Migrate_WhenAllUnderWayIsThere_ThenTheInstanceGoesOnByTheOtherVersion()
    {
        var flow = new Flow("goes-on").Event("first", "go").Event("second", "then").Variable("v1", "Amount", "Int32", "1");
        var id = await StartAsync(flow);
        await PublishAsync(flow.Event("third", "last").Variable("v2", "Note", "String", "new"));

        await AlterAsync(id, Migrate(2));

        var instance = await ReadAsync(id);
        Assert.Equal(2, instance.GetProperty("version").GetInt32());
        Assert.Equal(2, instance.GetProperty("workflowState").GetProperty("definitionVersion").GetInt32());
        Assert.Equal("first", WaitsAt(instance));
        Assert.Equal("new", Variables(await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/variables"))["Note"]);
        foreach (var name in (string[])["go", "then"])
            await SignalAsync(id, name);
        Assert.Equal("third", WaitsAt(await ReadAsync(id)));
        await SignalAsync(id, "last");
        Assert.Equal("Finished", (await ReadAsync(id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Migrate_WhenMade_ThenJournalAuditAndListsSayIt()
    {
        var flow = new Flow("told").Event("first", "go");
        var id = await StartAsync(flow);
        await PublishAsync(flow.Event("second", "then"));

        await AlterAsync(id, Migrate(2));

        var journal = (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/journal")).Is(200).Json;
        Assert.Contains(journal.GetProperty("items").EnumerateArray(), l => l.GetProperty("eventName").GetString() == "Migrated" && l.GetProperty("message").GetString() == "1 → 2");
        Assert.Equal("migrated", await server.SqlAsync($"select action from approvals.audit where case_id = '{id}' order by seq desc limit 1"));
        Assert.Equal("told-v2", await server.SqlAsync($"select definition_version_id from approvals.audit where case_id = '{id}' order by seq desc limit 1"));
        var list = (await server.SendAsync("GET", "/elsa/api/workflow-instances?definitionId=told&version=2")).Is(200).Json;
        Assert.Equal(id, list.GetProperty("items")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task Migrate_WhenWhatWaitsIsMissingOrOfAnotherType_ThenIsRefusedWithAllOfIt()
    {
        var id = await StartAsync(new Flow("refused").Fork("a", "b", "c").Variable("v1", "Amount", "Int32", "1"));
        await PublishAsync(new Flow("refused").Fork("a", "x").Add("b", "Elsa.RunTask", ("taskName", "核对")).Variable("v1", "Amount", "String", "1"));

        var answer = await AlterAsync(id, Migrate(2), made: false);

        Assert.Contains("'b' is Elsa.RunTask there, not Elsa.Event", answer, StringComparison.Ordinal);
        Assert.Contains("'c' (Elsa.Event) is missing", answer, StringComparison.Ordinal);
        Assert.Contains("'Amount' (v1) is of another type", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("'a'", answer, StringComparison.Ordinal);
        Assert.Equal(1, (await ReadAsync(id)).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Migrate_WhenAnotherBranchJoinsWhereOneWaits_ThenIsRefused()
    {
        var id = await StartAsync(new Flow("joined").Fork("a", "b").JoinAll("join", "a", "b"));
        await SignalAsync(id, "a");
        await PublishAsync(new Flow("joined").Fork("a", "b", "c").JoinAll("join", "a", "b", "c"));

        var answer = await AlterAsync(id, Migrate(2), made: false);

        Assert.Contains("'join' is joined by other branches", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_WhenAnEarlierAlterationCancelsWhatIsMissing_ThenBothAreMade()
    {
        var id = await StartAsync(new Flow("cancelled-first").Fork("a", "b"));
        await PublishAsync(new Flow("cancelled-first").Fork("a", "x"));
        await AlterAsync(id, Migrate(2), made: false);

        await AlterAsync(id, """{"type":"CancelActivity","activityId":"b"},""" + Migrate(2) + """,{"type":"ScheduleActivity","activityId":"x"}""");

        var waits = (await ReadAsync(id)).GetProperty("workflowState").GetProperty("bookmarks").EnumerateArray().Select(b => b.GetProperty("activityId").GetString());
        Assert.Equal(["a", "x"], waits.Order());
    }

    [Fact]
    public async Task Migrate_WhenTheVersionIsTheSameOrADraftOrMissing_ThenIsRefused()
    {
        var flow = new Flow("no-target").Event("first", "go");
        var id = await StartAsync(flow);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions", flow.Event("second", "then").ToJson())).Is(200);

        Assert.Contains("already", await AlterAsync(id, Migrate(1), made: false), StringComparison.Ordinal);
        Assert.Contains("draft", await AlterAsync(id, Migrate(2), made: false), StringComparison.Ordinal);
        Assert.Contains("no version 9", await AlterAsync(id, Migrate(9), made: false), StringComparison.Ordinal);
        (await server.SendAsync("POST", "/elsa/api/alterations/run", $$"""{"alterations":[{"type":"Migrate"}],"workflowInstanceIds":["{{id}}"]}""")).Is(400);
    }

    [Fact]
    public async Task Migrate_WhenAnActivityHasFailed_ThenItIsRetriedAsTheOtherVersionHasIt()
    {
        var id = await StartAsync(new Flow("fails").Add("script", "Elsa.RunJavaScript", ("script", "throw new Error('broken')")));
        Assert.Equal(1, (await ReadAsync(id)).GetProperty("incidentCount").GetInt32());
        await PublishAsync(new Flow("fails").Add("script", "Elsa.RunJavaScript", ("script", "1 + 1")));

        await AlterAsync(id, Migrate(2));
        (await server.SendAsync("POST", "/elsa/api/alterations/workflows/retry", $$"""{"workflowInstanceIds":["{{id}}"]}""")).Is(200);

        Assert.Equal("Finished", (await ReadAsync(id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task CancelActivity_WhenTheExecutionIsAnotherInstances_ThenIsRefused()
    {
        var flow = new Flow("two").Event("first", "go");
        var (one, other) = (await StartAsync(flow), await StartAsync(flow));
        var execution = (await ReadAsync(other)).GetProperty("workflowState").GetProperty("bookmarks")[0].GetProperty("activityInstanceId").GetString();

        Assert.Contains(other, await AlterAsync(one, $$"""{"type":"CancelActivity","activityInstanceId":"{{execution}}"}""", made: false), StringComparison.Ordinal);
    }

    private static string Migrate(int version) => $$"""{"type":"Migrate","targetVersion":{{version}}}""";

    private async Task<string> AlterAsync(string id, string alterations, bool made = true)
    {
        var result = (await server.SendAsync("POST", "/elsa/api/alterations/run", $$"""{"alterations":[{{alterations}}],"workflowInstanceIds":["{{id}}"]}""")).Is(200).Json.GetProperty("results")[0];
        var message = result.GetProperty("log").GetProperty("logEntries")[0].GetProperty("message").GetString()!;
        Assert.True(made == result.GetProperty("isSuccessful").GetBoolean(), message);
        return message;
    }

    private async Task PublishAsync(Flow flow) => (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", flow.ToJson())).Is(200);

    private async Task<string> StartAsync(Flow flow)
    {
        await PublishAsync(flow);
        return (await server.SendAsync("POST", $"/api/v1/workflows/{flow.Id}/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201).Json.GetProperty("id").GetString()!;
    }

    private async Task SignalAsync(string id, string name) => (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", new { signalId = Guid.NewGuid(), name })).Is(200);

    private async Task<JsonElement> ReadAsync(string id) => (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Json;

    private static string? WaitsAt(JsonElement instance) => instance.GetProperty("workflowState").GetProperty("bookmarks").EnumerateArray().Single().GetProperty("activityId").GetString();

    private static Dictionary<string, string> Variables(Answer answer) =>
        answer.Is(200).Json.GetProperty("items").EnumerateArray().ToDictionary(v => v.GetProperty("name").GetString()!, v => v.GetProperty("value").ToString());
}

/// <summary>Writes a flowchart: events one after the other, or beside each other.</summary>
internal sealed class Flow(string id)
{
    private readonly JsonArray activities = [];
    private readonly JsonArray connections = [];
    private readonly JsonArray variables = [];
    private string? last;

    public string Id => id;

    /// <summary>A wait, after the one before.</summary>
    public Flow Event(string activity, string name)
    {
        Add(activity, "Elsa.Event", ("eventName", name));
        if (last is not null)
            Connect(last, "Done", activity);
        last = activity;
        return this;
    }

    /// <summary>Waits beside each other, each for an event of its own name.</summary>
    public Flow Fork(params string[] branches)
    {
        activities.Insert(0, Activity("fork", "Elsa.FlowFork", ("branches", new JsonObject { ["typeName"] = "String[]", ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = JsonSerializer.Serialize(branches) } })));
        foreach (var branch in branches)
        {
            Add(branch, "Elsa.Event", ("eventName", branch));
            Connect("fork", branch, branch);
        }
        return this;
    }

    public Flow JoinAll(string join, params string[] branches)
    {
        Add(join, "Elsa.FlowJoin", ("mode", "WaitAll"));
        foreach (var branch in branches)
            Connect(branch, "Done", join);
        return this;
    }

    public Flow Add(string activity, string type, params (string Name, string Value)[] inputs)
    {
        activities.Add(Activity(activity, type, [.. inputs.Select(i => (i.Name, new JsonObject { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = i.Value } }))]));
        return this;
    }

    public Flow Variable(string variable, string name, string type, string value)
    {
        variables.Add(new JsonObject { ["id"] = variable, ["name"] = name, ["typeName"] = type, ["isArray"] = false, ["value"] = value });
        return this;
    }

    public string ToJson() => new JsonObject
    {
        ["definitionId"] = id, ["name"] = id, ["variables"] = variables.DeepClone(),
        ["root"] = new JsonObject { ["id"] = "flow", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities.DeepClone(), ["connections"] = connections.DeepClone() },
    }.ToJsonString();

    private void Connect(string source, string port, string target) => connections.Add(new JsonObject
    {
        ["source"] = new JsonObject { ["activity"] = source, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" },
    });

    private static JsonObject Activity(string id, string type, params (string Name, JsonObject Value)[] inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, value) in inputs)
            activity[name] = value;
        return activity;
    }
}
