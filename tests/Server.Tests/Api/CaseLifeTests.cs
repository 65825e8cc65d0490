using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>The life of cases through the whole server with the shipped services: what is decided is tested with the domain.</summary>
public sealed class CaseLifeTests : IAsyncLifetime
{
    private const string Applicant = "applicant-huang", Reviewer = "emp-water-reviewer-1", Handler = "emp-water-handler";
    private static readonly JsonNode Sample = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "workflows", "political-work-title", "samples", "05-huang-completed.json")))!;

    private RunningServer server = null!;

    public async Task InitializeAsync() => server = await RunningServer.StartAsync("Development", $"--Talent:WorkflowsDir={Path.Combine(Repository.Root, "workflows")}");

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Case_WhenReturnedRejectedAndFiledAgain_ThenEachAnswerSaysWhatThereIsToDo_R_CASE_6_R_CASE_9_R_REV_3()
    {
        var path = await SubmittedAsync();
        var task = await TaskAsync();
        var refused = (await server.SendAsync("POST", $"/api/v1/tasks/{task}/decide", new { outcome = "return", opinion = "请补正", corrections = new[] { new { field = "nothing", note = "x" } } }, user: Reviewer)).IsProblem(422, ErrorCodes.InvalidForm);
        Assert.Equal("corrections[0].field", refused.Json.GetProperty("errors")[0].GetProperty("path").GetString());
        (await server.SendAsync("POST", $"/api/v1/tasks/{task}/decide", new { outcome = "return", opinion = "请补正", corrections = new[] { new { field = "phone", note = "号码有误" } }, onlyCorrections = true }, user: Reviewer)).Is(200);
        var asked = (await server.SendAsync("GET", path, user: Applicant)).Is(200).Json.GetProperty("corrections");
        Assert.True(asked.GetProperty("onlyThese").GetBoolean());
        var notAsked = (await server.SendAsync("POST", $"{path}/supplement", new { data = new { name = "别人" }, note = "已补正" }, user: Applicant)).IsProblem(422, ErrorCodes.InvalidForm);
        Assert.Equal("not_asked", notAsked.Json.GetProperty("errors")[0].GetProperty("code").GetString());
        (await server.SendAsync("POST", $"{path}/supplement", new { data = new { phone = "19900000099" }, note = "已补正" }, user: Applicant)).Is(200);
        var changed = (await server.SendAsync("GET", $"{path}/changes", user: Reviewer)).Is(200);
        Assert.Equal(["phone"], changed.Json.GetProperty("fields").EnumerateArray().Select(f => f.GetProperty("path").GetString()));
        Assert.DoesNotContain("19900000099", changed.Text, StringComparison.Ordinal);
        Assert.Equal(changed.Text, (await server.SendAsync("GET", $"{path}/changes?task={task}", user: Reviewer)).Is(200).Text);
        (await server.SendAsync("GET", $"{path}/changes?task={Guid.NewGuid()}", user: Reviewer)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"{path}/changes?task=7", user: Reviewer)).IsProblem(400, ErrorCodes.InvalidRequest);

        (await server.SendAsync("POST", $"{path}/refile", "{}", user: Applicant, headers: Key())).IsProblem(409, ErrorCodes.WrongState);
        (await server.SendAsync("POST", $"/api/v1/tasks/{await TaskAsync()}/decide", new { outcome = "reject", opinion = "不符合申报条件" }, user: Reviewer)).Is(200);
        var ended = (await server.SendAsync("GET", path, user: Applicant)).Is(200).Json;
        Assert.NotEmpty(ended.GetProperty("status").GetProperty("noteZh").GetString()!);
        var next = Assert.Single(ended.GetProperty("nextActions").EnumerateArray());
        (await server.SendAsync("POST", next.GetProperty("href").GetString()!, "{}", user: Handler, headers: Key())).IsProblem(403, ErrorCodes.Forbidden);
        var refiled = (await server.SendAsync(next.GetProperty("method").GetString()!, next.GetProperty("href").GetString()!, "{}", user: Applicant, headers: Key())).Is(201);
        var again = refiled.Json.GetProperty("case");
        Assert.Equal((2, 0), (again.GetProperty("round").GetInt32(), refiled.Json.GetProperty("leftOut").GetArrayLength()));
        Assert.Equal(again.GetProperty("id").GetGuid(), (await server.SendAsync("POST", $"{path}/refile", "{}", user: Applicant, headers: Key())).IsProblem(409, ErrorCodes.Conflict).Json.GetProperty("caseId").GetGuid());
        Assert.Equal(2, (await server.SendAsync("GET", $"{path}/rounds", user: Applicant)).Is(200).Json.GetProperty("items").GetArrayLength());
        (await server.SendAsync("GET", $"{path}/rounds", user: "applicant-wang")).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"{path}/changes", user: "applicant-wang")).IsProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Batch_WhenItReturnsWithCorrections_ThenEachCaseAsksForThem_R_REV_8_R_REV_3()
    {
        var path = await SubmittedAsync();
        var item = new { taskId = await TaskAsync(), outcome = "return", opinion = "请补正" };
        Task<Answer> Batch(object body) => server.SendAsync("POST", "/api/v1/tasks/decide-batch", body, user: Reviewer, headers: Key());

        var wrong = (await Batch(new { items = new[] { item }, corrections = new[] { new { field = "workExperience[40].post", note = "x" } } })).Is(200).Json.GetProperty("items")[0];
        Assert.Equal(("invalid_form", "corrections[0].field"), (wrong.GetProperty("problem").GetProperty("code").GetString(), wrong.GetProperty("problem").GetProperty("facts").GetProperty("errors")[0].GetProperty("path").GetString()));
        (await Batch(new { items = new[] { item with { outcome = "approve" } }, corrections = new[] { new { field = "phone", note = "x" } } })).IsProblem(400, ErrorCodes.InvalidRequest);
        Assert.True((await Batch(new { items = new[] { item }, corrections = new[] { new { field = "phone", note = "号码有误" } }, onlyCorrections = true })).Is(200).Json.GetProperty("items")[0].GetProperty("decided").GetBoolean());

        var asked = (await server.SendAsync("GET", path, user: Applicant)).Is(200).Json.GetProperty("corrections");
        Assert.Equal((true, "phone", "请补正"), (asked.GetProperty("onlyThese").GetBoolean(), asked.GetProperty("items")[0].GetProperty("field").GetString(), asked.GetProperty("returns")[0].GetProperty("opinion").GetString()));
    }

    [Fact]
    public async Task Batch_WhenAskedInHostileWays_ThenEachIsAClearProblemAndNothingIsFiled_R_CASE_7()
    {
        object Batch(params object[] items) => new { service = "political-work-title", items };

        (await server.SendAsync("POST", "/api/v1/cases/batch", Batch(new { applicantId = Applicant }), key: null)).IsProblem(401, ErrorCodes.Unauthorized);
        foreach (var body in (string[])["{}", "[]", """{"service":"political-work-title","items":null}""", """{"service":"political-work-title","items":[null]}""", """{"service":"political-work-title","items":[{}]}""", """{"service":"political-work-title","items":[7]}"""])
            Assert.Equal(400, (int)(await server.SendAsync("POST", "/api/v1/cases/batch", body, user: Handler, headers: Key())).Response.StatusCode);
        (await server.SendAsync("POST", "/api/v1/cases/batch", Batch(new { applicantId = Applicant }), user: Applicant, headers: Key())).IsProblem(403, ErrorCodes.Forbidden);
        (await server.SendAsync("POST", "/api/v1/cases/batch", Batch(new { applicantId = Applicant }), user: Handler)).IsProblem(400, ErrorCodes.IdempotencyKeyRequired);
        // 政工职评 is filed by the people themselves: the employer is told so for each.
        var answer = (await server.SendAsync("POST", "/api/v1/cases/batch", Batch(new { applicantId = Applicant, data = new { }, submit = true }, new { applicantId = "applicant-wang" }), user: Handler, headers: Key())).Is(200).Json;
        Assert.Equal([ErrorCodes.FilingRefused, ErrorCodes.UnknownUser], answer.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("problem").GetProperty("code").GetString()));
        Assert.Equal(2, answer.GetProperty("failed").GetInt32());
        // What is larger than other bodies may be still fits.
        var large = Batch([.. Enumerable.Range(0, 600).Select(i => (object)new { applicantId = $"nobody-{i}", data = new { text = new string('x', 10_000) } })]);
        Assert.Equal(600, (await server.SendAsync("POST", "/api/v1/cases/batch", large, user: Handler, headers: Key())).Is(200).Json.GetProperty("failed").GetInt32());
        Assert.Empty((await server.SendAsync("GET", "/api/v1/cases", user: Handler)).Is(200).Json.GetProperty("items").EnumerateArray());
    }

    private async Task<string> SubmittedAsync()
    {
        var created = (await server.SendAsync("POST", "/api/v1/cases", new { service = "political-work-title", data = Sample["phase1"] }, user: Applicant, headers: Key())).Is(201);
        var path = $"/api/v1/cases/{created.Json.GetProperty("id").GetGuid()}";
        (await server.SendAsync("POST", $"{path}/confirmations/classified", "{}", user: Applicant)).Is(200);
        (await server.SendAsync("POST", $"{path}/submit", "{}", user: Applicant)).Is(200);
        return path;
    }

    private static (string, string) Key() => ("Idempotency-Key", Guid.NewGuid().ToString());

    private async Task<Guid> TaskAsync() =>
        (await server.SendAsync("GET", "/api/v1/tasks?scope=candidates", user: Reviewer)).Is(200).Json.GetProperty("items").EnumerateArray().Single().GetProperty("id").GetGuid();
}
