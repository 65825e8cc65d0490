using System.Security.Cryptography;
using System.Text.Json;
using static Talent.Workflows.Server.Tests.Api.HandledService;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Panels over HTTP: each address succeeds once, and refuses once without changing anything.</summary>
public sealed class PanelOverHttpTests(HandledService service) : IClassFixture<HandledService>
{
    private const string Secretary = "panel-secretary";
    private const string Supervisor = "bureau-superior";
    private readonly RunningServer server = service.Server;

    [Fact]
    public async Task Panel_WhenTwoPartiesDrawItAndItsChairDecides_ThenEveryAddressAnswersAndRefuses_R_PAN_1_R_PAN_2()
    {
        await service.PublishAsync("judged-allowance", "PSBT", Activity("panel", "Talent.ExpertPanel", ("stageName", "专家评审"), ("seats", "2"), ("secretaryRole", "bureau.panel-secretary"), ("organisation", "case:bureau"),
            ("supervisorRole", "bureau.superior"), ("tie", "Chair"), ("chairRole", "bureau.superior"), ("pass", ">1/2"), ("accept", "3wd"), ("due", "5wd"), ("drawParties", """["bureau.panel-secretary","bureau.superior"]""")));
        var filed = await service.FileAsync("judged-allowance");
        var panel = $"/api/v1/panels/{(await ListAsync(filed, Secretary))[0].GetProperty("id").GetGuid()}";
        var nonces = (string[])[new string('a', 64), new string('b', 64)];

        // Two parties draw it.
        (await server.SendAsync("GET", panel, user: Stranger)).IsProblem(403, "forbidden");
        Assert.Empty(await ListAsync(filed, Stranger));
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/draw/commitment", new { commitment = "abc" }, Secretary), 400, "invalid_request");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/draw/nonce", new { nonce = nonces[0] }, Secretary), 409, "wrong_state");
        foreach (var (user, nonce) in ((string, string)[])[(Secretary, nonces[0]), (Supervisor, nonces[1])])
            (await filed.PostAsync($"{panel}/draw/commitment", new { commitment = Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(nonce))) }, user)).Is(200);
        await server.UntilAsync($"select count(*) = 2 from approvals.tasks where case_id = '{filed.Id}' and kind = 'panel-reveal' and status < 2");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/draw/nonce", new { nonce = nonces[1] }, Secretary), 400, "invalid_request");
        foreach (var (user, nonce) in ((string, string)[])[(Secretary, nonces[0]), (Supervisor, nonces[1])])
            (await filed.PostAsync($"{panel}/draw/nonce", new { nonce }, user)).Is(200);
        await server.UntilAsync($"select count(*) = 2 from approvals.tasks where case_id = '{filed.Id}' and kind = 'panel-invitation' and status < 2");
        (await server.SendAsync("GET", $"{panel}/draw", user: Secretary)).Is(200);
        (await server.SendAsync("GET", $"{panel}/draw", user: Applicant)).IsProblem(403, "forbidden");

        // Invitations, a challenge, a recusal.
        var seated = await SeatedAsync(panel);
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/invitation", new { accept = true }, seated[0]), 400, "invalid_request");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/invitation", new { accept = true, statement = "无利害关系" }, Stranger), 403, "forbidden");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/challenges", new { expert = seated[0], reason = "曾为同事" }, Stranger), 403, "forbidden");
        var challenge = (await filed.PostAsync($"{panel}/challenges", new { expert = seated[0], reason = "曾为同事" }, Applicant)).Is(200).Json.GetProperty("challengeId").GetGuid();
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/challenges/{challenge}/decision", new { uphold = false, opinion = "查无此事" }, Stranger), 403, "forbidden");
        (await filed.PostAsync($"{panel}/challenges/{challenge}/decision", new { uphold = false, opinion = "查无此事" }, Secretary)).Is(200);
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/challenges/{challenge}/decision", new { uphold = true, opinion = "成立" }, Secretary), 409, "task_closed");
        foreach (var expert in seated)
            (await filed.PostAsync($"{panel}/invitation", new { accept = true, statement = "无利害关系" }, expert)).Is(200);
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/recuse", new { }, seated[0]), 400, "invalid_request");
        (await filed.PostAsync($"{panel}/recuse", new { reason = "与申报人有合作关系" }, seated[0])).Is(200);
        await server.UntilAsync($"select count(*) = 1 from approvals.tasks where case_id = '{filed.Id}' and kind = 'panel-invitation' and status < 2");
        var next = Assert.Single(await SeatedAsync(panel), e => !seated.Contains(e));
        (await filed.PostAsync($"{panel}/invitation", new { accept = true, statement = "无利害关系" }, next)).Is(200);

        // A tie, and the chair.
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/ballot", new { vote = "perhaps" }, next), 400, "invalid_request");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/ballot", new { vote = "pass" }, Stranger), 403, "forbidden");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/chair", new { vote = "pass", reason = "综合业绩突出" }, Supervisor), 409, "wrong_state");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/close", new { }, Stranger), 403, "forbidden");
        (await server.SendAsync("GET", $"{panel}/result", user: Secretary)).IsProblem(409, "wrong_state");
        (await server.SendAsync("GET", $"{panel}/minutes", user: Secretary)).IsProblem(409, "wrong_state");
        (await filed.PostAsync($"{panel}/ballot", new { vote = "pass" }, next)).Is(200);
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/ballot", new { vote = "fail" }, next), 409, "task_closed");
        (await filed.PostAsync($"{panel}/ballot", new { vote = "fail" }, seated[1])).Is(200);
        await server.UntilAsync($"select count(*) = 1 from approvals.tasks where case_id = '{filed.Id}' and kind = 'panel-chair' and status < 2");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/chair", new { vote = "pass", reason = "综合业绩突出" }, Secretary), 403, "forbidden");
        (await filed.PostAsync($"{panel}/chair", new { vote = "pass", reason = "综合业绩突出" }, Supervisor)).Is(200);

        Assert.Equal("passed", (await server.SendAsync("GET", $"{panel}/result", user: Secretary)).Is(200).Json.GetProperty("outcome").GetString());
        (await server.SendAsync("GET", $"{panel}/result", user: Stranger)).IsProblem(403, "forbidden");
        Assert.Equal("text/html", (await server.SendAsync("GET", $"{panel}/minutes", user: Secretary)).Is(200).MediaType);
        Assert.Equal("completed", (await filed.ReadAsync()).GetProperty("status").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Seats_WhenThePoolRunsOut_ThenTheSecretaryFillsThemAndCloses_R_PAN_1()
    {
        // A small pool, so that it runs out.
        await server.SqlAsync("update approvals.users set active = false where id like 'expert-%' and id > 'expert-12'");
        await service.PublishAsync("short-allowance", "QEBT", Activity("panel", "Talent.ExpertPanel", ("stageName", "专家评审"), ("seats", "11"), ("quorum", "1/11"), ("secretaryRole", "bureau.panel-secretary"), ("organisation", "case:bureau"), ("due", "5wd")));
        var filed = await service.FileAsync("short-allowance");
        await server.UntilAsync($"select count(*) = 11 from approvals.tasks where case_id = '{filed.Id}' and kind = 'ballot' and status < 2");
        var panel = $"/api/v1/panels/{(await ListAsync(filed, Secretary))[0].GetProperty("id").GetGuid()}";
        var experts = await SeatedAsync(panel);

        // Nobody is missing yet.
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/seats", new { }, Stranger), 403, "forbidden");
        await filed.RefusedAsync(() => server.SendAsync("POST", $"{panel}/seats", new { }, user: Secretary), 409, "wrong_state");
        foreach (var expert in experts)
            (await filed.PostAsync($"{panel}/recuse", new { reason = "与申报人有合作关系" }, expert)).Is(200);
        await server.UntilAsync($"select count(*) = 1 from approvals.tasks where case_id = '{filed.Id}' and kind = 'panel-vacancy' and status < 2");
        await server.SqlAsync("insert into approvals.user_roles (user_id, role, organisation_id) values ('emp-press-handler', 'expert', 'emp-press') on conflict do nothing");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/seats", new { experts = (string[])["emp-press-handler"] }, Secretary), 400, "invalid_request");

        Assert.Equal("emp-press-handler", (await filed.PostAsync($"{panel}/seats", new { experts = (string[])["emp-press-handler"], reason = "专业对口" }, Secretary)).Is(200).Json.GetProperty("seated")[0].GetString());
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/close", new { }, Secretary), 409, "wrong_state");
        (await server.SendAsync("DELETE", panel, user: Secretary)).IsProblem(405, "method_not_allowed");
    }

    [Fact]
    public async Task Round_WhenItsKeyIsLost_ThenTwoVoidItAndItIsVotedOnAgain_R_PAN_2()
    {
        await service.PublishAsync("voided-allowance", "ZFCT", Activity("panel", "Talent.ExpertPanel", ("stageName", "专家评审"), ("seats", "2"), ("secretaryRole", "bureau.panel-secretary"), ("organisation", "case:bureau"),
            ("chairRole", "bureau.superior"), ("due", "5wd")));
        var filed = await service.FileAsync("voided-allowance");
        await server.UntilAsync($"select count(*) = 2 from approvals.tasks where case_id = '{filed.Id}' and kind = 'ballot' and status < 2");
        var id = (await ListAsync(filed, Secretary))[0].GetProperty("id").GetGuid();
        var panel = $"/api/v1/panels/{id}";
        object reason = new { reason = "机房火灾，密钥盘损毁" };

        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/void", reason, Secretary), 409, "wrong_state");
        File.Delete(Path.Combine(server.DataFolder, "panel-keys", $"{await server.SqlAsync($"select id from approvals.panel_keys where panel_id = '{id}'")}.key"));
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/void", new { }, Secretary), 400, "invalid_request");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/void", reason, Stranger), 403, "forbidden");
        await filed.RefusedAsync(() => filed.PostAsync($"{panel}/void/confirm", new { }, Supervisor), 409, "wrong_state");
        (await filed.PostAsync($"{panel}/void", reason, Secretary)).Is(200);
        Assert.Equal("own", (await filed.RefusedAsync(() => filed.PostAsync($"{panel}/void/confirm", new { }, Secretary), 403, "forbidden")).Json.GetProperty("reason").GetString());
        (await filed.PostAsync($"{panel}/void/confirm", new { }, Supervisor)).Is(200);

        Assert.Equal(2, (await server.SendAsync("GET", panel, user: Secretary)).Is(200).Json.GetProperty("round").GetInt32());
        foreach (var expert in await SeatedAsync(panel))
            (await filed.PostAsync($"{panel}/ballot", new { vote = "pass" }, expert)).Is(200);
    }

    private async Task<JsonElement[]> ListAsync(HandledCase filed, string user) => [.. (await server.SendAsync("GET", $"/api/v1/panels?caseId={filed.Id}", user: user)).Is(200).Json.GetProperty("items").EnumerateArray()];

    private async Task<string[]> SeatedAsync(string panel) => [.. (await server.SendAsync("GET", panel, user: Secretary)).Is(200).Json.GetProperty("experts").EnumerateArray()
        .Where(e => e.GetProperty("state").GetString() is "invited" or "waiting").Select(e => e.GetProperty("id").GetString()!)];
}
