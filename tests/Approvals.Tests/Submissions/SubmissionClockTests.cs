using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Submissions;

/// <summary>停表 and 延期 of the two limits of a list submission: until the list is sealed, and from then on for the city's decision.</summary>
public sealed class SubmissionClockTests
{
    private const string Stage = "list";

    [Fact]
    public async Task Limits_WhenTheyAreStoppedAndExtended_ThenEachMovesByItselfAndTheSecondBeginsAnew_R_REV_10_R_REV_4()
    {
        await using var desk = await OpenAsync();
        var (commands, superior) = (desk.Desk.Get<ClockCommands>(), desk.Desk.As("bureau-superior").Caller);
        Assert.Equal(CaseDesk.Local("2026-09-24 00:00"), (await desk.Li.Waiting()).DueAt);

        // Two working days in which the limit didn't run; nobody is reminded of it meanwhile.
        await desk.Desk.AdvanceTo("2026-09-22 10:00");
        var pause = await commands.StopAsync(desk.Caller, desk.Li.Id, "hearing", Stage, "听证通知书1号", "申报人要求听证", null, default);
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => commands.StopAsync(desk.Caller, desk.Li.Id, "appraisal", Stage, "鉴定函2号", null, null, default));
        await desk.Desk.AdvanceTo("2026-09-24 10:00");
        Assert.DoesNotContain("task.overdue → bureau-reviewer-1", await desk.Li.Told());
        Assert.Contains("task.overdue → bureau-reviewer-1", await desk.Wang.Told());
        await commands.RunOnAsync(desk.Caller, desk.Li.Id, pause, null, default);
        Assert.Equal(CaseDesk.Local("2026-09-29 00:00"), (await desk.Li.Waiting()).DueAt);

        // 延期: once, by a second pair of eyes.
        await ExtendAsync(desk, Stage);
        Assert.Equal(CaseDesk.Local("2026-10-09 00:00"), (await desk.Li.Waiting()).DueAt);
        Assert.Contains("limit.extended → applicant-li", await desk.Li.Told());
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => commands.AskAsync(desk.Caller, desk.Li.Id, Stage, "再次", null, null, default));

        // The city's limit is another one: whole, and extended once itself.
        await desk.Sealed(desk.All);
        Assert.Equal(CaseDesk.Local("2026-10-01 00:00"), (await desk.Li.Waiting()).DueAt);
        await ExtendAsync(desk, Stage);
        Assert.Equal(CaseDesk.Local("2026-10-10 00:00"), (await desk.Li.Waiting()).DueAt);
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => commands.AskAsync(desk.Caller, desk.Li.Id, Stage, "再次", null, null, default));
        Assert.Equal(["granted", "granted"], (await desk.Desk.Get<ClockReader>().ReadAsync(desk.Li.Applicant.Caller, desk.Li.Id, default)).Extensions.Select(e => e.Status.Code));

        async Task ExtendAsync(SubmissionDesk at, string limit)
        {
            var asked = await commands.AskAsync(at.Caller, at.Li.Id, limit, "材料核查复杂", "延期审批表3号", null, default);
            await SubmissionDesk.Refused(ErrorCodes.Forbidden, () => commands.DecideAsync(at.Caller, at.Li.Id, asked, true, "同意", null, default));
            await commands.DecideAsync(superior, at.Li.Id, asked, true, "情况属实，同意", null, default);
        }
    }

    [Fact]
    public async Task Pause_WhenTheListIsSealedOrDecidedMeanwhile_ThenItIsOver_R_REV_10_R_REV_4()
    {
        await using var desk = await OpenAsync();
        var commands = desk.Desk.Get<ClockCommands>();
        await commands.StopAsync(desk.Caller, desk.Li.Id, "hearing", Stage, "听证通知书1号", null, null, default);

        var list = await desk.Sealed(desk.Li);
        Assert.Equal(0L, await Open(desk));
        Assert.Equal(CaseDesk.Local("2026-09-25 00:00"), (await desk.Li.Waiting()).DueAt);

        await commands.StopAsync(desk.Caller, desk.Li.Id, "hearing", Stage, "听证通知书2号", null, null, default);
        await desk.Desk.AdvanceTo("2026-09-21 10:00");
        await desk.Settle(list.Id);
        await desk.Deliver();

        Assert.Equal((0L, "已办结"), (await Open(desk), await desk.Li.Status()));
    }

    private static Task<SubmissionDesk> OpenAsync() => SubmissionDesk.OpenAsync(inputs:
        [("due", "Literal", "2wd+3wd"), ("decisionDue", "Literal", "3wd+2wd"), ("ladder", "Object", """[{"at":"0","do":"overdue"}]""")]);

    private static Task<long> Open(SubmissionDesk desk) => desk.Desk.Scalar<long>("select count(*) from approvals.clock_pauses where resumed_at is null");
}
