using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Notices;
using Talent.Workflows.Approvals.Tests.Panels;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>青年人才津贴: judged twice by experts, then on a public list.</summary>
public sealed class JudgedAllowanceScenarioTests() : ExampleScenarios("judged-allowance")
{
    private const string Bureau = "bureau-reviewer-1", Chair = "bureau-superior";

    [Fact]
    public Task Case_WhenBothPanelsAreEvenAtFirst_ThenASecondRoundAndTheChairDecideAndTheListIsShown_R_PAN_1_R_PAN_2_R_NOT_1_R_NOT_2() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        await Approve(filed, Bureau);
        var panels = new PanelDesk(desk, filed);
        await Accept(panels);
        await panels.Cast("pass", "pass", "fail", "fail");
        Assert.Equal(2, (await panels.PanelAsync()).Round);
        await panels.Cast("pass", "pass", "pass", "fail");

        Assert.Equal("drawing", (await panels.PanelAsync()).Status);
        await Draw(panels);
        var second = await panels.PanelAsync();
        Assert.All(DrawVerification.Verify((await desk.Get<PanelReader>().DrawAsync(desk.As(Chair).Caller, second.Id, default)).Write()), c => Assert.True(c.Holds, c.Zh));
        // The chair has somebody leave whom the next of the same sequence follows.
        var challenged = second.Draw!.Seats[0].ExpertId;
        var challenge = await panels.Commands.ChallengeAsync(desk.As(Chair).Caller, second.Id, challenged, "师生关系", null, default);
        await panels.Commands.DecideChallengeAsync(desk.As(PanelDesk.Secretary).Caller, second.Id, challenge, true, "属实", null, default);
        await Settle(desk);
        Assert.DoesNotContain(challenged, await panels.WaitingAsync());
        await Score(panels, "pass", "pass", "fail", "fail");
        Assert.Equal(PanelOutcome.Tied, (await panels.ResultAsync(second.Id)).Outcome);
        await panels.Commands.DecideTieAsync(desk.As(Chair).Caller, second.Id, "pass", "发展潜力突出", null, default);
        await Settle(desk);
        var result = await panels.ResultAsync(second.Id);
        Assert.Equal((PanelOutcome.Passed, true), (result.Outcome, result.Count!.ByChair));
        Assert.Equal([("发展潜力", 30m), ("学术水平", 50m)], result.Count.Scores!.Value.Select(s => (s.Criterion, s.Average)).OrderBy(s => s.Criterion == "发展潜力" ? 0 : 1));

        var notices = new NoticeDesk(desk, filed);
        var shown = await notices.NoticeAsync();
        Assert.Equal(["李*例", "示例市城市运行集团有限公司", "一档", "评审通过"], shown.Lines.Select(l => l.Text));
        Assert.Equal(ObjectorRule.Any, shown.Objections);
        Assert.Equal("2026年第一批", shown.List!.Name);
        var receipt = await notices.Commands.ObjectAsync(shown.Id, new Objection { Statement = "与申报条件不符。" }, IPAddress.Loopback, default);
        await notices.Clerk.Decide(Assert.Single(await notices.ObjectionTasks()), "accept", null);
        await Settle(desk);
        await notices.Clerk.Decide(Assert.Single(await notices.ObjectionTasks()), "dismiss", "经核实，符合条件。");
        Assert.Equal("dismissed", (await notices.Reader.ProgressAsync(receipt.Receipt, default)).State);

        // Put up on Monday the 21st for five working days, which end with the 29th; a correction adds the 30th and 8 October.
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), shown.Until);
        await notices.Correct(shown.Id, "单位名称有误", ("单位", "示例市水务集团有限公司"));
        Assert.Equal(CaseDesk.Local("2026-10-09 00:00"), (await notices.NoticeAsync()).Until);
        await desk.AdvanceTo("2026-10-09 00:01");
        Assert.Equal("已办结", await filed.Status());
        Assert.Contains("case.completed → applicant-li", await filed.Told());
        Assert.Contains(desk.Sent, m => m.Text.Contains("青年人才津贴（一档）", StringComparison.Ordinal));
    });

    [Fact]
    public Task Draw_WhenThereAreQuotas_ThenEveryFieldHasWhatItAsksForAndNoneOfTheApplicantsEmployer_R_PAN_1() => Play(async desk =>
    {
        var fields = desk.Content.Directories.Single(d => d.File == "sample-city.json").Users.Where(u => u.Fields is not null).ToDictionary(u => u.Id, u => u.Fields!);
        for (var i = 0; i < 3; i++)
        {
            var filed = await desk.SubmittedAsync(Sample(desk, i % 2 == 0 ? "applicant-li" : "applicant-huang"));
            await Approve(filed, Bureau);
            await Settle(desk);

            var draw = (await new PanelDesk(desk, filed).PanelAsync()).Draw!;

            Assert.Equal(4, draw.Seats.Length);
            Assert.Contains(draw.Seats, s => fields[s.ExpertId].Contains("思想政治工作"));
            Assert.Contains(draw.Seats, s => fields[s.ExpertId].Contains("宣传文化"));
            Assert.DoesNotContain(draw.Seats, s => s.ExpertId is "expert-12" && i % 2 == 0 || s.ExpertId is "expert-10" or "expert-11" && i % 2 == 1);
        }
    });

    [Fact]
    public Task Panels_WhenTheyFail_ThenTheCaseIsRejected_R_PAN_2() => Play(async desk =>
    {
        // Even twice: there is no third round.
        var (first, second) = (await desk.SubmittedAsync(), await ToSecond(desk));
        await Approve(first, Bureau);
        var panels = new PanelDesk(desk, first);
        await Accept(panels);
        await panels.Cast("pass", "pass", "fail", "fail");
        await panels.Cast("pass", "fail", "abstain", "abstain");
        Assert.Equal("未通过", await first.Status());

        await Draw(second);
        var tied = (await second.PanelAsync()).Id;
        await Score(second, "pass", "pass", "fail", "fail");
        await second.Commands.DecideTieAsync(desk.As(Chair).Caller, tied, "fail", "业绩不够突出", null, default);
        await Settle(desk);
        Assert.Equal("未通过", await second.Filed.Status());
    });

    [Fact]
    public Task Panels_WhenThereIsNoQuorum_ThenTheFormalCheckBeginsAgain_R_PAN_2() => Play(async desk =>
    {
        var second = await ToSecond(desk);
        await Draw(second);
        await desk.Execute("update approvals.users set active = false where id like 'expert-%'");
        var first = new PanelDesk(desk, await desk.SubmittedAsync());
        await Approve(first.Filed, Bureau);
        await Settle(desk);
        // One has nobody to sit from the start; of the other nobody votes in time.
        await desk.AdvanceTo("2026-09-30 09:00");

        foreach (var panel in (PanelDesk[])[first, second])
        {
            await panel.Commands.CloseAsync(desk.As(PanelDesk.Secretary).Caller, (await panel.PanelAsync()).Id, null, default);
            Assert.Equal(("形式审查", "审核中"), (await Stages(panel.Filed), await panel.Filed.Status()));
        }
    });

    [Fact]
    public Task Notice_WhenAnObjectionToOneOfTheListHolds_ThenThatCaseIsCheckedAgain_R_NOT_1() => Play(async desk =>
    {
        var panels = await ToSecond(desk);
        await Draw(panels);
        await Score(panels, "pass", "pass", "pass", "fail");
        var notices = new NoticeDesk(desk, panels.Filed);
        await notices.Object((await notices.NoticeAsync()).Id);
        await notices.Clerk.Decide(Assert.Single(await notices.ObjectionTasks()), "accept", null);
        await Settle(desk);

        await notices.Clerk.Decide(Assert.Single(await notices.ObjectionTasks()), "uphold", "经核实，申报材料不实。");

        Assert.Equal(("形式审查", "审核中"), (await Stages(panels.Filed), await panels.Filed.Status()));
        await Decide(panels.Filed, "reject", Bureau);
        Assert.Equal("未通过", await panels.Filed.Status());
    });

    [Fact]
    public Task Check_WhenItReturnsTheCase_ThenItComesBackOrLapsesOrIsWithdrawn_R_REV_2_R_REV_3_R_CASE_6() => Play(async desk =>
    {
        var (corrected, lapses, withdrawn) = (await desk.SubmittedAsync(), await desk.SubmittedAsync(), await desk.SubmittedAsync());
        foreach (var filed in (FiledCase[])[corrected, lapses])
            await Decide(filed, "return", Bureau);
        await corrected.Supplement(corrected.Sample.Correction!.Data);
        await withdrawn.Withdraw();

        await desk.AdvanceTo("2026-10-15 09:00");

        Assert.Equal(("审核中", "退案", "已撤回"), (await corrected.Status(), await lapses.Status(), await withdrawn.Status()));
        Assert.Contains($"task.overdue → {Bureau}", await corrected.Told());
    });

    [Fact]
    public Task Invitation_WhenNobodyAnswers_ThenTheNextAreAskedUntilTheSecretaryHasToHelp_R_PAN_1() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        await Approve(filed, Bureau);
        await Settle(desk);
        var panels = new PanelDesk(desk, filed);
        var before = (await panels.PanelAsync()).Experts!.Select(e => e.Id).ToArray();

        await desk.AdvanceTo("2026-09-24 09:00");

        var after = await panels.PanelAsync();
        Assert.All(before, e => Assert.Equal("missed", after.Experts!.Single(x => x.Id == e).State));
        Assert.NotEmpty(after.Experts!.Select(e => e.Id).Except(before));
        await desk.AdvanceTo("2026-10-09 09:00");
        Assert.NotNull((await panels.PanelAsync()).Vacancy);
        Assert.Contains($"panel.short → {PanelDesk.Secretary}", await filed.Told());
    });

    /// <summary>A case that the first panel has passed.</summary>
    private static async Task<PanelDesk> ToSecond(CaseDesk desk)
    {
        var filed = await desk.SubmittedAsync();
        await Approve(filed, Bureau);
        var panels = new PanelDesk(desk, filed);
        await Accept(panels);
        await panels.Cast("pass", "pass", "pass", "fail");
        return panels;
    }

    private static Approvals.Cases.Packages.ServiceSample Sample(CaseDesk desk, string applicant) => desk.Content.Services.Single().Samples.Single(s => s.Applicant == applicant);

    private static async Task Accept(PanelDesk panels)
    {
        await Settle(panels.Desk);
        var panel = await panels.PanelAsync();
        foreach (var expert in panel.Experts!.Where(e => e.State == "invited"))
            await panels.Commands.AnswerInvitationAsync(panels.Desk.As(expert.Id).Caller, panel.Id, true, "无应回避的关系", null, default);
        await Settle(panels.Desk);
    }

    private static async Task Draw(PanelDesk panels)
    {
        await Settle(panels.Desk);
        var panel = (await panels.PanelAsync()).Id;
        var parties = new[] { (User: PanelDesk.Secretary, Nonce: new string('a', 64)), (User: Chair, Nonce: new string('b', 64)) };
        foreach (var (user, nonce) in parties)
            await panels.Commands.CommitAsync(panels.Desk.As(user).Caller, panel, Convert.ToHexString(SHA256.HashData(Convert.FromHexString(nonce))), null, default);
        await Settle(panels.Desk);
        foreach (var (user, nonce) in parties)
            await panels.Commands.RevealAsync(panels.Desk.As(user).Caller, panel, nonce, null, default);
        await Settle(panels.Desk);
    }

    private static async Task Score(PanelDesk panels, params string[] votes)
    {
        var panel = (await panels.PanelAsync()).Id;
        var scores = JsonSerializer.SerializeToElement(new Dictionary<string, int> { ["学术水平"] = 50, ["发展潜力"] = 30 });
        foreach (var (expert, vote) in (await panels.WaitingAsync()).Zip(votes))
            await panels.Commands.CastAsync(panels.Desk.As(expert).Caller, panel, vote, scores, null, null, default);
        await Settle(panels.Desk);
    }
}
