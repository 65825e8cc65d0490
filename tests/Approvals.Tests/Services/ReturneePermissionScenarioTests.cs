using Talent.Workflows.Approvals.Catalogue;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>留学回国人员引进·业务权限开通 (S2), as the manual of Chaoyang has it: 二、第三步, figures 7 to 12, and its notes.</summary>
public sealed class ReturneePermissionScenarioTests() : ExampleScenarios("returnee-permission")
{
    private const string Bureau = "bureau-reviewer-1", Metro = "emp-metro-handler", Water = "emp-water-handler";
    private const string Intake = "returnee-intake";

    /// <summary>The employers have 单位认证 already, as the manual's first part has it.</summary>
    private protected override async Task<CaseDesk> OpenAsync()
    {
        var desk = await base.OpenAsync();
        await desk.Execute("""
            insert into approvals.certifications (id, user_id, employer_id, way, certified_at)
            select gen_random_uuid(), r.user_id, r.organisation_id, 'recognised', now() from approvals.user_roles r where r.role = 'employer.handler'
            """);
        return desk;
    }

    [Fact]
    public Task Permission_WhenTheEmployerIsntCertified_ThenItIsNotAppliedFor_S2_R_CAT_1() => Play(async desk =>
    {
        await desk.Execute("update approvals.certifications set ended_at = now()");

        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.DraftAsync(desk.Sample("01-metro-opened")));

        Assert.Equal(ErrorCodes.FilingRefused, refusal.Code);
        Assert.Equal(["not_certified"], ((IReadOnlyList<FilingReason>)refusal.Facts["reasons"]!).Select(r => r.Code));
    });

    [Fact]
    public Task Permission_WhenApplied_ThenItIsReviewedAndOpensThisServiceAlone_Figure7To10_S2_R_PRM_1_R_PRM_2() => Play(async desk =>
    {
        Assert.Equal(PermissionState.None, (await Permission(desk, "emp-metro")).State);
        var sample = desk.Sample("01-metro-opened");
        // 企业名称 fills itself in; what is sent for it doesn't count.
        var filed = await desk.DraftAsync(sample with { Phase1 = With(sample.Phase1, "unitName", "别的企业") });
        Assert.Equal("示例市城市运行集团有限公司", (await filed.Read()).Data["1"].GetProperty("unitName").GetString());
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, With(sample.Phase1, "unitName", "别的企业"), null, default);
        Assert.Equal("示例市城市运行集团有限公司", (await filed.Read()).Data["1"].GetProperty("unitName").GetString());
        await filed.Submit();
        Assert.Equal(("待审核", "业务权限审核"), (await filed.Status(), await Stages(filed)));
        Assert.Equal(PermissionState.Requested, (await Permission(desk, "emp-metro")).State);

        await Approve(filed, Bureau);

        Assert.Equal("业务权限审核通过", await filed.Status());
        var permission = await Permission(desk, "emp-metro");
        Assert.Equal((PermissionState.Open, filed.Id), (permission.State, permission.Opened!.CaseId));
        // 注: neither another service nor another employer has it.
        Assert.Equal(PermissionState.None, (await desk.Get<StandingReader>().PermissionAsync("emp-metro", "talent-introduction", default)).State);
        Assert.Equal(PermissionState.None, (await Permission(desk, "emp-water")).State);
        Assert.Equal(["case.completed → emp-metro-handler", "case.submitted → emp-metro-handler", "stage.opened → bureau-reviewer-1", "stage.opened → bureau-reviewer-2"], (await filed.Told()).Order(StringComparer.Ordinal));
        Assert.Contains("permission: returnee-intake", await desk.Scalar<string>($"select string_agg(details, ' ') from approvals.audit where case_id = '{filed.Id}'"));
    });

    [Fact]
    public Task Permission_WhenRefused_ThenTheReasonIsSaidAndTheNextRoundBeginsWithTheSameData_Figure12_S2_R_PRM_2() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(desk.Sample("02-water-refused"));
        var task = (await TaskOf(filed, Bureau))!;
        await desk.As(Bureau).Decide(task.Id, "reject", "企业资质证明与所填资质不符。");
        Assert.Equal("业务权限审核不通过", await filed.Status());
        var refused = await Permission(desk, "emp-water");
        Assert.Equal((PermissionState.Refused, "企业资质证明与所填资质不符。"), (refused.State, refused.Newest!.Reason));
        Assert.Contains("case.rejected → emp-water-handler", await filed.Told());
        Assert.Contains(desk.Sent, m => m.Text.Contains("业务权限审核不通过", StringComparison.Ordinal));

        // 重新申请
        var again = await NextRound(filed);
        Assert.Equal($"2 {filed.Id}", await desk.Scalar<string>($"select round || ' ' || previous_id from approvals.cases where id = '{again.Id}'"));
        var data = (await again.Read()).Data["1"];
        Assert.True(JsonElement.DeepEquals((await filed.Read()).Data["1"], data));
        var qualification = JsonSerializer.SerializeToElement(new[] { new { kind = "other", proofFile = data.GetProperty("qualifications")[0].GetProperty("proofFile").GetString() } });
        await desk.Get<CaseCommands>().SaveAsync(again.Applicant.Caller, again.Id, 1, With(data, "qualifications", qualification), null, default);
        await again.Submit();
        await Approve(again, Bureau);

        Assert.Equal(again.Id, (await Permission(desk, "emp-water")).Opened!.CaseId);
    });

    [Fact]
    public Task Permission_WhenItsDataIsChanged_ThenItIsReviewedAgainWhileTheOldOneHolds_Figure11_S2_R_PRM_1() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(desk.Sample("01-metro-opened"));
        await Approve(filed, Bureau);
        var opened = (await Permission(desk, "emp-metro")).Opened!;
        await desk.AdvanceTo("2026-10-12 09:00");

        // 修改资料, refused: nothing of the old is lost.
        var change = await NextRound(filed);
        await change.Submit();
        Assert.Equal((PermissionState.OpenAndChanging, opened), ((await Permission(desk, "emp-metro")).State, (await Permission(desk, "emp-metro")).Opened));
        await Decide(change, "reject", Bureau);
        Assert.Equal((PermissionState.Open, opened), ((await Permission(desk, "emp-metro")).State, (await Permission(desk, "emp-metro")).Opened));

        var second = await NextRound(filed);
        await second.Submit();
        await Approve(second, Bureau);
        Assert.Equal(opened with { CaseId = second.Id }, (await Permission(desk, "emp-metro")).Opened);
        Assert.Equal((short)3, Assert.Single((await desk.StandingAsync(Bureau, "emp-metro")).Cases).Round);
    });

    [Fact]
    public Task Review_WhenNobodyDecidesInTime_ThenItGoesToTheSuperior_S2() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(desk.Sample("01-metro-opened"));

        await desk.AdvanceTo("2026-10-20 09:00");

        Assert.Null(await TaskOf(filed, Bureau));
        Assert.Superset(new HashSet<string> { "task.reminder → bureau-reviewer-1", "task.overdue → bureau-reviewer-1", "task.escalated → bureau-superior" }, (await filed.Told()).ToHashSet());
        await Approve(filed, "bureau-superior");
        Assert.Equal("业务权限审核通过", await filed.Status());
    });

    [Fact]
    public Task Request_WhenWithdrawn_ThenNothingIsOpenAndItCanBeMadeAgain_S2() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(desk.Sample("01-metro-opened"));
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => NextRound(filed))).Code);

        await filed.Withdraw();

        Assert.Equal(PermissionState.None, (await Permission(desk, "emp-metro")).State);
        Assert.Contains("case.withdrawn → emp-metro-handler", await filed.Told());
        var again = await NextRound(filed);
        await again.Submit();
        await Approve(again, Bureau);
        Assert.Equal(PermissionState.Open, (await Permission(desk, "emp-metro")).State);
    });

    [Fact]
    public Task Request_WhenItIsIncompleteOrNotTheHandlers_ThenItIsRefused_S2_R_PRM_2() => Play(async desk =>
    {
        var filed = await desk.DraftAsync(desk.Sample("03-press-years"));
        var refused = await Assert.ThrowsAsync<WorkflowException>(filed.Submit);
        Assert.Equal([("taxes", FormErrorCodes.WrongYears)], Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refused.Facts["errors"]).Select(e => (e.Path, e.Code)));

        // 仅支持单位填报，不支持个人填报; and nobody files for another employer.
        var commands = desk.Get<CaseCommands>();
        foreach (var (user, employer) in ((string, string?)[])[("applicant-li", null), ("emp-metro-reviewer-1", null), (Metro, "emp-water"), (Bureau, "emp-metro")])
            Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => commands.CreateAsync(desk.As(user).Caller, new NewCase { Service = desk.Service, EmployerId = employer }, null, default))).Code);
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() =>
            commands.CreateAsync(desk.As(Metro).Caller, new NewCase { Service = desk.Service, ApplicantId = "applicant-li" }, null, default))).Code);
        // Whose standing it is, and whose offices, see it; others don't.
        Assert.Equal("emp-press", (await desk.StandingAsync("unit-culture-reviewer-1", "emp-press")).Employer.Id);
        foreach (var stranger in (string[])[Water, "unit-assets-reviewer-1", "applicant-li"])
            Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => desk.StandingAsync(stranger, "emp-press"))).Code);
    });

    [Fact]
    public Task Handler_WhenReplaced_ThenTheNewOneUrgesWithdrawsAndIsTold_S2_R_EMP_3() => Play(async desk =>
    {
        const string New = "emp-metro-superior";
        var filed = await desk.SubmittedAsync(desk.Sample("01-metro-opened"));
        await desk.ReplaceHandlerAsync(Metro, New);
        var taken = filed with { Sample = filed.Sample with { Applicant = New } };
        var urges = desk.Get<UrgeCommands>();

        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => urges.UrgeAsync(desk.As(Metro).Caller, filed.Id, null, default))).Code);
        await urges.UrgeAsync(desk.As(New).Caller, filed.Id, null, default);
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw())).Code);
        await taken.Withdraw();

        Assert.Contains($"case.withdrawn → {New}", await taken.Told());
        Assert.DoesNotContain($"case.withdrawn → {Metro}", await taken.Told());
    });

    private static Task<PermissionStanding> Permission(CaseDesk desk, string employer) => desk.Get<StandingReader>().PermissionAsync(employer, Intake, default);

    /// <summary>重新申请 and 修改资料: nothing is sent but the service.</summary>
    private static async Task<FiledCase> NextRound(FiledCase filed) =>
        filed with { Id = (await filed.Desk.Get<CaseCommands>().CreateAsync(filed.Applicant.Caller, new NewCase { Service = filed.Desk.Service }, null, default)).InstanceId };

    private static JsonElement With(JsonElement data, string field, object value)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(data)!;
        fields[field] = JsonSerializer.SerializeToElement(value);
        return JsonSerializer.SerializeToElement(fields);
    }
}
