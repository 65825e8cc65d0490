using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Clocks;
using Talent.Workflows.Approvals.Tests.Notices;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>引进人才落户: every way in which time is counted. 中秋 (25 to 27 September) and 国庆 (1 to 7 October) are off, 10 October is worked.</summary>
public sealed class ClockedApprovalScenarioTests() : ExampleScenarios("clocked-approval")
{
    private const string Unit = "unit-assets-reviewer-1", Superior = "unit-assets-superior", Bureau = "bureau-reviewer-1", Clerk = "notice-clerk";

    [Fact]
    public Task Clock_WhenItStandsStillOnEveryGroundAndIsExtended_ThenTheTotalIsWhatARecountGives_R_REV_4() => Play(async desk =>
    {
        var (filed, filedAt) = (await desk.SubmittedAsync(), desk.Now);
        var (clerk, commands) = (desk.As(Unit), desk.Get<ClockCommands>());
        await desk.AdvanceTo("2026-09-22 10:00");
        await Decide(filed, "return", Unit);
        await desk.AdvanceTo("2026-09-23 11:00");
        await filed.Supplement(filed.Sample.Correction!.Data);
        await Approve(filed, Unit);
        Assert.Equal("已受理", await filed.Status());

        string[] byHand = ["hearing", "inspection", "appraisal", "site-visit"];
        for (var i = 0; i < byHand.Length; i++)
        {
            var due = (await filed.Waiting()).DueAt;
            var pause = await commands.StopAsync(clerk.Caller, filed.Id, byHand[i], null, $"通知书{i + 1}号", null, null, default);
            await desk.AdvanceTo($"2026-10-{9 + (2 * i):00} 10:00");
            await commands.RunOnAsync(clerk.Caller, filed.Id, pause, null, default);
            // The service has 检验检测 stop the total alone.
            Assert.Equal(byHand[i] == "inspection", due == (await filed.Waiting()).DueAt);
        }
        foreach (var limit in (string[])["examination", "total"])
        {
            var asked = await commands.AskAsync(clerk.Caller, filed.Id, limit, "需向境外院校核实", null, null, default);
            await commands.DecideAsync(desk.As(Superior).Caller, filed.Id, asked, true, "同意延期", null, default);
        }
        await Approve(filed, Unit);
        await desk.AdvanceTo("2026-10-19 10:00");
        await Judge(filed, "pass", "pass", "abstain");
        await Approve(filed, Bureau);
        Assert.Equal("公示中", await filed.Status());
        await desk.AdvanceTo("2026-10-27 09:00");
        Assert.Equal("已办结", await filed.Status());

        var clock = await Clock(filed);
        Assert.Equal(["appraisal", "expert-review", "hearing", "inspection", "notice", "site-visit", "supplement"], clock.Pauses.Select(p => p.Ground.Code).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["total"], clock.Pauses.Single(p => p.Ground.Code == "inspection").Limits);
        Assert.Equal((true, 30), (clock.Total!.Extended, clock.Total.Counted.Of));
        Assert.Equal(Recount.End(filedAt, 30, clock.Pauses.Where(p => p.Limits.Contains("total")).Select(p => (p.From, p.To!.Value))), clock.Total.DueAt);
    });

    [Fact]
    public Task Acceptance_WhenItsLimitIsInHours_ThenItEndsToTheHourAndTheSuperiorHears_R_REV_4_R_REV_5() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        Assert.Equal(CaseDesk.Local("2026-09-23 09:00"), (await filed.Waiting()).DueAt);

        // Told in office hours, which are from nine to five.
        await desk.AdvanceTo("2026-09-23 08:59");
        Assert.DoesNotContain($"task.overdue → {Unit}", await filed.Told());
        await desk.AdvanceTo("2026-09-24 09:01");

        var told = await filed.Told();
        Assert.Contains($"task.reminder → {Unit}", told);
        Assert.Contains($"task.overdue → {Unit}", told);
        Assert.Contains($"task.escalated → {Superior}", told);
        await filed.Withdraw();
        Assert.Equal("已撤回", await filed.Status());
    });

    [Fact]
    public Task Ladder_WhenNobodyActs_ThenTheCaseIsReassignedAndAtLastDecidedByRule_R_REV_5() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        await Approve(filed, Unit);
        // Ten working days from the 21st: 22-24, 28-30 September, 8-10 and 12 October.
        Assert.Equal(CaseDesk.Local("2026-10-13 00:00"), (await filed.Waiting()).DueAt);
        await desk.AdvanceTo("2026-10-15 10:00");
        Assert.Equal("unit.superior", (await filed.Desk.As(Superior).Inbox("candidates")).Single(t => t.CaseId == filed.Id).Role);
        await Approve(filed, Superior);
        await Judge(filed, "pass", "pass", "pass");
        Assert.Equal("决定", (await filed.Waiting()).Name);

        // Five working days from the 15th, and two more: nobody decides, which the service's rule takes for a yes.
        await desk.AdvanceTo("2026-10-24 12:00");
        Assert.Equal("决定", (await filed.Waiting()).Name);
        await desk.AdvanceTo("2026-10-27 12:00");

        Assert.Equal("公示中", await filed.Status());
        Assert.Equal("by_rule", await desk.Scalar<string>($"select reason from approvals.tasks where case_id = '{filed.Id}' and stage = 'decision'"));
    });

    [Fact]
    public Task Marks_WhenTimeRunsOut_ThenStageAndTotalGetYellowAndRedOnce_R_REV_5() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        await Approve(filed, Unit);

        // Twenty working days from 21 September end with 26 October.
        await desk.AdvanceTo("2026-10-21 12:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);
        Assert.Equal(["red stage", "yellow stage", "yellow total"], await Marks());
        await desk.AdvanceTo("2026-10-27 12:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);
        Assert.Equal(0, await desk.Get<ClockWatch>().RunDueAsync(default));

        Assert.Equal(["red stage", "red total", "yellow stage", "yellow total"], await Marks());

        async Task<IEnumerable<string>> Marks() => (await Clock(filed)).Marks.Select(m => $"{m.Colour.Code} {m.Limit}").Order(StringComparer.Ordinal);
    });

    [Fact]
    public Task Corrections_WhenTwiceOrAfterFiveWorkingDays_ThenTheyAreRefused_R_REV_3() => Play(async desk =>
    {
        var (often, late) = (await desk.SubmittedAsync(), await desk.SubmittedAsync());
        await Decide(often, "return", Unit);
        await often.Supplement(often.Sample.Correction!.Data);
        await Approve(often, Unit);
        await Decide(often, "return", Unit);
        Assert.Equal("待补正", await often.Status());
        await often.Supplement(often.Sample.Correction.Data);
        Assert.Equal(("审查", "已受理"), (await Stages(often), await often.Status()));
        var third = await Assert.ThrowsAsync<WorkflowException>(() => Decide(often, "return", Unit));
        Assert.Equal("correction_rounds", third.Facts!["reason"]);

        await desk.AdvanceTo("2026-09-30 09:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => Decide(late, "return", Unit));
        Assert.Equal("deemed_accepted", refused.Facts!["reason"]);
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), (await Clock(late)).AcceptedAt);
        Assert.Contains("case.accepted → applicant-li", await late.Told());
        await Approve(late, Unit);
        Assert.Equal("审查", await Stages(late));
    });

    [Fact]
    public Task Correction_WhenItIsNotHandedIn_ThenTheCaseIsDismissedFromEitherStage_R_REV_3() => Play(async desk =>
    {
        var (first, second) = (await desk.SubmittedAsync(), await desk.SubmittedAsync());
        await Decide(first, "return", Unit);
        await Approve(second, Unit);
        await Decide(second, "return", Unit);

        await desk.AdvanceTo("2026-09-30 09:00");

        Assert.Equal(("退案", "退案"), (await first.Status(), await second.Status()));
    });

    [Fact]
    public Task Stages_WhenTheyRefuseOrReject_ThenTheCaseEnds_R_REV_2_R_PAN_2() => Play(async desk =>
    {
        foreach (var (outcome, word) in ((string, string)[])[("refuse", "不予受理"), ("reject", "未通过")])
            Assert.Equal(word, await After(outcome, Unit));
        Assert.Equal("未通过", await After("reject", Unit, Unit));
        var judged = await UpToThePanel(desk);
        await Judge(judged, "fail", "fail", "pass");
        Assert.Equal("未通过", await judged.Status());
        var decided = await UpToThePanel(desk);
        await Judge(decided, "pass", "pass", "pass");
        await Decide(decided, "reject", Bureau);
        Assert.Equal("未通过", await decided.Status());

        async Task<string> After(string outcome, string decider, params string[] before)
        {
            var filed = await desk.SubmittedAsync();
            foreach (var user in before)
                await Approve(filed, user);
            await Decide(filed, outcome, decider);
            return await filed.Status();
        }
    });

    [Fact]
    public Task Case_WhenItGoesBackFromPanelDecisionAndNotice_ThenItComesToTheStageThatTheFlowNames_R_REV_2_R_NOT_1_R_PAN_2() => Play(async desk =>
    {
        await desk.Execute("update approvals.users set active = false where id like 'expert-%'");
        var filed = await UpToThePanel(desk);
        var panels = new PanelDesk(desk, filed);
        await panels.Commands.CloseAsync(desk.As(PanelDesk.Secretary).Caller, (await panels.PanelAsync()).Id, null, default);
        Assert.Equal("审查", await Stages(filed));
        await desk.Execute("update approvals.users set active = true where id like 'expert-%'");
        await Approve(filed, Unit);
        await Judge(filed, "pass", "pass", "pass");
        await Decide(filed, "return", Bureau);
        Assert.Equal(("审查", "已受理"), (await Stages(filed), await filed.Status()));
        await Approve(filed, Unit);
        await Judge(filed, "pass", "pass", "pass");
        await Approve(filed, Bureau);

        await Settle(desk);
        var notices = new NoticeDesk(desk, filed);
        await notices.Object((await notices.NoticeAsync()).Id);
        await desk.As(Clerk).Decide((await notices.ObjectionTasks())[0], "uphold", "经核实，学历证书存疑。");
        Assert.Equal(("决定", "审核中"), (await Stages(filed), await filed.Status()));
        await Approve(filed, Bureau);
        Assert.Equal("公示中", await filed.Status());
    });

    [Fact]
    public Task Withdrawal_WhenTheClockStandsStill_ThenItEndsWithTheCase_R_CASE_6_R_REV_4() => Play(async desk =>
    {
        var (heard, returned) = (await desk.SubmittedAsync(), await desk.SubmittedAsync());
        await desk.Get<ClockCommands>().StopAsync(desk.As(Unit).Caller, heard.Id, "hearing", null, "听证通知书1号", null, null, default);
        await Decide(returned, "return", Unit);
        await desk.AdvanceTo("2026-09-22 10:00");

        await heard.Withdraw();
        await returned.Withdraw();

        Assert.Equal(("已撤回", "已撤回"), (await heard.Status(), await returned.Status()));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.case_clocks where next_at is not null"));
    });

    private static async Task<FiledCase> UpToThePanel(CaseDesk desk)
    {
        var filed = await desk.SubmittedAsync();
        await Approve(filed, Unit);
        await Approve(filed, Unit);
        await Settle(desk);
        return filed;
    }

    private static async Task Judge(FiledCase filed, params string[] votes)
    {
        await Settle(filed.Desk);
        await new PanelDesk(filed.Desk, filed).Cast(votes);
    }

    private static Task<CaseClockView> Clock(FiledCase filed) => filed.Desk.Get<ClockReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default);
}
