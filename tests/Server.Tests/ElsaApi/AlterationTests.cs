using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Changes by hand: each is one step, or nothing.</summary>
public sealed class AlterationTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Document = """
        {"definitionId":"altered","name":"修改","variables":[{"id":"v1","name":"Amount","typeName":"Int32","isArray":false,"value":"1"}],
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"task","type":"Elsa.RunTask","version":1,"taskName":{"typeName":"String","expression":{"type":"Literal","value":"核对"}}},
          {"id":"wait","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"go"}}},
          {"id":"after","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"then"}}}],
         "connections":[{"source":{"activity":"task","port":"Done"},"target":{"activity":"wait","port":"In"}},{"source":{"activity":"wait","port":"Done"},"target":{"activity":"after","port":"In"}}]}}
        """;

    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Task_WhenCompleted_ThenTheFlowGoesOnOnce()
    {
        var id = await StartAsync();
        var task = (await ReadAsync(id)).GetProperty("workflowState").GetProperty("bookmarks")[0].GetProperty("id").GetString();

        (await server.SendAsync("POST", $"/elsa/api/tasks/{task}/complete", """{"result":{"ok":true}}""")).Is(200);

        Assert.Equal("wait", await WaitsAtAsync(id));
        (await server.SendAsync("POST", $"/elsa/api/tasks/{task}/complete", """{"result":{"ok":true}}""")).Is(404);
    }

    [Fact]
    public async Task Task_WhenItIsAnEvent_ThenIsNotCompletedHere()
    {
        var id = await StartAsync();
        await AlterAsync(id, """{"type":"CancelActivity","activityId":"task"},{"type":"ScheduleActivity","activityId":"wait"}""", made: false);
        await AlterAsync(id, """{"type":"ScheduleActivity","activityId":"wait"}""");
        var wait = (await ReadAsync(id)).GetProperty("workflowState").GetProperty("bookmarks").EnumerateArray().First(b => b.GetProperty("activityId").GetString() == "wait").GetProperty("id").GetString();

        (await server.SendAsync("POST", $"/elsa/api/tasks/{wait}/complete", "{}")).Is(400);

        Assert.Equal(2, (await ReadAsync(id)).GetProperty("workflowState").GetProperty("bookmarks").GetArrayLength());
    }

    [Fact]
    public async Task Variables_WhenSet_ThenAreReadByTheirTypeAndRecorded()
    {
        var id = await StartAsync();

        var answer = (await server.SendAsync("POST", $"/elsa/api/workflow-instances/{id}/variables", """{"variables":[{"id":"v1","value":"42"}]}""")).Is(200).Json;

        Shape.Matches("instance-variables", answer);
        Assert.Equal(42, answer.GetProperty("items")[0].GetProperty("value").GetInt32());
        var journal = (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/journal")).Is(200).Json;
        Assert.Contains(journal.GetProperty("items").EnumerateArray(), l => l.GetProperty("eventName").GetString() == "VariableChanged" && l.GetProperty("message").GetString() == "Amount");
        (await server.SendAsync("POST", $"/elsa/api/workflow-instances/{id}/variables", """{"variables":[{"id":"v1","value":"many"}]}""")).Is(400);
        (await server.SendAsync("POST", $"/elsa/api/workflow-instances/{id}/variables", """{"variables":[{"id":"v9","value":"1"}]}""")).Is(400);
        Assert.Equal(42, (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/variables")).Json.GetProperty("items")[0].GetProperty("value").GetInt32());
    }

    [Theory]
    [InlineData("""{"variables":[{"id":"v1","value":null}]}""")]
    [InlineData("""{"variables":[{"id":"v1"}]}""")]
    public async Task Variables_WhenSetToNothing_ThenHaveNoValueAndTheInstanceGoesOn(string body)
    {
        var id = await StartAsync();

        (await server.SendAsync("POST", $"/elsa/api/workflow-instances/{id}/variables", body)).Is(200);

        Assert.False((await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/variables")).Is(200).Json.GetProperty("items")[0].TryGetProperty("value", out var value) && value.ValueKind != JsonValueKind.Null);
        await AlterAsync(id, """{"type":"ModifyVariable","variableId":"v1","value":7}""");
        Assert.Equal(7, (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/variables")).Json.GetProperty("items")[0].GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task Alterations_WhenOneOfThemCannotBeMade_ThenNoneIs()
    {
        var id = await StartAsync();

        var answer = await AlterAsync(id, """{"type":"ModifyVariable","variableId":"v1","value":7},{"type":"CancelActivity","activityId":"after"}""", made: false);

        Assert.Contains("'after' isn't under way", answer, StringComparison.Ordinal);
        Assert.Equal(1, (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}/variables")).Json.GetProperty("items")[0].GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task Alterations_WhenTheyCancelAndSchedule_ThenTheInstanceGoesOnFromThere()
    {
        var id = await StartAsync();

        await AlterAsync(id, """{"type":"ScheduleActivity","activityId":"after"},{"type":"CancelActivity","activityId":"task"}""");

        Assert.Equal("after", await WaitsAtAsync(id));
        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", new { signalId = "s1", name = "then" })).Is(200);
        Assert.Equal("Finished", (await ReadAsync(id)).GetProperty("status").GetString());
        await AlterAsync(id, """{"type":"ScheduleActivity","activityId":"after"}""", made: false);
    }

    [Fact]
    public async Task Alterations_WhenSomeInstancesCannotTakeThem_ThenEachHasAnAnswerOfItsOwn()
    {
        string[] ids = ["no-id", Guid.NewGuid().ToString(), await StartAsync()];

        var answer = (await server.SendAsync("POST", "/elsa/api/alterations/run", $$"""{"alterations":[{"type":"ModifyVariable","variableId":"v1","value":7}],"workflowInstanceIds":["{{string.Join("\",\"", ids)}}"]}""")).Is(200).Json;

        Shape.Matches("retry", answer);
        Assert.Equal(ids, answer.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("workflowInstanceId").GetString()));
        Assert.Equal([false, false, true], answer.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("isSuccessful").GetBoolean()));
    }

    [Fact]
    public async Task Alterations_WhenTheKeyIsAnOperators_ThenAreRefused()
    {
        var id = await StartAsync();
        var (_, key) = await server.CreateKeyAsync(new { name = "operator", scopes = new[] { "workflows" } });

        (await server.SendAsync("POST", "/elsa/api/alterations/run", $$"""{"alterations":[{"type":"ScheduleActivity","activityId":"after"}],"workflowInstanceIds":["{{id}}"]}""", key: key)).Is(403);
    }

    private async Task<string> AlterAsync(string id, string alterations, bool made = true)
    {
        var answer = (await server.SendAsync("POST", "/elsa/api/alterations/run", $$"""{"alterations":[{{alterations}}],"workflowInstanceIds":["{{id}}"]}""")).Is(200);
        Shape.Matches("retry", answer.Json);
        Assert.Equal(made, answer.Json.GetProperty("results")[0].GetProperty("isSuccessful").GetBoolean());
        return answer.Json.GetProperty("results")[0].GetProperty("log").GetProperty("logEntries")[0].GetProperty("message").GetString()!;
    }

    private async Task<string> StartAsync()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Document)).Is(200);
        return (await server.SendAsync("POST", "/api/v1/workflows/altered/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201).Json.GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> ReadAsync(string id) => (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Json;

    private async Task<string?> WaitsAtAsync(string id) => (await ReadAsync(id)).GetProperty("workflowState").GetProperty("bookmarks").EnumerateArray().Single().GetProperty("activityId").GetString();
}
