using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>What happens to a review that nobody decides. Submitted on Monday 2026-09-21: five working days end at 24:00 of Tuesday 29th, since 中秋 (25th) is off.</summary>
public sealed class EscalationScenarioTests
{
    [Fact]
    public async Task Review_WhenNobodyDecides_ThenTheLadderRunsStepByStep_R_REV_4_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        var stage = await filed.Waiting();
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), stage.DueAt);

        // 24:00 of the 28th is the moment; it is said when the office opens.
        await desk.AdvanceTo("2026-09-29 08:59");
        Assert.DoesNotContain("task.reminder → emp-metro-reviewer-1", await filed.Told());
        await desk.AdvanceTo("2026-09-29 09:01");
        Assert.Contains("task.reminder → emp-metro-reviewer-1", await filed.Told());
        Assert.Contains("今天到期", desk.Sent.First(m => m is { Event: "task.reminder", Channel: "email" }).Text, StringComparison.Ordinal);

        await desk.AdvanceTo("2026-09-30 08:59");
        Assert.DoesNotContain("task.overdue → emp-metro-reviewer-2", await filed.Told());
        Assert.True((await filed.Waiting()).Remaining!.Overdue);
        await desk.AdvanceTo("2026-09-30 09:01");
        Assert.Contains("task.overdue → emp-metro-reviewer-2", await filed.Told());

        // 1 to 7 October are off.
        await desk.AdvanceTo("2026-10-08 08:59");
        Assert.DoesNotContain("task.escalated → emp-metro-superior", await filed.Told());
        await desk.AdvanceTo("2026-10-08 09:01");
        Assert.Contains("task.escalated → emp-metro-superior", await filed.Told());
        Assert.Single(await desk.As("emp-metro-reviewer-1").Inbox("candidates"));

        await desk.AdvanceTo("2026-10-09 08:59");
        Assert.DoesNotContain("task.reassigned → emp-metro-superior", await filed.Told());
        await desk.AdvanceTo("2026-10-09 09:01");
        Assert.Contains("task.reassigned → emp-metro-superior", await filed.Told());
        Assert.Empty(await desk.As("emp-metro-reviewer-1").Inbox("candidates"));
        var task = Assert.Single(await desk.As("emp-metro-superior").Inbox("candidates"));
        Assert.Equal(("employer.superior", "emp-metro", 4), (task.Role, task.OrganisationId, task.Escalation));

        await desk.As("emp-metro-superior").Approve(filed);
        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        Assert.Equal(["case.created", "case.confirmed", "case.submitted", "time.passed", "time.passed", "time.passed", "time.passed", "task.decided"], (await filed.History()).Select(h => h.Action));
    }

    [Fact]
    public async Task Reassignment_WhenSomebodyHadTakenTheTask_ThenItIsOpenToTheSuperior_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.Get<TaskCommands>().ClaimAsync(desk.As("emp-metro-reviewer-1").Caller, task, null, default);

        await desk.AdvanceTo("2026-10-09 09:01");

        var view = Assert.Single(await desk.As("emp-metro-superior").Inbox("candidates"));
        Assert.Equal(("open", null), (view.Status.Code, view.ClaimedBy));
        await desk.Get<TaskCommands>().ClaimAsync(desk.As("emp-metro-superior").Caller, task, null, default);
        Assert.Equal("claimed", Assert.Single(await desk.As("emp-metro-superior").Inbox("mine")).Status.Code);
    }

    [Fact]
    public async Task Reminders_WhenTheyFellDueWhileTheServerWasDown_ThenTheyCollapseIntoOne_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync(ReviewFlow.Definition("""[{"at":"-3wd","do":"remind"},{"at":"-2wd","do":"remind"},{"at":"-1wd","do":"remind"},{"at":"+1wd","do":"tell_superior"}]"""));
        var filed = await desk.SubmittedAsync();

        await desk.DownUntil("2026-09-28 08:00");

        var told = await filed.Told();
        Assert.Equal(2, told.Count(t => t.StartsWith("task.reminder", StringComparison.Ordinal))); // one reminder, to each of the two reviewers
        Assert.Equal(4L, await desk.Scalar<long>("select count(*) from approvals.messages where event = 'task.reminder' and channel in ('sms', 'email')"));
        Assert.DoesNotContain("task.escalated → emp-metro-superior", told);
    }

    [Fact]
    public async Task Decision_WhenTheRulesAllowOne_ThenItIsMadeAtItsInstant_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync(Automatic);
        var filed = await desk.SubmittedAsync();

        await desk.AdvanceTo("2026-09-29 23:59");
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
        await desk.AdvanceTo("2026-09-30 00:01");

        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        Assert.Equal("approve by_rule", await desk.Scalar<string>("select outcome || ' ' || reason from approvals.tasks where stage = 'employer-review' and decided_by is null"));
        Assert.Contains(await filed.History(), h => h.Details?.GetRawText().Contains("decided by rule: approve", StringComparison.Ordinal) == true && h.User is null);
    }

    [Fact]
    public async Task Decision_WhenItFellDueWhileTheServerWasDown_ThenPeopleHaveAWorkingDayFirst_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync(Automatic);
        var filed = await desk.SubmittedAsync();

        await desk.DownUntil("2026-09-30 09:00");
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);

        // 1 to 7 October are off: the grace ends at 24:00 of the 8th.
        await desk.AdvanceTo("2026-10-08 23:59");
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
        await desk.AdvanceTo("2026-10-09 00:01");
        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Correction_WhenItsDeadlinePassedWhileTheServerWasDown_ThenItIsPutOffByAWorkingDay_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "请补充证明");

        await desk.DownUntil("2026-10-20 09:00");

        var stage = await filed.Waiting();
        Assert.Equal(("补正", CaseDesk.Local("2026-10-22 00:00")), (stage.Name, stage.DueAt!.Value));
        await filed.Supplement(filed.Sample.Correction!.Data);
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Review_WhenTheCaseComesBackFromItsCorrection_ThenWhatIsLeftOfTheLimitRunsOn_R_REV_3_R_REV_4()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.AdvanceTo("2026-09-23 10:00");
        await desk.As("emp-metro-reviewer-1").Return(filed, "请补充证明");

        await desk.AdvanceTo("2026-10-12 10:00");
        await filed.Supplement(filed.Sample.Correction!.Data);

        // Two of the five days had passed; the 13th, 14th and 15th are left.
        Assert.Equal(("用人单位审核", CaseDesk.Local("2026-10-16 00:00")), ((await filed.Waiting()).Name, (await filed.Waiting()).DueAt!.Value));
        Assert.Equal("employer-review supplement emp-metro-reviewer-1 true", await desk.Scalar<string>(
            "select concat_ws(' ', stage, ground, paused_by, (paused_at = '2026-09-23 02:00Z' and resumed_at = '2026-10-12 02:00Z' and task_id <> resumed_task)::text) from approvals.clock_pauses"));
        // Returned again: the second pause counts as well.
        await desk.AdvanceTo("2026-10-13 10:00");
        await desk.As("emp-metro-reviewer-1").Return(filed, "仍缺一页");
        await desk.AdvanceTo("2026-10-14 10:00");
        await filed.Supplement(filed.Sample.Correction!.Data);
        Assert.Equal(CaseDesk.Local("2026-10-17 00:00"), (await filed.Waiting()).DueAt);
        await desk.AdvanceTo("2026-10-19 09:01");
        Assert.Contains("task.overdue → emp-metro-reviewer-2", await filed.Told());

        await desk.As("emp-metro-reviewer-1").Approve(filed);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.clock_pauses where resumed_at is null"));
    }

    [Fact]
    public async Task Reassignment_WhenNobodyIsAbove_ThenTheTaskStaysAndNobodyIsToldOtherwise_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync();
        await desk.Execute("delete from approvals.role_superiors");
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.Get<TaskCommands>().ClaimAsync(desk.As("emp-metro-reviewer-1").Caller, task, null, default);

        await desk.AdvanceTo("2026-10-09 12:00");

        var view = Assert.Single(await desk.As("emp-metro-reviewer-1").Inbox("mine"));
        Assert.Equal(("claimed", "emp-metro-reviewer-1", "employer.reviewer", "no_superior"), (view.Status.Code, view.ClaimedBy, view.Role, view.Note!.Code));
        var told = await filed.Told();
        Assert.DoesNotContain(told, t => t.StartsWith("task.reassigned", StringComparison.Ordinal));
        Assert.Contains("task.overdue → emp-metro-reviewer-1", told);
        await desk.As("emp-metro-reviewer-1").Approve(filed);
    }

    private static string Automatic => ReviewFlow.Definition("""[{"at":"-1wd","do":"remind"},{"at":"0","do":"decide","outcome":"approve"}]""", mayDecideByRule: true);
}
