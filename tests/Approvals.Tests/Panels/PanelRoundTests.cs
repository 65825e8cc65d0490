using System.Text.Json;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>Ties, second rounds, scores, minutes.</summary>
public sealed class PanelRoundTests
{
    [Fact]
    public async Task Tie_WhenTheRuleIsAnotherRound_ThenAllVoteAgainUnderAnotherKeyAndTheLastTieFails_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("seats", "Int32", "4"), ("tie", "String", "Round"), ("rounds", "Int32", "2")));
        var panel = (await desk.PanelAsync()).Id;
        var first = Assert.Single(Keys(desk));

        await desk.Cast("pass", "pass", "fail", "fail");

        var again = await desk.PanelAsync();
        Assert.Equal(("open", 2, 0, 4), (again.Status, again.Round, again.Cast, (await desk.WaitingAsync()).Length));
        Assert.Empty(Keys(desk));
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => desk.ResultAsync(panel)));
        await desk.Cast("pass", "abstain");
        Assert.NotEqual(first, Assert.Single(Keys(desk)));
        await desk.Cast("fail", "abstain");

        var result = await desk.ResultAsync(panel);
        Assert.Equal((PanelOutcome.Failed, 1, 1), (result.Outcome, result.Count!.Pass, result.Count.Fail));
        var round = Assert.Single(result.Rounds!);
        Assert.Equal((1, PanelOutcome.Tied, 2, 4), (round.Round, round.Result!.Outcome, round.Result.Pass, round.Receipts!.Count));
        Assert.Equal((4L, 4L), (await desk.Desk.Scalar<long>("select count(*) from approvals.panel_votes where round = 1"), await desk.Desk.Scalar<long>("select count(*) from approvals.panel_votes where round = 2")));
        Assert.Contains("第 1 轮 Round 1: 赞成 2，反对 2", result.Minutes, StringComparison.Ordinal);
        Assert.Empty(Keys(desk));
        Assert.Equal("未通过", await desk.Filed.Status());
    }

    [Fact]
    public async Task Tie_WhenTheRuleIsTheChair_ThenTheChairDecidesAndTheMinutesSaySo_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("seats", "Int32", "4"), ("tie", "String", "Chair"), ("chairRole", "String", "bureau.superior")));
        var panel = (await desk.PanelAsync()).Id;
        await desk.Cast("pass", "pass", "fail", "fail");
        Assert.Equal(PanelOutcome.Tied, (await desk.ResultAsync(panel)).Outcome);
        Task Decide(string user, string? vote, string? reason = "综合业绩突出") => desk.Commands.DecideTieAsync(desk.Desk.As(user).Caller, panel, vote, reason, null, default);

        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Decide(PanelDesk.Secretary, "pass")));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Decide("bureau-superior", "abstain")));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Decide("bureau-superior", "pass", null)));
        await Decide("bureau-superior", "pass");
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => Decide("bureau-superior", "fail")));
        await PanelDesk.DeliverAsync(desk.Desk);

        var result = await desk.ResultAsync(panel);
        Assert.Equal((PanelOutcome.Passed, true), (result.Outcome, result.Count!.ByChair));
        Assert.Contains("主任委员裁定 Decided by the chair: 通过", result.Minutes, StringComparison.Ordinal);
        Assert.Equal("公示中", await desk.Filed.Status());
    }

    [Fact]
    public async Task Chair_WhenTheyDontDecideTheTie_ThenTheyAreRemindedBeforeAndAfterTheLimit_R_PAN_2_R_REV_5()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("seats", "Int32", "4"), ("tie", "String", "Chair"), ("chairRole", "String", "bureau.superior"), ("due", "String", "5wd"), ("remindAt", "String", "-1wd")));
        await desk.Cast("pass", "pass", "fail", "fail");
        Assert.DoesNotContain("task.reminder → bureau-superior", await desk.Filed.Told());

        // Asked on Monday the 21st; the limit ends with Tuesday the 29th.
        await desk.Desk.AdvanceTo("2026-09-29 12:00");
        Assert.Contains("task.reminder → bureau-superior", await desk.Filed.Told());
        Assert.DoesNotContain("task.overdue → bureau-superior", await desk.Filed.Told());
        await desk.Desk.AdvanceTo("2026-09-30 12:00");
        Assert.Contains("task.overdue → bureau-superior", await desk.Filed.Told());

        await desk.Commands.DecideTieAsync(desk.Desk.As("bureau-superior").Caller, (await desk.PanelAsync()).Id, "pass", "综合业绩突出", null, default);
        Assert.Equal(0L, await desk.Desk.Scalar<long>($"select count(*) from engine.timers where instance_id = '{desk.Filed.Id}' and due_at < '2026-09-30'"));
    }

    [Fact]
    public async Task Scores_WhenTheServiceNamesCriteria_ThenEachIsGivenWithinItsBoundsAndSummedUp_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("criteria", "Object", """[{"name": "理论水平", "min": 0, "max": 40}, {"name": "工作业绩", "max": 60}]""")));
        var panel = await desk.PanelAsync();
        var voters = await desk.WaitingAsync();
        Task Cast(int voter, string json, string vote = "pass") => desk.Commands.CastAsync(desk.Desk.As(voters[voter]).Caller, panel.Id, vote, JsonDocument.Parse(json).RootElement, null, null, default);

        foreach (var wrong in (string[])["{}", """{"理论水平": 30}""", """{"理论水平": 41, "工作业绩": 50}""", """{"理论水平": 30, "工作业绩": 50, "其他": 1}""", """{"理论水平": -1, "工作业绩": 50}"""])
            Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Cast(0, wrong)));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.ballots"));
        await Cast(0, """{"理论水平": 30, "工作业绩": 50}""");
        await Cast(1, """{"理论水平": 31.5, "工作业绩": 60}""");
        await Cast(2, """{"理论水平": 40, "工作业绩": 0}""", "fail");
        await Cast(3, """{"理论水平": 20, "工作业绩": 55}""");
        await Cast(4, "{}", "abstain");
        await PanelDesk.DeliverAsync(desk.Desk);

        var result = await desk.ResultAsync(panel.Id);
        Assert.Equal([new CriterionResult("工作业绩", 4, 0, 60, 41.25m), new("理论水平", 4, 20, 40, 30.38m)], result.Count!.Scores!.Value.OrderBy(s => s.Max == 60 ? 0 : 1));
        Assert.Contains("评分 Score 理论水平：4 人，最低 min 20，最高 max 40，平均 average 30.38", result.Minutes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Minutes_WhenThePanelIsClosed_ThenNumberedFrozenAndPrintable_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = (await desk.PanelAsync()).Id;
        var reader = desk.Desk.Get<PanelReader>();
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => reader.MinutesAsync(desk.Desk.As(PanelDesk.Secretary).Caller, panel, default)));
        await desk.Cast("pass", "pass", "pass", "pass", "fail");

        var page = await reader.MinutesAsync(desk.Desk.As(PanelDesk.Secretary).Caller, panel, default);

        Assert.Contains("评审纪要〔2026〕1号", page, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"zh-CN\">", page, StringComparison.Ordinal);
        Assert.Contains("赞成 Pass 4，反对 Fail 1", page, StringComparison.Ordinal);
        var hash = await desk.Desk.Scalar<string>($"select encode(sha256(convert_to(minutes, 'UTF8')), 'hex') from approvals.panels where id = '{panel}'");
        Assert.Contains(hash, page, StringComparison.Ordinal);
        Assert.Equal(1L, await desk.Desk.Scalar<long>($"select count(*) from approvals.audit where action = 'panel.counted' and details like '%{hash}%'"));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => reader.MinutesAsync(desk.Desk.As("applicant-li").Caller, panel, default)));
    }

    private static string[] Keys(PanelDesk desk) => Directory.GetFiles(Path.Combine(desk.Desk.DataDir, "panel-keys"));
}
