using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>A service that was made in the designer: no files, and yet cases, letters and a number.</summary>
public sealed class DesignedServiceTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private RunningServer Server => fixture.Server;

    private static string Definition(string id, string code) => $$"""
        {"definitionId":"{{id}}","name":"住房补贴","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"filed","type":"Talent.Filing","version":1,"serviceName":{{Literal("住房补贴")}},"numberCode":{{Literal(code)}},"phone":{{Literal("0199-0000-8300")}},
           "form":{"typeName":"Object","expression":{"type":"Object","value":"[{\"key\":\"reason\",\"type\":\"text\",\"zh\":\"申请理由\",\"en\":\"Reason\",\"required\":true,\"maxLength\":200}]"} } },
          {"id":"employer","type":"Talent.ReviewStage","version":1,"stageName":{{Literal("单位审核")}},"role":{{Literal("employer.reviewer")}},"organisation":{{Literal("case:employer")}},"due":{{Literal("3wd")}}},
          {"id":"bureau","type":"Talent.ReviewStage","version":1,"stageName":{{Literal("市局审核")}},"role":{{Literal("bureau.reviewer")}},"organisation":{{Literal("case:bureau")}},"due":{{Literal("5wd")}}},
          {"id":"done","type":"Talent.SetStatus","version":1,"status":{{Literal("completed")}}},
          {"id":"told","type":"Talent.Notify","version":1,"event":{{Literal("case.completed")}},"to":{{Literal("applicant")}}}],
         "connections":[{{Connection("filed", "Done", "employer")}},{{Connection("employer", "Approve", "bureau")}},{{Connection("bureau", "Approve", "done")}},{{Connection("done", "Done", "told")}}]} }
        """;

    [Fact]
    public async Task Case_WhenItsServiceWasMadeInTheDesigner_ThenGoesThroughItsStagesAndIsNumbered()
    {
        (await Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition("housing-allowance", "ZFBT"))).Is(200);

        (await FileAsync("housing-allowance", "{}")).IsProblem(422, "invalid_form");
        var filed = (await FileAsync("housing-allowance", """{"reason":"新引进人才，本市无自有住房。"}""")).Is(200).Json;
        Assert.StartsWith("ZFBT-", filed.GetProperty("number").GetString(), StringComparison.Ordinal);
        var id = filed.GetProperty("id").GetString()!;
        var first = await CaseAsync(id, "emp-metro-reviewer-1");
        Assert.Equal("住房补贴", first.GetProperty("service").GetProperty("zh").GetString());
        await DecideAsync(first, "emp-metro-reviewer-1");
        await DecideAsync(await CaseAsync(id, "bureau-reviewer-1"), "bureau-reviewer-1");

        var ended = await CaseAsync(id, "applicant-li");
        Assert.Equal("completed", ended.GetProperty("status").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Service_WhenItsNumberCodeIsAnothers_ThenItIsntPublishedByAnyWay()
    {
        (await PublishAsync(Definition("coded-allowance", "DMBT"))).Is(200);
        // Its own code, again and again.
        (await PublishAsync(Definition("coded-allowance", "DMBT").Replace("单位审核", "单位初审", StringComparison.Ordinal))).Is(200);

        var designed = (await PublishAsync(Definition("second-allowance", "DMBT"))).IsProblem(422, "invalid_definition");
        (await Server.SendAsync("POST", "/api/v1/workflows/definitions", Definition("second-allowance", "DMBT"))).Is(200);
        var draft = (await Server.SendAsync("POST", "/api/v1/workflows/definitions/second-allowance/publish", "{}")).IsProblem(422, "invalid_definition");
        (await Server.SendAsync("POST", "/api/v1/workflows/definitions/coded-allowance/retract", "{}")).Is(200);
        var retracted = (await Server.SendAsync("POST", "/api/v1/workflows/definitions/second-allowance/publish", "{}")).IsProblem(422, "invalid_definition");

        Assert.Contains("“DMBT”已用于“住房补贴”", designed.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.All([designed, draft, retracted], p => Assert.Contains("'DMBT' is the one of the service 'coded-allowance'", p.Json.GetProperty("detailEn").GetString(), StringComparison.Ordinal));
        (await PublishAsync(Definition("second-allowance", "DMBU"))).Is(200);

        Task<Answer> PublishAsync(string definition) => Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", definition);
    }

    [Fact]
    public async Task Workflow_WhenItIsAServiceFromTheDesigner_ThenIsStartedByFilingOnly()
    {
        (await Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition("rent-allowance", "ZFZL"))).Is(200);

        (await Server.SendAsync("POST", "/api/v1/workflows/rent-allowance/start", "{}", headers: ("Idempotency-Key", "rent-1"))).IsProblem(409, "wrong_state");
    }

    [Fact]
    public async Task Service_WhenItsDefinitionIsRetracted_ThenNothingIsFiledButCasesGoOn()
    {
        (await Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition("travel-allowance", "JTBT"))).Is(200);
        var id = (await FileAsync("travel-allowance", """{"reason":"每日跨区通勤。"}""")).Is(200).Json.GetProperty("id").GetString()!;

        (await Server.SendAsync("POST", "/api/v1/workflows/definitions/travel-allowance/retract", "{}")).Is(200);

        Assert.True((await Server.SendAsync("POST", "/api/v1/cases", new { service = "travel-allowance" }, user: "applicant-li", headers: Once())).Status is 409 or 422);
        await DecideAsync(await CaseAsync(id, "emp-metro-reviewer-1"), "emp-metro-reviewer-1");
        Assert.Equal("市局审核", (await CaseAsync(id, "bureau-reviewer-1")).GetProperty("stages")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Case_WhenTheServiceTakesOneAtATime_ThenAFurtherOneIsRefusedUntilItHasEnded()
    {
        var definition = System.Text.Json.Nodes.JsonNode.Parse(Definition("single-allowance", "DXBT"))!;
        definition["options"] = new System.Text.Json.Nodes.JsonObject { ["activationStrategyType"] = "Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy, Elsa.Workflows.Runtime" };
        (await Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", definition.ToJsonString())).Is(200);
        var draft = (await CreateAsync()).Is(201).Json.GetProperty("id").GetString();

        var refused = (await CreateAsync()).IsProblem(409, "wrong_state");

        Assert.Contains("草稿", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("'single-allowance' takes no further case now", refused.Json.GetProperty("detailEn").GetString(), StringComparison.Ordinal);
        Assert.Equal("Singleton", refused.Json.GetProperty("activationStrategy").GetString());
        (await Server.SendAsync("POST", $"/api/v1/cases/{draft}/withdraw", """{"reason":"改期申报"}""", user: "applicant-li", headers: Once())).Is(200);
        (await CreateAsync()).Is(201);

        Task<Answer> CreateAsync() => Server.SendAsync("POST", "/api/v1/cases", """{"service":"single-allowance"}""", user: "applicant-li", headers: Once());
    }

    private async Task<Answer> FileAsync(string service, string data)
    {
        var created = (await Server.SendAsync("POST", "/api/v1/cases", $$"""{"service":"{{service}}","data":{{data}}}""", user: "applicant-li", headers: Once())).Is(201).Json;
        return await Server.SendAsync("POST", $"/api/v1/cases/{created.GetProperty("id").GetString()}/submit", "{}", user: "applicant-li", headers: Once());
    }

    private async Task<JsonElement> CaseAsync(string id, string user) => (await Server.SendAsync("GET", $"/api/v1/cases/{id}", user: user)).Is(200).Json;

    private async Task DecideAsync(JsonElement seen, string user)
    {
        var action = seen.GetProperty("nextActions").EnumerateArray().First(a => a.GetProperty("action").GetString() == "decide");
        (await Server.SendAsync("POST", action.GetProperty("href").GetString()!, """{"outcome":"approve","opinion":"材料齐全，同意。"}""", user: user, headers: Once())).Is(200);
    }

    private static (string, string) Once() => ("Idempotency-Key", Guid.NewGuid().ToString());

    private static string Literal(string text) => $$"""{"typeName":"String","expression":{"type":"Literal","value":"{{text}}"} }""";

    private static string Connection(string from, string port, string to) => $$"""{"source":{"activity":"{{from}}","port":"{{port}}"},"target":{"activity":"{{to}}","port":"In"} }""";
}
