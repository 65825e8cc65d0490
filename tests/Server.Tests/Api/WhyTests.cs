using System.Text.Json;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Why a case is where it is, over HTTP: who may ask, and what the description shows. What it says is tested with the domain.</summary>
public sealed class WhyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Why_WhenAskedOverHttp_ThenOfficersAndTheApplicantAreAnsweredAndOthersFindNothing_R_REV_1()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definition)).Is(200);
        var draft = (await server.SendAsync("POST", "/api/v1/cases", new { service = "why-allowance", data = new { reason = "本市无自有住房。" } }, user: "applicant-li", headers: ("Idempotency-Key", "why-1"))).Is(201).Json;
        var path = $"/api/v1/cases/{draft.GetProperty("id").GetString()}";
        (await server.SendAsync("POST", $"{path}/submit", "{}", user: "applicant-li")).Is(200);

        var officer = (await server.SendAsync("GET", $"{path}/why", user: "emp-metro-reviewer-1")).Is(200).Json;
        var applicant = (await server.SendAsync("GET", $"{path}/why", user: "applicant-li")).Is(200);
        (await server.SendAsync("GET", $"{path}/why", user: "emp-water-reviewer-1")).IsProblem(404, "not_found");
        (await server.SendAsync("GET", $"/api/v1/cases/{Guid.NewGuid()}/why", user: "emp-water-reviewer-1")).IsProblem(404, "not_found");
        (await server.SendAsync("GET", $"{path}/why", key: null)).IsProblem(401, "unauthorized");

        Assert.Equal(["emp-metro-reviewer-1", "emp-metro-reviewer-2"], officer.GetProperty("canAct").EnumerateArray().Select(a => a.GetProperty("user").GetProperty("id").GetString()));
        Assert.Equal("review", officer.GetProperty("waitsFor")[0].GetProperty("kind").GetString());
        Assert.Equal("3wd", officer.GetProperty("byItself")[0].GetProperty("rule").GetString());
        Assert.Contains("等待“单位审核”办理", officer.GetProperty("textZh").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, applicant.Json.GetProperty("canAct")[0].GetProperty("user").ValueKind);
        Assert.Equal(2, applicant.Json.GetProperty("canAct")[0].GetProperty("people").GetInt32());
        Assert.DoesNotContain("emp-metro-reviewer-1", applicant.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_WhenDescribed_ThenTheExampleHasTheShapeOfAnAnswer_R_REV_1()
    {
        var operation = (await server.SendAsync("GET", "/openapi/v1.json", key: null)).Is(200).Json.GetProperty("paths").GetProperty("/api/v1/cases/{id}/why").GetProperty("get");

        var example = operation.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("example");

        Assert.Equal(["caseId", "version", "at", "running", "status", "canAct", "excluded", "waitsFor", "byItself", "stopped", "textZh", "textEn"], example.EnumerateObject().Select(p => p.Name));
        Assert.NotNull(example.Deserialize<Approvals.Why.CaseWhyView>(JsonSerializerOptions.Web));
        Assert.Equal("cases", operation.GetProperty("security")[0].GetProperty("serviceKey")[0].GetString());
    }

    private static readonly string Definition = $$"""
        {"definitionId":"why-allowance","name":"住房补贴","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"filed","type":"Talent.Filing","version":1,"serviceName":{{Literal("住房补贴")}},"numberCode":{{Literal("WHYA")}},"phone":{{Literal("0199-0000-8300")}},
           "form":{"typeName":"Object","expression":{"type":"Object","value":"[{\"key\":\"reason\",\"type\":\"text\",\"zh\":\"申请理由\",\"en\":\"Reason\",\"required\":true,\"maxLength\":200}]"} } },
          {"id":"employer","type":"Talent.ReviewStage","version":1,"stageName":{{Literal("单位审核")}},"role":{{Literal("employer.reviewer")}},"organisation":{{Literal("case:employer")}},"due":{{Literal("3wd")}}},
          {"id":"done","type":"Talent.SetStatus","version":1,"status":{{Literal("completed")}}}],
         "connections":[{{Connection("filed", "Done", "employer")}},{{Connection("employer", "Approve", "done")}}]} }
        """;

    private static string Literal(string value) => $$"""{"typeName":"String","expression":{"type":"Literal","value":"{{value}}"} }""";

    private static string Connection(string from, string port, string to) => $$"""{"source":{"activity":"{{from}}","port":"{{port}}"},"target":{"activity":"{{to}}","port":"In"} }""";
}
