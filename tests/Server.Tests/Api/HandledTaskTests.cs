using System.Text.Json;
using static Talent.Workflows.Server.Tests.Api.HandledService;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>What people do with a task over HTTP: it succeeds once, and whoever may not is told so, and nothing has changed.</summary>
public sealed class HandledTaskTests(HandledService service) : IClassFixture<HandledService>
{
    private readonly RunningServer server = service.Server;

    [Fact]
    public async Task Decision_WhenTheUserHasNotTheRole_ThenItIsRefused_R_REV_1()
    {
        var filed = await service.FileAsync();

        var refused = await filed.RefusedAsync(() => filed.DecideAsync(Stranger), 403, "forbidden");

        Assert.Equal("role", refused.Json.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Decision_WhenTheCaseIsOnesOwn_ThenItIsRefusedThoughOneHoldsTheRole_R_REV_9()
    {
        var filed = await service.FileAsync();
        await server.SqlAsync($"insert into approvals.user_roles (user_id, role, organisation_id) values ('{Applicant}', 'employer.reviewer', 'emp-metro') on conflict do nothing");

        var refused = await filed.RefusedAsync(() => filed.DecideAsync(Applicant), 403, "forbidden");

        Assert.Equal("excluded", refused.Json.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Decision_WhenTheStageHasNoSuchOutcome_ThenItIsRefused_R_REV_2()
    {
        var filed = await service.FileAsync();

        await filed.RefusedAsync(() => filed.DecideAsync(Reviewer, "refuse"), 400, "invalid_request");
        await filed.RefusedAsync(() => filed.DecideAsync(Reviewer, "abstain"), 400, "invalid_request");
    }

    [Fact]
    public async Task Decision_WhenItIsMadeTwiceOrTheTaskIsClosed_ThenItSaysWhoDecidedWhat_R_REV_2()
    {
        var filed = await service.FileAsync();
        var task = await filed.TaskAsync();
        (await filed.DecideAsync(Reviewer)).Is(200);

        foreach (var user in (string[])[Reviewer, Colleague])
        {
            var refused = await filed.RefusedAsync(() => filed.PostAsync($"{task}/decide", new { outcome = "return", opinion = "请补充证明" }, user), 409, "task_closed");
            Assert.Equal((Reviewer, "approve"), (refused.Json.GetProperty("decidedBy").GetString(), refused.Json.GetProperty("outcome").GetString()));
        }
    }

    [Fact]
    public async Task Claim_WhenSomebodyElseHasTheTask_ThenOthersNeitherClaimNorReleaseNorDecide_R_REV_1()
    {
        var filed = await service.FileAsync();
        var task = await filed.TaskAsync();

        Assert.Equal(["decide", "claim", "transfer"], Actions((await server.SendAsync("GET", task, user: Reviewer)).Is(200)));
        var claimed = (await filed.PostAsync($"{task}/claim", new { }, Reviewer)).Is(200);
        Assert.Equal(Reviewer, claimed.Json.GetProperty("claimedBy").GetString());
        Assert.Equal(["decide", "release", "transfer"], Actions(claimed));
        Assert.Empty(Actions((await server.SendAsync("GET", task, user: Colleague)).Is(200)));
        await filed.RefusedAsync(() => filed.PostAsync($"{task}/claim", new { }, Colleague), 403, "forbidden");
        await filed.RefusedAsync(() => filed.PostAsync($"{task}/release", new { }, Colleague), 403, "forbidden");
        Assert.Equal("claimed", (await filed.RefusedAsync(() => filed.DecideAsync(Colleague), 403, "forbidden")).Json.GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Null, (await filed.PostAsync($"{task}/release", new { }, Reviewer)).Is(200).Json.GetProperty("claimedBy").ValueKind);
    }

    [Fact]
    public async Task Transfer_WhenTheOtherCanDoIt_ThenItIsTheirs_AndElseItStays_R_REV_7()
    {
        var filed = await service.FileAsync();
        var task = await filed.TaskAsync();

        Assert.Equal("role", (await filed.RefusedAsync(() => filed.PostAsync($"{task}/transfer", new { to = Stranger, reason = "出差" }, Reviewer), 409, "conflict")).Json.GetProperty("reason").GetString());
        await filed.RefusedAsync(() => filed.PostAsync($"{task}/transfer", new { to = Colleague, reason = "出差" }, Stranger), 404, "not_found");
        var moved = (await filed.PostAsync($"{task}/transfer", new { to = Colleague, reason = "出差" }, Reviewer)).Is(200).Json;

        Assert.Equal(Colleague, moved.GetProperty("claimedBy").GetString());
        (await filed.DecideAsync(Colleague)).Is(200);
    }

    [Fact]
    public async Task Recall_WhenTheNextStageHasNotActed_ThenTheTaskIsOpenAgain_AndOnlyOnce_R_REV_7()
    {
        var filed = await service.FileAsync();
        var task = await filed.TaskAsync();
        (await filed.DecideAsync(Reviewer)).Is(200);

        await filed.RefusedAsync(() => filed.PostAsync($"{task}/recall", new { }, Colleague), 403, "forbidden");
        Assert.Equal("recalled", (await filed.PostAsync($"{task}/recall", new { }, Reviewer)).Is(200).Json.GetProperty("reason").GetString());
        Assert.Equal("recalled", (await filed.RefusedAsync(() => filed.PostAsync($"{task}/recall", new { }, Reviewer), 409, "wrong_state")).Json.GetProperty("reason").GetString());

        Assert.Equal("employer", (await filed.ReadAsync()).GetProperty("stages")[0].GetProperty("stage").GetString());
    }

    [Fact]
    public async Task Copy_WhenItIsRead_ThenItIsCountedNoMore_R_REV_7()
    {
        var filed = await service.FileAsync();
        var task = await filed.TaskAsync();

        await filed.RefusedAsync(() => filed.PostAsync($"{task}/copy", new { users = (string[])["nobody"] }, Reviewer), 403, "unknown_user");
        await filed.RefusedAsync(() => filed.PostAsync($"{task}/copy", new { users = (string[])["notice-clerk"] }, Superior), 403, "forbidden");
        (await filed.PostAsync($"{task}/copy", new { users = (string[])["notice-clerk"], note = "请知悉" }, Reviewer)).Is(200);

        var page = (await server.SendAsync("GET", "/api/v1/tasks?scope=copied&counts=true", user: "notice-clerk")).Is(200).Json;
        Assert.Equal((1, 1), (page.GetProperty("items").GetArrayLength(), page.GetProperty("counts").GetProperty("copied").GetInt32()));
        (await filed.PostAsync($"{task}/read", new { }, "notice-clerk")).Is(204);
        Assert.Equal(0, (await server.SendAsync("GET", "/api/v1/tasks/summary", user: "notice-clerk")).Is(200).Json.GetProperty("copied").GetInt32());
    }

    [Fact]
    public async Task Signer_WhenAddedAndTakenAway_ThenTheAskerAloneCanDoIt_R_REV_7()
    {
        var filed = await service.FileAsync();
        var task = await filed.TaskAsync();
        object body = new { position = "beside", users = (string[])[Colleague], reason = "请会同把关" };

        await filed.RefusedAsync(() => filed.PostAsync($"{task}/signers", body, Stranger), 403, "forbidden");
        await filed.RefusedAsync(() => filed.PostAsync($"{task}/signers", new { position = "behind", users = (string[])[Colleague], reason = "请会同把关" }, Reviewer), 400, "invalid_request");
        (await filed.PostAsync($"{task}/signers", body, Reviewer)).Is(200);
        var added = (await filed.ReadAsync()).GetProperty("stages").EnumerateArray().Select(s => $"/api/v1/tasks/{s.GetProperty("taskId").GetGuid()}").Single(t => t != task);

        await filed.RefusedAsync(() => filed.PostAsync($"{added}/remove", new { }, Colleague), 403, "forbidden");
        (await filed.PostAsync($"{added}/remove", new { }, Reviewer)).Is(200);
        Assert.Equal(task, await filed.TaskAsync());
    }

    [Fact]
    public async Task Batch_WhenOneItemCannotBeDecided_ThenTheOthersAre_R_REV_8()
    {
        var (one, other) = (await service.FileAsync(), await service.FileAsync());
        var (decided, open) = (await one.TaskAsync(), await other.TaskAsync());
        (await one.DecideAsync(Colleague)).Is(200);
        object Item(string task) => new { taskId = task[(task.LastIndexOf('/') + 1)..], outcome = "approve", opinion = "同意" };

        var items = (await one.PostAsync("/api/v1/tasks/decide-batch", new { items = (object[])[Item(decided), Item(open)] }, Reviewer)).Is(200).Json.GetProperty("items");

        Assert.Equal([false, true], items.EnumerateArray().Select(i => i.GetProperty("decided").GetBoolean()));
        Assert.Equal("task_closed", items[0].GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal("bureau", (await other.ReadAsync()).GetProperty("stages")[0].GetProperty("stage").GetString());
    }

    [Fact]
    public async Task Inbox_WhenReadWithCounts_ThenOnesOwnLastDecisionIsInThem_R_REV_1()
    {
        var filed = await service.FileAsync();
        var before = await CountsAsync();
        (await filed.DecideAsync(Reviewer)).Is(200);
        var after = await CountsAsync();

        Assert.Equal((before.Candidates - 1, before.Done + 1), after);
        Assert.False((await server.SendAsync("GET", "/api/v1/tasks?scope=candidates", user: Reviewer)).Is(200).Json.TryGetProperty("counts", out _));
        (await server.SendAsync("GET", "/api/v1/tasks?scope=candidates&counts=often", user: Reviewer)).IsProblem(400, "invalid_request");

        async Task<(int Candidates, int Done)> CountsAsync()
        {
            var page = (await server.SendAsync("GET", "/api/v1/tasks?scope=candidates&limit=200&counts=true", user: Reviewer)).Is(200).Json;
            var counts = page.GetProperty("counts");
            Assert.Equal(page.GetProperty("items").GetArrayLength(), counts.GetProperty("candidates").GetInt32());
            return (counts.GetProperty("candidates").GetInt32(), counts.GetProperty("done").GetInt32());
        }
    }

    private static IEnumerable<string?> Actions(Answer task) => task.Json.GetProperty("nextActions").EnumerateArray().Select(a => a.GetProperty("action").GetString());
}
