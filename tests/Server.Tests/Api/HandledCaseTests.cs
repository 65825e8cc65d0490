using static Talent.Workflows.Server.Tests.Api.HandledService;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>What people do with a case and with their own work over HTTP, and with the clock of a case.</summary>
public sealed class HandledCaseTests(HandledService service) : IClassFixture<HandledService>
{
    private readonly RunningServer server = service.Server;

    [Fact]
    public async Task Urge_WhenTheApplicantUrgesTwice_ThenTheSecondComesTooSoon_R_REV_7()
    {
        var filed = await service.FileAsync();

        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/urge", new { }, Reviewer), 403, "forbidden");
        Assert.Equal("单位审核", (await filed.PostAsync($"{filed.Path}/urge", new { }, Applicant)).Is(200).Json.GetProperty("stages")[0].GetString());
        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/urge", new { }, Applicant), 429, "rate_limited");
    }

    [Fact]
    public async Task Comment_WhenSaid_ThenThoseWhoDealWithTheCaseReadIt_R_REV_7()
    {
        var filed = await service.FileAsync();

        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/comments", new { text = "催一下" }, Applicant), 403, "forbidden");
        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/comments", new { text = "催一下" }, Stranger), 404, "not_found");
        (await filed.PostAsync($"{filed.Path}/comments", new { text = "请核对学历" }, Reviewer)).Is(200);

        Assert.Equal("请核对学历", (await server.SendAsync("GET", $"{filed.Path}/comments", user: Colleague)).Is(200).Json.GetProperty("items")[0].GetProperty("text").GetString());
        Assert.Equal(0, (await server.SendAsync("GET", $"{filed.Path}/comments", user: Applicant)).Is(200).Json.GetProperty("items").GetArrayLength());
        (await server.SendAsync("GET", $"{filed.Path}/comments", user: Stranger)).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Jump_WhenAskedByOneAndConfirmedByAnother_ThenTheCaseIsThere_R_REV_7()
    {
        var filed = await service.FileAsync();
        var (_, key) = await server.CreateKeyAsync(new { name = "portal", scopes = new[] { "cases" } });
        object ask = new { stage = "bureau", reason = "单位已撤销" };

        await filed.RefusedAsync(() => server.SendAsync("POST", $"{filed.Path}/jumps", ask, key: key, user: Superior), 403, "forbidden");
        var first = (await filed.PostAsync($"{filed.Path}/jumps", ask, Superior)).Is(200).Json.GetProperty("id").GetGuid();
        Assert.Equal("own", (await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/jumps/{first}/confirm", new { }, Superior), 403, "forbidden")).Json.GetProperty("reason").GetString());
        Assert.Equal("refused", (await filed.PostAsync($"{filed.Path}/jumps/{first}/refuse", new { reason = "不必跳转" }, "bureau-superior")).Is(200).Json.GetProperty("state").GetProperty("code").GetString());
        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/jumps/{first}/refuse", new { reason = "不必跳转" }, "bureau-superior"), 409, "wrong_state");
        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/jumps/{first}/confirm", new { }, "bureau-superior"), 409, "wrong_state");
        var second = (await filed.PostAsync($"{filed.Path}/jumps", ask, Superior)).Is(200).Json.GetProperty("id").GetGuid();
        (await filed.PostAsync($"{filed.Path}/jumps/{second}/confirm", new { }, "bureau-superior")).Is(200);

        Assert.Equal("bureau", (await filed.ReadAsync()).GetProperty("stages")[0].GetProperty("stage").GetString());
        Assert.Equal(["confirmed", "refused"], (await server.SendAsync("GET", $"{filed.Path}/jumps", user: Superior)).Is(200).Json.GetProperty("items").EnumerateArray().Select(j => j.GetProperty("state").GetProperty("code").GetString()));
        (await server.SendAsync("GET", $"{filed.Path}/jumps", key: key, user: Superior)).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task Delegation_WhenItWouldCloseACircle_ThenNothingIsKept_R_REV_7()
    {
        var filed = await service.FileAsync();
        object Body(string to) => new { @delegate = to, from = "2098-01-01T00:00:00Z", until = "2098-02-01T00:00:00Z" };
        (await filed.PostAsync("/api/v1/delegations", Body("unit-culture-reviewer-2"), "unit-culture-reviewer-1")).Is(200);
        (await filed.PostAsync("/api/v1/delegations", Body("unit-culture-superior"), "unit-culture-reviewer-2")).Is(200);

        var refused = await filed.RefusedAsync(() => filed.PostAsync("/api/v1/delegations", Body("unit-culture-reviewer-1"), "unit-culture-superior"), 409, "conflict");

        Assert.Equal(("circle", 2), (refused.Json.GetProperty("reason").GetString(), refused.Json.GetProperty("delegations").GetArrayLength()));
    }

    [Fact]
    public async Task Opinion_WhenKeptListedAndRemoved_ThenItIsOnesOwn_R_REV_2()
    {
        var (filed, key) = (await service.FileAsync(), ("Idempotency-Key", Guid.NewGuid().ToString()));
        var task = await filed.TaskAsync();
        Task<Answer> Keep(string text) => server.SendAsync("POST", "/api/v1/opinions", new { text, outcome = "approve" }, user: Colleague, headers: key);

        var kept = (await Keep("材料齐全，同意")).Is(200).Json.GetProperty("id").GetGuid();
        Assert.Equal(kept, (await Keep("材料齐全，同意")).Is(200).Json.GetProperty("id").GetGuid());
        (await Keep("不同意")).IsProblem(422, "idempotency_key_reused");

        var listed = (await server.SendAsync("GET", $"/api/v1/opinions?task={task[(task.LastIndexOf('/') + 1)..]}", user: Colleague)).Is(200).Json.GetProperty("items");
        Assert.Equal("材料齐全，同意", Assert.Single(listed.EnumerateArray()).GetProperty("zh").GetString());
        (await server.SendAsync("DELETE", $"/api/v1/opinions/{kept}", user: Reviewer)).IsProblem(404, "not_found");
        (await server.SendAsync("DELETE", $"/api/v1/opinions/{kept}", user: Colleague)).Is(204);
        (await server.SendAsync("DELETE", $"/api/v1/opinions/{kept}", user: Colleague)).IsProblem(404, "not_found");
        (await server.SendAsync("GET", $"/api/v1/opinions?task={Guid.NewGuid()}", user: Colleague)).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Clock_WhenStoppedAndResumed_ThenItSaysSo_AndStrangersLearnNothing_R_REV_4()
    {
        var filed = await service.FileAsync();
        object stop = new { ground = "hearing", document = "听证通知书1号" };

        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/pauses", new { ground = "holiday", document = "通知" }, Reviewer), 400, "invalid_request");
        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/pauses", stop, Stranger), 403, "forbidden");
        var pause = (await filed.PostAsync($"{filed.Path}/pauses", stop, Reviewer)).Is(200).Json.GetProperty("pauses")[0].GetProperty("id").GetGuid();
        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/pauses", stop, Reviewer), 409, "wrong_state");
        Assert.Equal("听证通知书1号", (await server.SendAsync("GET", $"{filed.Path}/clock", user: Applicant)).Is(200).Json.GetProperty("pauses")[0].GetProperty("document").GetString());
        (await server.SendAsync("GET", $"{filed.Path}/clock", user: Stranger)).IsProblem(404, "not_found");

        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/pauses/{Guid.NewGuid()}/end", new { }, Reviewer), 404, "not_found");
        (await filed.PostAsync($"{filed.Path}/pauses/{pause}/end", new { }, Reviewer)).Is(200);
        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/pauses/{pause}/end", new { }, Reviewer), 409, "wrong_state");
    }

    [Fact]
    public async Task Extension_WhenAskedByOneAndGrantedByTheSuperior_ThenTheLimitIsLonger_R_REV_4()
    {
        var filed = await service.FileAsync();
        object ask = new { limit = "employer", reason = "需要核实境外经历" };
        var due = (await filed.ReadAsync()).GetProperty("stages")[0].GetProperty("dueAt").GetDateTimeOffset();

        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/extensions", new { limit = "total", reason = "需要核实" }, Reviewer), 409, "wrong_state");
        var asked = (await filed.PostAsync($"{filed.Path}/extensions", ask, Reviewer)).Is(200).Json.GetProperty("extensions")[0].GetProperty("id").GetGuid();
        await filed.RefusedAsync(() => filed.PostAsync($"{filed.Path}/extensions", ask, Reviewer), 409, "wrong_state");
        var decide = $"{filed.Path}/extensions/{asked}/decide";
        await filed.RefusedAsync(() => filed.PostAsync(decide, new { outcome = "maybe", opinion = "同意" }, Superior), 400, "invalid_request");
        // Without the scope of an administrator, who could grant it too.
        var (_, key) = await server.CreateKeyAsync(new { name = "portal", scopes = new[] { "cases" } });
        await filed.RefusedAsync(() => server.SendAsync("POST", decide, new { outcome = "approve", opinion = "同意" }, key: key, user: Reviewer), 403, "forbidden");
        (await filed.PostAsync(decide, new { outcome = "approve", opinion = "情况属实" }, Superior)).Is(200);
        await filed.RefusedAsync(() => filed.PostAsync(decide, new { outcome = "approve", opinion = "情况属实" }, Superior), 409, "wrong_state");

        Assert.True((await filed.ReadAsync()).GetProperty("stages")[0].GetProperty("dueAt").GetDateTimeOffset() > due);
    }

    [Fact]
    public async Task Marks_WhenListed_ThenTheColourIsOneThatThereIs_R_REV_5()
    {
        Assert.Equal(0, (await server.SendAsync("GET", "/api/v1/marks?colour=red", user: Stranger)).Is(200).Json.GetProperty("items").GetArrayLength());
        (await server.SendAsync("GET", "/api/v1/marks?colour=blue", user: Stranger)).IsProblem(400, "invalid_request");
    }
}
