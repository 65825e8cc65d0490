using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Activation strategies as callers and Studio meet them.</summary>
public sealed class ActivationTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Start_WhenOneRuns_ThenIsRefusedByEveryRouteUntilThatHasEnded()
    {
        await PublishAsync(Definitions.WaitsFor("one-at-a-time", "go"));
        var first = (await StartAsync("one-at-a-time", "first")).Is(201);
        var id = first.Json.GetProperty("id").GetString();

        var refused = (await StartAsync("one-at-a-time", "second")).IsProblem(409, "wrong_state");
        Assert.Equal("Singleton", refused.Json.GetProperty("activationStrategy").GetString());
        Assert.Contains("启动策略", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("one-at-a-time", refused.Json.GetProperty("detailEn").GetString(), StringComparison.Ordinal);
        Assert.Equal(id, (await StartAsync("one-at-a-time", "first")).Is(201).Json.GetProperty("id").GetString());

        var executed = (await server.SendAsync("POST", "/elsa/api/workflow-definitions/one-at-a-time/execute", "{}")).Is(200);
        Assert.Equal("true", executed.Response.Headers.GetValues("x-elsa-workflow-cannot-start").Single());
        Assert.Contains("启动策略", executed.Json.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.False((await server.SendAsync("POST", "/elsa/api/workflow-definitions/one-at-a-time/bulk-dispatch", """{"count":2}""")).Response.IsSuccessStatusCode);

        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/cancel", """{"reason":"enough"}""", headers: ("Idempotency-Key", "cancel-first"))).Is(200);
        Assert.Single((await server.SendAsync("POST", "/elsa/api/workflow-definitions/one-at-a-time/bulk-dispatch", """{"count":3}""")).Is(200).Json.GetProperty("workflowInstanceIds").EnumerateArray());
    }

    [Fact]
    public async Task HttpRequest_WhenWhatItStartsRunsAlready_ThenIsRefusedAndStartsNothing()
    {
        await PublishAsync("""
            {"definitionId":"one-door","name":"one-door","root":{"id":"root","type":"Elsa.Sequence","version":1,"activities":[
             {"id":"begin","type":"Elsa.HttpEndpoint","version":1,"customProperties":{"canStartWorkflow":true},"path":{"typeName":"String","expression":{"type":"Literal","value":"one-door"}},
              "supportedMethods":{"typeName":"Object","expression":{"type":"Object","value":"[\"POST\"]"}},"authorize":{"typeName":"Boolean","expression":{"type":"Literal","value":"True"}}},
             {"id":"wait","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"go"}}}]}}
            """);
        (await server.SendAsync("POST", "/workflows/one-door")).Is(202);

        (await server.SendAsync("POST", "/workflows/one-door")).IsProblem(409, "wrong_state");

        Assert.Equal(1, (await server.SendAsync("GET", "/elsa/api/workflow-instances?DefinitionId=one-door")).Is(200).Json.GetProperty("totalCount").GetInt32());
    }

    [Fact]
    public async Task Definition_WhenItTakesAStrategyOfTheListOrAnother_ThenIsPublishedOrToldWhatIsWrong()
    {
        var listed = (await server.SendAsync("GET", "/elsa/api/descriptors/workflow-activation-strategies")).Is(200).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("typeName").GetString()!).ToList();
        Assert.Equal(4, listed.Count);

        foreach (var name in listed)
            await PublishAsync(Definitions.WaitsFor("takes-listed", "go"), name);

        var refused = (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", With(Definitions.WaitsFor("takes-listed", "go"), "Acme.NewMoonStrategy, Acme"))).IsProblem(422, "invalid_definition");
        Assert.Contains("启动策略", refused.Text, StringComparison.Ordinal);
    }

    private Task<Answer> StartAsync(string definition, string key) => server.SendAsync("POST", $"/api/v1/workflows/{definition}/start", "{}", headers: ("Idempotency-Key", key));

    private async Task PublishAsync(string definition, string strategy = "Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy, Elsa.Workflows.Runtime") =>
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", With(definition, strategy))).Is(200);

    private static string With(string definition, string strategy)
    {
        var json = JsonNode.Parse(definition)!;
        json["options"] = new JsonObject { ["activationStrategyType"] = strategy };
        return json.ToJsonString();
    }
}
