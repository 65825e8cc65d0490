using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Forms as data, steps, previews and bad form data, through the whole server with the shipped services.</summary>
public sealed class FormTests : IAsyncLifetime
{
    private const string Applicant = "applicant-huang";
    private const string Service = "/api/v1/services/political-work-title/form";
    private static readonly JsonNode Sample = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "workflows", "political-work-title", "samples", "05-huang-completed.json")))!;

    private RunningServer server = null!;

    public async Task InitializeAsync() => server = await RunningServer.StartAsync("Development", $"--Talent:WorkflowsDir={Path.Combine(Repository.Root, "workflows")}");

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Forms_WhenReadByAnybody_ThenTheyAreDataWithAVersionToAskAgainBy_R_CASE_2()
    {
        var form = (await server.SendAsync("GET", Service, key: null)).Is(200);
        var version = form.Json.GetProperty("version").GetString()!;
        Assert.Equal($"\"{version}\"", form.Response.Headers.ETag!.Tag);
        Assert.Equal("requirements", form.Json.GetProperty("steps")[0].GetProperty("key").GetString());
        Assert.Equal("基诺族", form.Json.GetProperty("codeTables").GetProperty("ethnicities").EnumerateArray().Single(e => e.GetProperty("code").GetString() == "56").GetProperty("zh").GetString());
        Assert.False(form.Json.TryGetProperty("decisions", out _));

        var schema = (await server.SendAsync("GET", $"{Service}/schema?phase=2", key: null)).Is(200);
        Assert.Equal("application/schema+json", schema.MediaType);
        Assert.Equal(("政工职评", version), (schema.Json.GetProperty("title").GetString(), schema.Json.GetProperty("x-form-version").GetString()));

        var tables = (await server.SendAsync("GET", "/api/v1/code-tables", key: null)).Is(200);
        Assert.Contains(tables.Json.GetProperty("items").EnumerateArray(), t => t.GetProperty("name").GetString() == "ethnicities" && t.GetProperty("source").GetString()!.Contains("GB/T 3304", StringComparison.Ordinal));
        var table = (await server.SendAsync("GET", "/api/v1/code-tables/ethnicities", key: null)).Is(200);
        Assert.Equal([("99", false)], table.Json.GetProperty("codes").EnumerateArray().Where(c => !c.GetProperty("offered").GetBoolean()).Select(c => (c.GetProperty("code").GetString(), false)));

        foreach (var (path, answer) in (IEnumerable<(string, Answer)>)[(Service, form), ($"{Service}/schema?phase=2", schema), ("/api/v1/code-tables", tables), ("/api/v1/code-tables/ethnicities", table)])
        {
            (await server.SendAsync("GET", path, key: null, headers: ("If-None-Match", answer.Response.Headers.ETag!.Tag))).Is(304);
            (await server.SendAsync("GET", path, key: null, headers: ("If-None-Match", "\"other\""))).Is(200);
        }
        (await server.SendAsync("GET", "/api/v1/services/nosuch/form", key: null)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", "/api/v1/services/nosuch/form/schema", key: null)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"{Service}/schema?phase=3", key: null)).IsProblem(400, ErrorCodes.InvalidRequest);
        (await server.SendAsync("GET", "/api/v1/code-tables/..%2Fnosuch", key: null)).IsProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task FormData_WhenItIsWrong_ThenTheProblemNamesEveryFieldAndTheDraftIsKept_R_CASE_1_R_CASE_2()
    {
        var path = await DraftAsync();
        var kept = await DataAsync(path);
        var version = kept.GetProperty("formVersion").GetString()!;

        foreach (var (data, errors) in (IEnumerable<(string, string[])>)[
            ("""{ "nosuch": 1, "name": "黄示例" }""", ["nosuch unknown_field"]),
            ("""{ "name": 5, "education": {}, "examExempt": "是", "workStart": [] , "gender": "x" }""", ["name wrong_type", "gender not_in_table", "education wrong_type", "examExempt wrong_type"]),
            ("""{ "education": [ { "nosuch": 1, "level": "99" }, 7 ] }""", ["education[0].nosuch unknown_field", "education[0].level not_in_table", "education[1] wrong_type"]),
            ("""{ "applicationReason": "\u0007", "ethnicity": "99" }""", ["ethnicity not_offered", "applicationReason bad_text"]),
            ("[]", [" not_an_object"])])
        {
            var problem = await Problem("PUT", $"{path}/data", $$"""{"phase":1,"data":{{data}}}""", 422, ErrorCodes.InvalidForm);
            Assert.Equal(errors, Errors(problem));
        }
        Assert.Equal(["position unknown_field", "nosuch unknown_field"], Errors(await Problem("PUT", $"{path}/data/steps/basics", """{"data":{"position":"甲","nosuch":1}}""", 422, ErrorCodes.InvalidForm)));
        await Problem("PUT", $"{path}/data/steps/nosuch", """{"data":{}}""", 404, ErrorCodes.NotFound);
        await Problem("PUT", $"{path}/data/steps/basics", """{"data":{},"colour":"red"}""", 400, ErrorCodes.InvalidRequest);
        await Problem("PUT", $"{path}/data", """{"phase":3,"data":{}}""", 400, ErrorCodes.InvalidRequest);

        var moved = await Problem("PUT", $"{path}/data", $$"""{"phase":1,"data":{"nosuch":1},"formVersion":"{{new string('0', 64)}}"}""", 409, ErrorCodes.FormChanged);
        Assert.Equal(version, moved.Json.GetProperty("formVersion").GetString());
        Assert.Contains("nosuch unknown_field", Errors(moved));
        Assert.Contains("name required", Errors(moved));
        await Problem("PUT", $"{path}/data/steps/basics", """{"data":{},"formVersion":"old"}""", 409, ErrorCodes.FormChanged);
        (await server.SendAsync("POST", "/api/v1/cases", """{"service":"political-work-title","data":{},"formVersion":"old"}""", user: Applicant, headers: ("Idempotency-Key", "moved"))).IsProblem(409, ErrorCodes.FormChanged);

        // Whom it isn't about isn't told what is in it.
        var stranger = (await server.SendAsync("PUT", $"{path}/data", """{"phase":1,"data":{},"formVersion":"old"}""", user: "applicant-wang")).IsProblem(403, ErrorCodes.Forbidden);
        Assert.False(stranger.Json.TryGetProperty("errors", out _));
        (await server.SendAsync("PUT", $"{path}/data/steps/basics", """{"data":{},"formVersion":"old"}""", user: "applicant-wang")).IsProblem(403, ErrorCodes.Forbidden);

        async Task<Answer> Problem(string method, string at, string body, int status, string code)
        {
            var answer = (await server.SendAsync(method, at, body, user: Applicant)).IsProblem(status, code);
            Assert.Matches(@"\p{IsCJKUnifiedIdeographs}", answer.Json.GetProperty("detail").GetString()!);
            Assert.True(JsonElement.DeepEquals(kept, await DataAsync(path)));
            return answer;
        }
    }

    [Fact]
    public async Task Steps_WhenSavedOneByOne_ThenThePreviewFollowsAndIfMatchHolds_R_CASE_1()
    {
        var path = await DraftAsync();
        var form = (await server.SendAsync("GET", Service, key: null)).Json.GetProperty("version").GetString();

        var saved = (await server.SendAsync("PUT", $"{path}/data/steps/preview", new { data = new { examExempt = true }, formVersion = form }, user: Applicant)).Is(200);

        Assert.Equal(["exemptionType required", "exemptionReason required", "applicationReason required"], Errors(saved));
        Assert.False(saved.Json.GetProperty("complete").GetBoolean());
        var tag = saved.Response.Headers.ETag!.Tag;
        var preview = (await server.SendAsync("GET", $"{path}/preview", user: Applicant)).Is(200);
        Assert.Equal(tag, preview.Response.Headers.ETag!.Tag);
        Assert.Equal((5, 6), (preview.Json.GetProperty("progress").GetProperty("done").GetInt32(), preview.Json.GetProperty("progress").GetProperty("total").GetInt32()));
        Assert.Equal("partial", preview.Json.GetProperty("steps").EnumerateArray().Last().GetProperty("state").GetString());
        var step = new JsonObject { ["data"] = new JsonObject { ["examExempt"] = false, ["applicationReason"] = Sample["phase1"]!["applicationReason"]!.DeepClone() } }.ToJsonString();
        (await server.SendAsync("PUT", $"{path}/data/steps/preview", step, user: Applicant, headers: ("If-Match", "\"1\""))).IsProblem(412, ErrorCodes.PreconditionFailed);
        Assert.Empty(Errors((await server.SendAsync("PUT", $"{path}/data/steps/preview", step, user: Applicant, headers: ("If-Match", tag))).Is(200)));
        (await server.SendAsync("GET", $"{path}/preview", user: "applicant-wang")).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"{path}/preview", key: null)).IsProblem(401, ErrorCodes.Unauthorized);
    }

    [Fact]
    public async Task Form_WhenAServiceFromTheDesignerIsPublishedAnew_ThenItsDraftsAreSavedAgainFirst_R_CASE_2()
    {
        const string Old = """[{"key":"reason","type":"text","zh":"申请理由","en":"Reason","required":true,"maxLength":200},{"key":"country","type":"choice","zh":"国别","en":"Country","codeTable":"countries"}]""";
        const string New = """[{"key":"grounds","type":"text","zh":"申请依据","en":"Grounds","required":true,"maxLength":200},{"key":"country","type":"choice","zh":"国别","en":"Country","codeTable":"countries","required":true}]""";
        await PublishAsync(Old);
        var (draft, filed) = (await BeginAsync(), await BeginAsync());
        (await server.SendAsync("POST", $"{filed}/submit", "{}", user: Applicant)).Is(200);

        await PublishAsync(New);

        var problem = (await server.SendAsync("POST", $"{draft}/submit", "{}", user: Applicant)).IsProblem(409, ErrorCodes.FormChanged);
        Assert.Equal(["reason unknown_field", "grounds required"], Errors(problem));
        Assert.Equal("住房困难", (await server.SendAsync("GET", draft, user: Applicant)).Is(200).Json.GetProperty("data").GetProperty("1").GetProperty("reason").GetString());
        var version = (await server.SendAsync("GET", filed, user: Applicant)).Is(200).Json.GetProperty("formVersion").GetString();
        var own = (await server.SendAsync("GET", $"/api/v1/services/form-allowance/form?version={version}", key: null)).Is(200).Json;
        Assert.Equal((version, "reason"), (own.GetProperty("version").GetString(), own.GetProperty("steps")[0].GetProperty("fields")[0].GetProperty("key").GetString()));
        Assert.True((await server.SendAsync("GET", $"/api/v1/services/form-allowance/form/schema?version={version}", key: null)).Is(200).Json.GetProperty("properties").TryGetProperty("reason", out _));
        (await server.SendAsync("GET", $"{Service}?version={version}", key: null)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"{Service}?version=%27", key: null)).IsProblem(404, ErrorCodes.NotFound);
        Assert.Equal("申请理由", (await server.SendAsync("GET", $"{filed}/preview", user: Applicant)).Is(200).Json.GetProperty("steps")[0].GetProperty("fields")[0].GetProperty("zh").GetString());
        (await server.SendAsync("PUT", $"{draft}/data", """{"phase":1,"data":{"grounds":"住房困难","country":"USA"}}""", user: Applicant)).Is(200);
        (await server.SendAsync("POST", $"{draft}/submit", "{}", user: Applicant)).Is(200);

        async Task<string> BeginAsync() =>
            $"/api/v1/cases/{(await server.SendAsync("POST", "/api/v1/cases", """{"service":"form-allowance","data":{"reason":"住房困难","country":"USA"}}""", user: Applicant, headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201).Json.GetProperty("id").GetString()}";
    }

    private async Task PublishAsync(string form) => (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", $$"""
        {"definitionId":"form-allowance","name":"补贴","root":{"id":"flow","type":"Elsa.Flowchart","version":1,
         "activities":[{{HandledService.Activity("filed", "Talent.Filing", ("serviceName", "补贴"), ("numberCode", "BDBT"), ("phone", "0199-0000-8300"), ("form", form))}},
          {{HandledService.Activity("review", "Talent.ReviewStage", ("stageName", "单位审核"), ("role", "employer.reviewer"), ("organisation", "case:employer"), ("due", "3wd"))}}],
         "connections":[{"source":{"activity":"filed","port":"Done"},"target":{"activity":"review","port":"In"} }]} }
        """)).Is(200);

    private async Task<string> DraftAsync()
    {
        var created = await server.SendAsync("POST", "/api/v1/cases", new JsonObject { ["service"] = "political-work-title", ["data"] = Sample["phase1"]!.DeepClone() }.ToJsonString(), user: Applicant,
            headers: ("Idempotency-Key", Guid.NewGuid().ToString()));
        return $"/api/v1/cases/{created.Is(201).Json.GetProperty("id").GetString()}";
    }

    private async Task<JsonElement> DataAsync(string path)
    {
        var view = (await server.SendAsync("GET", path, user: Applicant)).Is(200).Json;
        return JsonSerializer.SerializeToElement(new { version = view.GetProperty("version"), formVersion = view.GetProperty("formVersion"), data = view.GetProperty("data") });
    }

    private static string[] Errors(Answer answer) => [.. answer.Json.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("path").GetString()} {e.GetProperty("code").GetString()}")];
}
