using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>引进人才·业务权限开通: a permission for one service opens no other (Chaoyang 三.4).</summary>
public sealed class IntroductionPermissionScenarioTests() : ExampleScenarios("introduction-permission")
{
    private const string Bureau = "bureau-reviewer-1";

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
    public Task Permission_WhenGranted_ThenItOpensIntroductionsAndNothingForReturnees_S7_R_PRM_1() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(desk.Sample("01-metro-opened"));
        Assert.Equal(PermissionState.Requested, await State(desk, "emp-metro", "talent-introduction"));
        await Approve(filed, Bureau);

        Assert.Equal("业务权限审核通过", await filed.Status());
        Assert.Equal(PermissionState.Open, await State(desk, "emp-metro", "talent-introduction"));
        Assert.Equal(PermissionState.None, await State(desk, "emp-metro", "returnee-intake"));
        Assert.Equal(PermissionState.None, await State(desk, "emp-water", "talent-introduction"));
        Assert.Contains("case.completed → emp-metro-handler", await filed.Told());
        Assert.Contains(desk.Sent, m => m.Event == "case.completed" && m.Text.Contains("引进人才业务权限已审核通过", StringComparison.Ordinal));
    });

    [Fact]
    public Task Permission_WhenRefused_ThenItStaysClosedAndCanBeAskedForAgain_S7_R_PRM_2() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(desk.Sample("02-water-refused"));
        await Decide(filed, "reject", Bureau);

        Assert.Equal("业务权限审核不通过", await filed.Status());
        Assert.Equal(PermissionState.Refused, await State(desk, "emp-water", "talent-introduction"));
        var again = filed with { Id = (await desk.Get<CaseCommands>().CreateAsync(filed.Applicant.Caller, new NewCase { Service = desk.Service }, null, default)).InstanceId };
        await again.Submit();
        await Approve(again, Bureau);
        Assert.Equal(PermissionState.Open, await State(desk, "emp-water", "talent-introduction"));
    });

    [Fact]
    public Task Permission_WhenNobodyDecides_ThenTheSuperiorIsAskedAndNothingOpensByItself_S7_R_REV_5() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(desk.Sample("01-metro-opened"));
        await desk.AdvanceTo("2026-10-20 09:00");
        Assert.Equal(PermissionState.Requested, await State(desk, "emp-metro", "talent-introduction"));

        await Approve(filed, "bureau-superior");

        Assert.Equal(PermissionState.Open, await State(desk, "emp-metro", "talent-introduction"));
    });

    [Fact]
    public Task Request_WhenItIsWithdrawnOrIncomplete_ThenNothingIsOpen_S7_R_CASE_6() => Play(async desk =>
    {
        await Assert.ThrowsAsync<WorkflowException>((await desk.DraftAsync(desk.Sample("03-press-years"))).Submit);
        var filed = await desk.SubmittedAsync(desk.Sample("01-metro-opened"));
        await filed.Withdraw();

        Assert.Equal("已撤回", await filed.Status());
        Assert.Equal(PermissionState.None, await State(desk, "emp-metro", "talent-introduction"));
    });

    private static async Task<PermissionState> State(CaseDesk desk, string employer, string service) => (await desk.Get<StandingReader>().PermissionAsync(employer, service, default)).State;
}
