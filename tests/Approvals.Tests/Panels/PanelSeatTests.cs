using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>Who keeps a seat: invitations, challenges; and what experts see of the case.</summary>
public sealed class PanelSeatTests
{
    [Fact]
    public async Task Invitation_WhenAcceptedDeclinedOrNotAnswered_ThenVotesOrIsReplacedByTheSameSequence_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("accept", "String", "1wd")));
        var panel = await desk.PanelAsync();
        Assert.All(panel.Experts!, e => Assert.Equal("invited", e.State));
        var (first, second) = (panel.Experts![0].Id, panel.Experts[1].Id);
        Assert.Equal("panel-invitation", Assert.Single(await desk.Desk.As(first).Inbox("mine")).Kind);
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Cast(panel.Id, first, "pass")));

        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Answer(desk, first, true, null)));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Answer(desk, first, null, "无")));
        await Answer(desk, first, true, "本人与申报人无应回避的关系");
        await Answer(desk, second, false, "时间冲突");
        await PanelDesk.DeliverAsync(desk.Desk);
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => Answer(desk, first, false, "改变主意")));
        var after = await desk.PanelAsync();
        Assert.Equal(PanelDesk.Json(panel.Draw!.Leave(second)), PanelDesk.Json(after.Draw));
        Assert.Equal(("waiting", "declined"), (after.Experts!.Single(e => e.Id == first).State, after.Experts!.Single(e => e.Id == second).State));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Desk.Get<PanelReader>().ReadAsync(desk.Desk.As(second).Caller, panel.Id, default)));

        // Nobody else answers: the next of the sequence are asked, until there are none.
        await desk.Desk.AdvanceTo("2026-09-23 00:00");
        after = await desk.PanelAsync();
        Assert.Equal(5, after.Draw!.Seats.Length);
        Assert.Contains(after.Experts!, e => e.State == "missed");
        foreach (var expert in after.Experts!.Where(e => e.State == "invited").Select(e => e.Id).ToArray())
            await Answer(desk, expert, true, "无应回避的关系");
        await desk.Cast("pass", "pass", "pass", "pass", "fail");

        Assert.Equal(PanelOutcome.Passed, (await desk.ResultAsync(panel.Id)).Outcome);
        var record = await desk.Desk.Get<PanelReader>().DrawAsync(desk.Desk.As(first).Caller, panel.Id, default);
        Assert.All(DrawVerification.Verify(record.Write()), c => Assert.True(c.Holds, c.Zh));
        Assert.True((await desk.Desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Challenge_WhenUpheld_ThenTheExpertIsReplacedByTheSameSequenceOrNeverDrawn_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("supervisorRole", "String", "bureau.superior")));
        var panel = await desk.PanelAsync();
        var (sits, next) = (panel.Draw!.Seats[0].ExpertId, panel.Draw.Substitutes.First().Id);

        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Challenge(desk, "emp-metro-reviewer-1", sits, "有利害关系")));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Challenge(desk, "applicant-li", sits, " ")));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Challenge(desk, "applicant-li", "notice-clerk", "有利害关系")));
        // The applicant names somebody who doesn't sit, the supervisor somebody who does; neither is told.
        var one = await Challenge(desk, "applicant-li", next, "曾有诉讼");
        var two = await Challenge(desk, "bureau-superior", sits, "师生关系");
        Assert.Equal(2, (await desk.Desk.As(PanelDesk.Secretary).Inbox("candidates")).Count(t => t.Kind == TaskKinds.PanelChallenge));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Decide(desk, "bureau-reviewer-1", one, true, "属实")));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Decide(desk, PanelDesk.Secretary, one, true, null)));
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => Decide(desk, PanelDesk.Secretary, Guid.NewGuid(), true, "属实")));
        await Decide(desk, PanelDesk.Secretary, one, true, "属实");
        await Decide(desk, PanelDesk.Secretary, two, true, "属实");
        await PanelDesk.DeliverAsync(desk.Desk);

        var after = await desk.PanelAsync();
        Assert.Equal(PanelDesk.Json(panel.Draw.Leave(next).Leave(sits)), PanelDesk.Json(after.Draw));
        Assert.DoesNotContain(after.Draw!.Seats, s => s.ExpertId == next || s.ExpertId == sits);
        Assert.Equal(5, (await desk.WaitingAsync()).Length);
        Assert.All(after.Challenges!, c => Assert.True(c.Upheld));
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => Decide(desk, PanelDesk.Secretary, one, false, "改判")));
        Assert.All(DrawVerification.Verify((await desk.Desk.Get<PanelReader>().DrawAsync(desk.Desk.As(PanelDesk.Secretary).Caller, panel.Id, default)).Write()), c => Assert.True(c.Holds, c.Zh));

        // Who has voted can't be taken out any more: nobody knows which vote it is.
        var voted = (await desk.WaitingAsync())[0];
        await desk.Cast(panel.Id, voted, "pass");
        var late = await Challenge(desk, "applicant-li", voted, "同学");
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => Decide(desk, PanelDesk.Secretary, late, true, "属实")));
        await Decide(desk, PanelDesk.Secretary, late, false, "已投票");
        await desk.Cast("pass", "pass", "pass", "pass");
        Assert.Equal(5, (await desk.ResultAsync(panel.Id)).Count!.Present);
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => Challenge(desk, "applicant-li", voted, "同学")));
    }

    [Fact]
    public async Task Expert_WhenOutsideTheSequenceAndChallenged_ThenNeitherDrawnNorAppointedLater_R_PAN_1()
    {
        await using var cases = await CaseDesk.OpenAsync(PanelDesk.With(("fields", "Object", "[]")));
        // Five may sit; one more has left the pool, and another isn't active.
        await cases.Execute("update approvals.users set expert_to = '2026-09-01' where id = 'expert-06'");
        await cases.Execute("update approvals.users set active = false where id in ('expert-07', 'expert-08', 'expert-09', 'expert-10', 'expert-11')");
        var desk = new PanelDesk(cases, await PanelDesk.FileAsync(cases));
        var panel = await desk.PanelAsync();
        await Decide(desk, PanelDesk.Secretary, await Challenge(desk, "applicant-li", "expert-06", "曾有诉讼"), true, "属实");
        await PanelDesk.DeliverAsync(cases);
        foreach (var expert in panel.Draw!.Seats.Take(2))
            await desk.Recuse(expert.ExpertId);
        Assert.NotNull((await desk.PanelAsync()).Vacancy);
        await cases.Execute("update approvals.users set expert_to = null where id = 'expert-06'");
        await cases.Execute("update approvals.users set active = true where id = 'expert-07'");

        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.FillAsync(["expert-06"], "熟悉该专业")));
        Assert.Equal(["expert-07"], await desk.FillAsync());

        Assert.All(DrawVerification.Verify((await cases.Get<PanelReader>().DrawAsync(cases.As(PanelDesk.Secretary).Caller, panel.Id, default)).Write()), c => Assert.True(c.Holds, c.Zh));
    }

    [Fact]
    public async Task Expert_WhenUpheldAgainstOrRecused_ThenTheCasesNextPanelDoesntDrawThem_R_PAN_1()
    {
        await using var cases = await CaseDesk.OpenAsync(PanelDesk.With(("fields", "Object", "[]")));
        await cases.Execute("update approvals.users set active = false where id in ('expert-06', 'expert-07', 'expert-08', 'expert-09', 'expert-10', 'expert-11')");
        var desk = new PanelDesk(cases, await PanelDesk.FileAsync(cases));
        var first = await desk.PanelAsync();
        var (recused, challenged) = (first.Draw!.Seats[0].ExpertId, first.Draw.Seats[1].ExpertId);
        await desk.Recuse(recused);
        await Decide(desk, PanelDesk.Secretary, await Challenge(desk, "applicant-li", challenged, "师生关系"), true, "属实");
        await PanelDesk.DeliverAsync(cases);
        await desk.Commands.CloseAsync(cases.As(PanelDesk.Secretary).Caller, first.Id, null, default);
        await PanelDesk.DeliverAsync(cases);

        await cases.AdvanceTo("2026-09-21 10:00");
        await cases.As("bureau-reviewer-1").Approve(desk.Filed);
        await PanelDesk.DeliverAsync(cases);

        var second = await desk.PanelAsync();
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(new[] { recused, challenged }.Order(), second.Draw!.Excluded.Where(e => e.Reasons.SequenceEqual([RecusalReason.Declared])).Select(e => e.Id));
        Assert.Equal(3, second.Draw.Sequence.Length);
        Assert.All(DrawVerification.Verify((await cases.Get<PanelReader>().DrawAsync(cases.As(PanelDesk.Secretary).Caller, second.Id, default)).Write()), c => Assert.True(c.Holds, c.Zh));
    }

    [Fact]
    public async Task Challenge_WhenUpheldWhileSeatsAreFilled_ThenTheSeatIsDecidedByWhatCommitsFirst_R_PAN_1()
    {
        await using var cases = await CaseDesk.OpenAsync(PanelDesk.With(("fields", "Object", "[]")));
        await cases.Execute("update approvals.users set expert_to = '2026-09-01' where id = 'expert-06'");
        await cases.Execute("update approvals.users set active = false where id in ('expert-07', 'expert-08', 'expert-09', 'expert-10', 'expert-11')");
        var desk = new PanelDesk(cases, await PanelDesk.FileAsync(cases));
        var challenge = await Challenge(desk, "applicant-li", "expert-06", "曾有诉讼");
        var before = await cases.Scalar<int>("select revision from approvals.panels");

        await Decide(desk, PanelDesk.Secretary, challenge, true, "属实");

        // What was worked out before, such as seats to be filled, no longer applies.
        Assert.Equal(before + 1, await cases.Scalar<int>("select revision from approvals.panels"));
    }

    [Fact]
    public async Task DrawRecord_WhenChairOrSupervisorAsk_ThenRefused_BecauseItNamesWhoSits_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("supervisorRole", "String", "bureau.superior"), ("chairRole", "String", "bureau.reviewer")));
        var (panel, reader) = ((await desk.PanelAsync()).Id, desk.Desk.Get<PanelReader>());
        Task Read(string user) => reader.DrawAsync(desk.Desk.As(user).Caller, panel, default);

        foreach (var user in (string[])["bureau-superior", "bureau-reviewer-1", "applicant-li", (await desk.WaitingAsync())[0]])
            Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Read(user)));
        await Read(PanelDesk.Secretary);
        var voter = (await desk.WaitingAsync())[0];
        await desk.Cast("pass", "pass", "pass", "pass", "pass");

        await Read(voter);
        foreach (var user in (string[])["bureau-superior", "bureau-reviewer-1", "applicant-li"])
            Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Read(user)));
    }

    [Fact]
    public async Task Challenge_WhenFiledAgainBeforeItIsDecided_ThenThereIsOneTask_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("supervisorRole", "String", "bureau.superior")));
        var (panel, expert) = ((await desk.PanelAsync()).Id, (await desk.WaitingAsync())[0]);
        var key = new Runtime.Instances.Idempotency("key:test", "challenge", [1]);
        var caller = desk.Desk.As("applicant-li").Caller;

        var first = await desk.Commands.ChallengeAsync(caller, panel, expert, "师生关系", key, default);
        Assert.Equal(first, await desk.Commands.ChallengeAsync(caller, panel, expert, "师生关系", key, default));
        Assert.Equal(ErrorCodes.Conflict, await PanelDesk.Code(() => Challenge(desk, "applicant-li", expert, "还有一点")));
        // Somebody else's is another matter, and so is another expert, or the same one when it is decided.
        await Challenge(desk, "bureau-superior", expert, "师生关系");
        await Challenge(desk, "applicant-li", (await desk.WaitingAsync())[1], "师生关系");
        await Decide(desk, PanelDesk.Secretary, first, false, "不属实");
        await Challenge(desk, "applicant-li", expert, "另有新的情况");
        Assert.Equal(3L, await desk.Desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'panel-challenge' and status < 2"));

        var both = await Task.WhenAll(Enumerable.Range(1, 2).Select(async i =>
        {
            try
            {
                await Challenge(desk, "applicant-li", "expert-12", $"理由{i}");
                return "filed";
            }
            catch (WorkflowException e)
            {
                return e.Code;
            }
        }));
        Assert.Equal([ErrorCodes.Conflict, "filed"], both.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Challenges_WhenOnePersonOrAllFileTooMany_ThenThePanelTakesNoMore_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("supervisorRole", "String", "bureau.superior")));
        var (panel, expert) = (await desk.PanelAsync(), (await desk.WaitingAsync())[0]);
        async Task<object?> Refusal(string user) => (await Assert.ThrowsAsync<WorkflowException>(() => Challenge(desk, user, expert, "师生关系"))).Facts!["reason"];
        async Task Fill(int count, string by) => await desk.Desk.Execute($"""
            insert into approvals.panel_challenges (id, panel_id, task_id, expert_id, filed_by, filed_at, reason)
            select gen_random_uuid(), '{panel.Id}', gen_random_uuid(), 'expert-01', '{by}', '{panel.OpenedAt:O}', '理由' from generate_series(1, {count})
            """);
        await Fill(PanelCommands.MostChallengesOfOne, "applicant-li");
        Assert.Equal("limit", await Refusal("applicant-li"));
        await Fill(PanelCommands.MostChallenges - PanelCommands.MostChallengesOfOne, "somebody");

        Assert.Equal("limit", await Refusal("bureau-superior"));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'panel-challenge'"));
    }

    [Fact]
    public async Task Expert_WhenReadingTheCase_ThenSeesNeitherWhoAppliesNorFromWhere_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var expert = (await desk.WaitingAsync())[0];
        var (caller, reader) = (desk.Desk.As(expert).Caller, desk.Desk.Get<CaseReader>());
        var applicant = await desk.Filed.Read();

        var shown = PanelDesk.Json(new
        {
            View = await reader.ReadAsync(caller, desk.Filed.Id, default),
            List = await reader.ListAsync(caller, new CaseFilter(null, null, null, null, null, 50), default),
            History = await reader.HistoryAsync(caller, desk.Filed.Id, default),
            Inbox = await desk.Desk.As(expert).Inbox("mine"),
        }).Replace("\\u0022", "\"", StringComparison.Ordinal);

        var data = applicant.Data["1"];
        string[] secrets = [applicant.Applicant.Id, applicant.Applicant.Name!, applicant.Employer.Id, applicant.Employer.Name!, data.GetProperty("residentId").GetString()!, data.GetProperty("phone").GetString()!];
        foreach (var secret in secrets)
            Assert.DoesNotContain(PanelDesk.Json(secret).Trim('"'), shown, StringComparison.Ordinal);
        Assert.Contains("titleApplied", shown, StringComparison.Ordinal);
    }

    private static async Task Answer(PanelDesk desk, string expert, bool? accept, string? statement) =>
        await desk.Commands.AnswerInvitationAsync(desk.Desk.As(expert).Caller, (await desk.PanelAsync()).Id, accept, statement, null, default);

    private static async Task<Guid> Challenge(PanelDesk desk, string user, string expert, string reason) =>
        await desk.Commands.ChallengeAsync(desk.Desk.As(user).Caller, (await desk.PanelAsync()).Id, expert, reason, null, default);

    private static async Task Decide(PanelDesk desk, string user, Guid challenge, bool uphold, string? opinion) =>
        await desk.Commands.DecideChallengeAsync(desk.Desk.As(user).Caller, (await desk.PanelAsync()).Id, challenge, uphold, opinion, null, default);
}
