using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>一键测试, 问答测试 and 一键申报 over HTTP, with the simulators of Development and the example 高层次人才认定.</summary>
public sealed class EligibilityTests : IAsyncLifetime
{
    private const string Sessions = "/api/v1/eligibility/sessions", Service = "high-level-talent", User = "applicant-li";

    private RunningServer server = null!;

    public async Task InitializeAsync()
    {
        server = await RunningServer.StartAsync();
        var (from, to) = (Path.Combine(Repository.Root, "tests", "Approvals.Tests", "Services", "Examples", Service), Path.Combine(server.ContentFolder, Service));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        await server.RestartAsync();
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Conditions_WhenTheyAreRead_ThenTheyComeByCategory_R_ELG_3_R_ELG_4()
    {
        var list = (await server.SendAsync("GET", "/api/v1/eligibility/services")).Is(200).Json.GetProperty("items");
        Assert.Equal([Service], list.EnumerateArray().Select(s => s.GetProperty("service").GetString()));

        var service = (await server.SendAsync("GET", $"/api/v1/eligibility/services/{Service}")).Is(200).Json;

        Assert.Equal(["A1", "A2"], service.GetProperty("categories")[0].GetProperty("conditions").EnumerateArray().Select(c => c.GetProperty("id").GetString()));
        Assert.Equal("办理须知", service.GetProperty("notice").GetProperty("titleZh").GetString());
        (await server.SendAsync("GET", "/api/v1/eligibility/services/nothing")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Questionnaire_WhenAnsweredOverHttp_ThenItIsResumedTakenBackAndFiledOnce_R_ELG_2_R_ELG_4_R_ELG_5()
    {
        var key = Once();
        var begun = (await server.SendAsync("POST", Sessions, new { service = Service }, user: User, headers: key)).Is(201);
        var at = begun.Response.Headers.Location!.ToString();
        Assert.Equal(at, (await server.SendAsync("POST", Sessions, new { service = Service }, user: User, headers: key)).Is(201).Response.Headers.Location!.ToString());
        (await server.SendAsync("POST", Sessions, new { service = "nothing" }, user: User, headers: Once())).IsProblem(404, "not_found");
        (await server.SendAsync("GET", at, user: "applicant-wang")).IsProblem(404, "not_found");
        (await server.SendAsync("GET", at)).IsProblem(400, "invalid_request");
        (await server.SendAsync("POST", $"{at}/face", new { faceCheckId = Guid.NewGuid() }, user: User)).IsProblem(409, "wrong_state");

        await Answer("award", "no");
        var answered = await Answer("title", "senior");
        Assert.Equal("A2", answered.Json.GetProperty("matching")[0].GetProperty("id").GetString());
        Assert.Equal(2, (await server.SendAsync("GET", at, user: User)).Is(200).Json.GetProperty("questionnaire").GetProperty("answers").GetArrayLength());
        (await server.SendAsync("PUT", $"{at}/answers/degree", new { option = "none" }, user: User)).IsProblem(409, "wrong_state");
        (await server.SendAsync("PUT", $"{at}/answers/title", new { option = "x" }, user: User)).IsProblem(400, "invalid_request");
        (await server.SendAsync("PUT", $"{at}/answers/title", new { option = "none" }, user: User, headers: ("If-Match", "\"1\""))).IsProblem(412, "precondition_failed");
        Assert.Equal("title", (await server.SendAsync("DELETE", $"{at}/answers/title", user: User)).Is(200).Json.GetProperty("questionnaire").GetProperty("open").GetProperty("question").GetString());
        Assert.Equal("award", (await server.SendAsync("DELETE", $"{at}/answers", user: User)).Is(200).Json.GetProperty("questionnaire").GetProperty("open").GetProperty("question").GetString());
        var problem = (await server.SendAsync("POST", $"{at}/file", new { }, user: User, headers: Once())).IsProblem(409, "wrong_state");
        Assert.Equal(("choose", 2), (problem.Json.GetProperty("reason").GetString(), problem.Json.GetProperty("categories").GetArrayLength()));
        (await server.SendAsync("POST", $"{at}/file", new { condition = "A1" }, user: User)).IsProblem(400, "idempotency_key_required");

        var filing = Once();
        var filed = (await server.SendAsync("POST", $"{at}/file", new { condition = "A1" }, user: User, headers: filing)).Is(201);
        var id = filed.Json.GetProperty("id").GetGuid();
        Assert.Equal(id, (await server.SendAsync("POST", $"{at}/file", new { condition = "A1" }, user: User, headers: filing)).Is(201).Json.GetProperty("id").GetGuid());
        Assert.Equal("A1", filed.Json.GetProperty("data").GetProperty("1").GetProperty("condition").GetString());
        var kept = (await server.SendAsync("GET", $"/api/v1/cases/{id}/eligibility", user: User)).Is(200).Json;
        Assert.Equal(("begun", "A1"), (kept.GetProperty("kind").GetString(), kept.GetProperty("condition").GetString()));
        (await server.SendAsync("GET", $"/api/v1/cases/{id}/eligibility", user: "applicant-wang")).IsProblem(404, "not_found");

        async Task<Answer> Answer(string question, string option) => (await server.SendAsync("PUT", $"{at}/answers/{question}", new { option }, user: User)).Is(200);
    }

    [Fact]
    public async Task Test_WhenTheFaceHasPassed_ThenSharedDataIsLookedUpAndExplained_R_ELG_1_R_ELG_5_R_ACC_4()
    {
        var person = await PersonAsync();
        var at = (await server.SendAsync("POST", Sessions, new { service = Service }, user: User, headers: Once())).Is(201).Response.Headers.Location!.ToString();
        (await server.SendAsync("POST", $"{at}/notice", new { textSha256 = "of another text" }, user: User)).IsProblem(409, "conflict");
        Assert.Equal("face", (await server.SendAsync("POST", $"{at}/notice", new { }, user: User)).Is(200).Json.GetProperty("step").GetString());
        var early = (await server.SendAsync("POST", $"{at}/look-up", new { skip = true }, user: User)).IsProblem(409, "wrong_state");
        Assert.Equal(("face_required", "questionnaire"), (early.Json.GetProperty("reason").GetString(), early.Json.GetProperty("alternative").GetProperty("way").GetString()));
        var check = (await server.SendAsync("POST", $"{person}/face-checks", new { purpose = "look-up" }, user: User, headers: Once())).Is(201).Json.GetProperty("id").GetGuid();
        Assert.Equal("passed", (await server.SendAsync("GET", $"{person}/face-checks/{check}?wait=30s", user: User)).Is(200).Json.GetProperty("state").GetString());

        Assert.Equal("certificates", (await server.SendAsync("POST", $"{at}/face", new { faceCheckId = check }, user: User)).Is(200).Json.GetProperty("step").GetString());
        Assert.Equal("certificates", (await server.SendAsync("POST", $"{at}/face", new { faceCheckId = check }, user: User)).Is(200).Json.GetProperty("step").GetString());
        var wrong = (await server.SendAsync("POST", $"{at}/look-up", new { abroad = true, diplomaNumber = "119901200805000123" }, user: User)).IsProblem(400, "invalid_request");
        Assert.Equal("$.diplomaNumber", wrong.Json.GetProperty("errors")[0].GetProperty("path").GetString());
        var found = (await server.SendAsync("POST", $"{at}/look-up", new { diplomaNumber = "119901200805000123" }, user: User)).Is(200).Json;

        Assert.Equal("both", found.GetProperty("found").GetProperty("code").GetString());
        var facts = found.GetProperty("facts").EnumerateArray().ToDictionary(f => f.GetProperty("fact").GetString()!, f => f.GetProperty("source").GetString());
        Assert.Equal(("shared_data", "shared_data"), (facts["degreeLevel"], facts["insurance"]));
        var said = (await server.SendAsync("PUT", $"{at}/facts", new { facts = new { titleGrade = "associate-senior" } }, user: User)).Is(200).Json;
        Assert.Contains(said.GetProperty("answer").GetProperty("conditions").EnumerateArray(), c => c.GetProperty("id").GetString() == "B2" && c.GetProperty("state").GetString() == "met");
        (await server.SendAsync("PUT", $"{at}/facts", new { facts = new { degreeLevel = "doctor" } }, user: User)).IsProblem(400, "invalid_request");
    }

    /// <summary>Where the person of the account is; they have a number.</summary>
    private async Task<string> PersonAsync()
    {
        var number = ResidentId.Fictitious(new DateOnly(1986, 2, 14), 25).Value;
        return $"/api/v1/people/{(await server.SendAsync("POST", "/api/v1/people", new { name = "李示例", phone = "19900009101", residentId = number }, user: User, headers: Once())).Is(201).Json.GetProperty("id").GetGuid()}";
    }

    private static (string, string) Once() => ("Idempotency-Key", Guid.NewGuid().ToString());
}
