using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>专家评审 on a real database: draw, recusal, quorum, deadline.</summary>
public sealed class PanelScenarioTests
{
    [Fact]
    public async Task Draw_WhenDone_ThenAnyoneCanDrawAgainAndGetTheSame_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var nonce = await desk.Desk.Scalar<byte[]>("select nonce from approvals.panels");
        byte[] seed = [.. desk.Filed.Id.ToByteArray(bigEndian: true), 0, 0, 0, 0, .. nonce];
        BinaryPrimitives.WriteInt32BigEndian(seed.AsSpan(16), 1);
        var pool = desk.Desk.Content.Directories.Single(d => d.File == "sample-city.json").Users.Where(u => u.Fields is not null).Select(u => new Expert { Id = u.Id, Fields = [.. u.Fields!], EmployerId = u.Organisation }).ToArray();

        var again = PanelDraw.Draw(pool, new PanelSubject { ApplicantId = "applicant-li", EmployerId = "emp-metro", On = new DateOnly(2026, 9, 21) }, panel.Draw!.Rules, Convert.ToHexStringLower(SHA256.HashData(seed)));

        Assert.Equal(PanelDesk.Json(again), PanelDesk.Json(panel.Draw));
        Assert.Equal("专家评审中", await desk.Filed.Status());
        Assert.Equal(5, panel.Experts!.Count);
        Assert.Equal(("expert-12", RecusalReason.SameEmployer), (Assert.Single(panel.Draw.Excluded).Id, panel.Draw.Excluded[0].Reasons.Single()));
        Assert.Equal(32, nonce.Length);
        var told = await desk.Filed.Told();
        Assert.All(panel.Experts, e => Assert.Contains($"panel.invited → {e.Id}", told));
        Assert.Contains($"stage.opened → {PanelDesk.Secretary}", told);
    }

    [Fact]
    public async Task Draw_WhenKinshipOrCoAuthorshipIsDeclared_ThenThoseExpertsAreExcludedWithTheReason_R_PAN_1()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        await desk.Execute("insert into approvals.expert_relations values ('expert-01', 'applicant-li', 'kin'), ('applicant-li', 'expert-02', 'co_author')");

        var panel = await new PanelDesk(desk, await PanelDesk.FileAsync(desk)).PanelAsync();

        // The three of emp-university work with a co-author of the applicant.
        Assert.Equal(
            "expert-01:Kin+CoAuthorEmployer expert-02:CoAuthor+CoAuthorEmployer expert-03:CoAuthorEmployer expert-12:SameEmployer",
            string.Join(' ', panel.Draw!.Excluded.Select(e => $"{e.Id}:{string.Join('+', e.Reasons)}")));
    }

    [Fact]
    public async Task Draw_WhenTheServicesFieldsRunDry_ThenNobodyOfAnotherFieldSitsAndTheSecretaryFillsTheSeats_R_PAN_1()
    {
        // 办法第九条: one of the field and one of those near to it are left, and one of neither.
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        await desk.Execute("update approvals.users set expert_to = '2026-09-20' where id in ('expert-01', 'expert-02', 'expert-03', 'expert-04', 'expert-05', 'expert-06', 'expert-07', 'expert-10')");
        var filed = await PanelDesk.FileAsync(desk);

        var panel = await new PanelDesk(desk, filed).PanelAsync();

        Assert.Equal(["expert-08", "expert-11"], panel.Draw!.Seats.Select(s => s.ExpertId));
        Assert.Equal([null, "国有企业党建"], panel.Draw.Seats.Select(s => s.Fallback));
        Assert.Equal(["expert-09"], panel.Draw.Substitutes.Select(s => s.Id));
        Assert.Equal((3, 2), (panel.Vacancy!.Seats, panel.Vacancy.Needed));
    }

    [Fact]
    public async Task Draw_WhenTheShippedPanelIsDrawn_ThenAllFiveAreOfTheFieldThatTheMeasuresName_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync();

        var draw = (await desk.PanelAsync()).Draw!;

        Assert.True(draw.Rules.OnlyFields);
        Assert.Equal(5, draw.Seats.Length);
        Assert.All(draw.Seats, s => Assert.Contains("思想政治工作", draw.Sequence.Single(e => e.Id == s.ExpertId).Fields));
    }

    [Fact]
    public async Task Draw_WhenATermIsOverOrAnExpertHasSatOften_ThenTheyArentDrawn_R_PAN_1()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.With(("maxLoad", "Int32", "1"), ("loadDays", "Int32", "30")));
        await desk.Execute("update approvals.users set expert_to = '2026-09-20' where id = 'expert-01'; update approvals.users set expert_from = '2026-09-22' where id = 'expert-02'; update approvals.users set expert_from = '2026-09-21', expert_to = '2026-09-21' where id = 'expert-03'");
        var first = await new PanelDesk(desk, await PanelDesk.FileAsync(desk)).PanelAsync();
        Assert.Equal(["expert-01", "expert-02", "expert-12"], first.Draw!.Excluded.Select(e => e.Id));
        Assert.Equal("不在任期内", Recusal.Zh(first.Draw.Excluded[0].Reasons.Single()));

        var second = await new PanelDesk(desk, await PanelDesk.FileAsync(desk)).PanelAsync();

        var sat = first.Experts!.Select(e => e.Id).ToArray();
        Assert.Equal(sat.Order(), second.Draw!.Excluded.Where(e => e.Reasons.Contains(RecusalReason.Overloaded)).Select(e => e.Id));
        Assert.Empty(sat.Intersect(second.Draw.Seats.Select(s => s.ExpertId)));
    }

    [Fact]
    public async Task Recusal_WhenDeclared_ThenTheNextOfTheSequenceTakesTheSeat_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var before = await desk.PanelAsync();
        var left = before.Draw!.Seats[0].ExpertId;
        var expected = before.Draw.Substitute(left);

        await desk.Recuse(left);

        var after = await desk.PanelAsync();
        Assert.Equal(PanelDesk.Json(expected), PanelDesk.Json(after.Draw));
        var next = after.Draw!.Seats.Select(s => s.ExpertId).Except(before.Draw.Seats.Select(s => s.ExpertId)).Single();
        Assert.Contains(after.Experts!, e => e.Id == left && e.State == "recused" && e.RecusalReason == "与申报人有合作关系");
        Assert.Equal("ballot", Assert.Single(await desk.Desk.As(next).Inbox("mine")).Kind);
        Assert.Empty(await desk.Desk.As(left).Inbox("mine"));
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => desk.Cast(after.Id, left, "pass")));
        var told = await desk.Filed.Told();
        Assert.Contains($"panel.recused → {left}", told);
        Assert.Contains($"panel.replaced → {next}", told);
    }

    [Fact]
    public async Task Recusal_WhenTwoStandAsideAtOnce_ThenTwoOthersSit_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var (first, second) = (panel.Draw!.Seats[1].ExpertId, panel.Draw.Seats[3].ExpertId);

        await Task.WhenAll(
            desk.Commands.RecuseAsync(desk.Desk.As(first).Caller, panel.Id, "同学", null, default),
            desk.Commands.RecuseAsync(desk.Desk.As(second).Caller, panel.Id, "同事", null, default));
        await PanelDesk.DeliverAsync(desk.Desk);

        var after = await desk.PanelAsync();
        Assert.Equal(5, after.Draw!.Seats.Select(s => s.ExpertId).Distinct().Count());
        Assert.Equal([.. new[] { first, second }.Order()], after.Draw.Out.Order());
        Assert.Equal(5, (await desk.WaitingAsync()).Length);
    }

    [Fact]
    public async Task Recusal_WhenThePoolIsExhausted_ThenThePanelGoesOnAsLongAsAQuorumIsPossible_R_PAN_1_R_PAN_2()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        // Six remain: five sit, one substitutes.
        await desk.Execute("update approvals.users set active = false where id in ('expert-03', 'expert-05', 'expert-07', 'expert-09', 'expert-11')");
        var panels = new PanelDesk(desk, await PanelDesk.FileAsync(desk));
        var id = (await panels.PanelAsync()).Id;

        await panels.Recuse((await panels.WaitingAsync())[0]);
        Assert.Equal(0, (await panels.PanelAsync()).Draw!.Vacant);
        await panels.Recuse((await panels.WaitingAsync())[0]);
        var incomplete = await panels.PanelAsync();
        Assert.Equal(("open", 1, 4), (incomplete.Status, incomplete.Draw!.Vacant, (await panels.WaitingAsync()).Length));

        await panels.Recuse((await panels.WaitingAsync())[0]);
        var shortOf = await panels.PanelAsync();
        Assert.Equal(("open", "专家评审中"), (shortOf.Status, await panels.Filed.Status()));
        var task = Assert.Single(await desk.As(PanelDesk.Secretary).Inbox("candidates"), t => t.Kind == TaskKinds.PanelVacancy);
        Assert.Equal((task.Id, 2, 1), (shortOf.Vacancy!.TaskId, shortOf.Vacancy.Seats, shortOf.Vacancy.Needed));
        Assert.Equal(3, shortOf.Vacancy.Missing.Count(m => m is { Why: "recused", WhyZh: "申报回避：与申报人有合作关系" }));
        Assert.Contains(shortOf.Vacancy.Missing, m => m is { Id: "expert-12", Why: "excluded", WhyZh: "与申报人同单位" });
        Assert.Contains($"panel.short → {PanelDesk.Secretary}", await panels.Filed.Told());
        Assert.Contains("fill", shortOf.NextActions.Select(a => a.Action));
        // Nothing lapses while the panel waits; ballots that are out can be cast, and close nothing.
        await desk.AdvanceTo("2026-11-20 09:00");
        await panels.Cast("pass", "pass", "pass");
        Assert.Equal("open", (await panels.PanelAsync()).Status);

        // Nobody else is there yet.
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => panels.FillAsync()));
        await desk.Execute("update approvals.users set active = true where id in ('expert-03', 'expert-05')");
        Assert.Equal(["expert-03", "expert-05"], (await panels.FillAsync()).Order());

        var on = await panels.PanelAsync();
        Assert.Equal((null, 0, true), (on.Vacancy, on.Draw!.Vacant, on.DueAt > desk.Now));
        Assert.DoesNotContain(await desk.As(PanelDesk.Secretary).Inbox("candidates"), t => t.Kind == TaskKinds.PanelVacancy);
        await panels.Cast("pass", "pass");
        Assert.Equal((PanelOutcome.Passed, 5), ((await panels.ResultAsync(id)).Outcome, (await panels.ResultAsync(id)).Count!.Present));
        Assert.Equal("公示中", await panels.Filed.Status());
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Draw_WhenThePoolIsTooSmallFromTheStart_ThenTheSecretaryAppointsAndTheCaseNeverLoops_R_PAN_1()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        await desk.Execute("update approvals.users set active = false where id like 'expert-%' and id not in ('expert-01', 'expert-02', 'expert-03')");
        var panels = new PanelDesk(desk, await PanelDesk.FileAsync(desk));

        Assert.Equal("专家评审中", await panels.Filed.Status());
        Assert.Equal((3, 2, 1), ((await panels.WaitingAsync()).Length, (await panels.PanelAsync()).Vacancy!.Seats, (await panels.PanelAsync()).Vacancy!.Needed));
        await desk.Execute("update approvals.users set active = true where id in ('expert-04', 'expert-12')");
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => panels.FillAsync(["expert-04"], null)));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => panels.FillAsync(["expert-12"], "熟悉该专业")));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => panels.FillAsync(["expert-01"], "熟悉该专业")));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => panels.FillAsync(["nobody"], "熟悉该专业")));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => panels.FillAsync(["expert-04"], "熟悉该专业", "bureau-reviewer-1")));
        Assert.Equal(["expert-04"], await panels.FillAsync(["expert-04"], "熟悉该专业"));
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => panels.FillAsync()));

        await panels.Cast("pass", "pass", "pass", "pass");
        var result = await panels.ResultAsync((await panels.PanelAsync()).Id);
        Assert.Equal((PanelOutcome.Passed, 4), (result.Outcome, result.Count!.Present));
        Assert.Contains("指定专家 Appointed: ", result.Minutes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secretary_WhenNobodyCanBeFound_ThenClosesWithoutAQuorumAndTheBureauLooksAgain_R_PAN_2()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        await desk.Execute("update approvals.users set active = false where id like 'expert-%'");
        var panels = new PanelDesk(desk, await PanelDesk.FileAsync(desk));
        var id = (await panels.PanelAsync()).Id;
        Assert.Equal(5, (await panels.PanelAsync()).Vacancy!.Seats);

        await panels.Commands.CloseAsync(desk.As(PanelDesk.Secretary).Caller, id, null, default);
        await PanelDesk.DeliverAsync(desk);

        var closed = await panels.ResultAsync(id);
        Assert.Equal((PanelOutcome.NoQuorum, PanelClosing.TooFew), (closed.Outcome, closed.ClosedBy));
        Assert.Equal(("市局审核", "审核中"), ((await panels.Filed.Waiting()).Name, await panels.Filed.Status()));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.tasks where status < 2 and kind like 'panel%'"));
    }

    [Theory]
    [InlineData("pass pass pass pass pass", PanelOutcome.Passed)]
    [InlineData("pass pass pass pass fail", PanelOutcome.Passed)]
    [InlineData("pass pass pass fail fail", PanelOutcome.Failed)]
    [InlineData("pass pass pass abstain abstain", PanelOutcome.Failed)]
    public async Task Panel_WhenAllHaveVoted_ThenItIsCountedAtOnce_R_PAN_2(string votes, PanelOutcome outcome)
    {
        await using var desk = await PanelDesk.OpenAsync();
        var id = (await desk.PanelAsync()).Id;

        await desk.Cast(votes.Split(' '));

        var result = await desk.ResultAsync(id);
        Assert.Equal((outcome, PanelClosing.Complete, 5, 5), (result.Outcome, result.ClosedBy, result.Count!.Invited, result.Count.Present));
        Assert.Equal(votes.Split(' ').Count(v => v == "pass"), result.Count.Pass);
        Assert.Contains($"赞成 Pass {result.Count.Pass}，反对 Fail {result.Count.Fail}，弃权 Abstain {result.Count.Abstain}", result.Minutes, StringComparison.Ordinal);
        Assert.Equal(outcome == PanelOutcome.Passed ? "公示中" : "未通过", await desk.Filed.Status());
        Assert.True((await desk.Desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Deadline_WhenAQuorumHasVoted_ThenItIsCountedWithoutTheRest_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        await desk.Cast("pass", "pass", "pass", "fail");
        var missing = Assert.Single(await desk.WaitingAsync());
        // Five working days from Monday 2026-09-21: 中秋节 is Friday 25 to Sunday 27, Sunday 20 was worked.
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), panel.DueAt);

        await desk.Desk.AdvanceTo("2026-09-29 23:59");
        Assert.Contains($"task.reminder → {missing}", await desk.Filed.Told());
        Assert.Equal("open", (await desk.PanelAsync()).Status);
        await desk.Desk.AdvanceTo("2026-09-30 00:00");

        var result = await desk.ResultAsync(panel.Id);
        Assert.Equal((PanelOutcome.Passed, PanelClosing.Deadline, 4, 3), (result.Outcome, result.ClosedBy, result.Count!.Present, result.Count.Pass));
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => desk.Cast(panel.Id, missing, "pass")));
        Assert.Equal("公示中", await desk.Filed.Status());
    }

    [Fact]
    public async Task Deadline_WhenThereIsNoQuorum_ThenItIsExtendedOnceAndThenTheSecretaryIsAsked_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        await desk.Cast("pass", "pass", "pass");

        await desk.Desk.AdvanceTo("2026-09-30 00:00");
        var extended = await desk.PanelAsync();
        Assert.Equal(("open", true), (extended.Status, extended.DueAt > panel.DueAt));
        Assert.Equal(extended.DueAt, Assert.Single(await desk.Desk.As((await desk.WaitingAsync())[0]).Inbox("mine")).DueAt);
        var missing = (await desk.WaitingAsync())[0];
        await desk.Desk.AdvanceTo("2026-10-20 00:00");
        await desk.Filed.Told();
        // Before the first end, when it was put off, and before the second.
        Assert.Equal(3L, await desk.Desk.Scalar<long>($"select count(*) from approvals.messages where event = 'task.reminder' and recipient = '{missing}' and channel = 'inapp'"));

        var waits = await desk.PanelAsync();
        Assert.Equal(("open", 2, 1), (waits.Status, waits.Vacancy!.Seats, waits.Vacancy.Needed));
        Assert.Contains(waits.Vacancy.Missing, m => m.Id == missing && m.Why == "absent");
        Assert.Equal("missed", waits.Experts!.Single(e => e.Id == missing).State);
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => desk.Cast(panel.Id, missing, "pass")));

        var seated = await desk.FillAsync();
        Assert.Equal(2, seated.Count);
        Assert.DoesNotContain(missing, seated);
        await desk.Cast("pass", "fail");

        var result = await desk.ResultAsync(panel.Id);
        Assert.Equal((PanelOutcome.Passed, 5, 4), (result.Outcome, result.Count!.Present, result.Count.QuorumNeeds));
    }

    [Theory]
    [InlineData("remindAt", "soon")]
    [InlineData("due", "5 days")]
    [InlineData("quorum", "most")]
    public void Definition_WhenAnInputOfThePanelCantBeRead_ThenPublishingNamesIt(string input, string value)
    {
        var json = JsonNode.Parse(PanelDesk.ShippedDefinition)!;
        json["root"]!["activities"]!.AsArray().Single(a => (string?)a!["type"] == "Talent.ExpertPanel")![input] =
            new JsonObject { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };

        var error = Assert.Single(DefinitionValidator.Validate(DefinitionReader.Read(json.ToJsonString()), PoliticalWorkTitleDefinitionTests.Catalog));

        Assert.Contains($"{input}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deadline_WhenNoNodeRan_ThenExpertsGetAnotherWorkingDay_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        await desk.Cast("pass", "pass", "pass", "pass");

        await desk.Desk.DownUntil("2026-09-30 09:00");
        var held = await desk.PanelAsync();
        Assert.Equal(("open", CaseDesk.Local("2026-10-09 00:00")), (held.Status, held.DueAt));
        await desk.Cast("fail");

        Assert.Equal(5, (await desk.ResultAsync(held.Id)).Count!.Present);
    }

    [Fact]
    public async Task Secretary_WhenThereIsNoQuorumYet_ThenMayNotClose_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var secretary = desk.Desk.As(PanelDesk.Secretary).Caller;
        await desk.Cast("pass", "pass", "pass");

        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => desk.Commands.CloseAsync(secretary, panel.Id, null, default)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Commands.CloseAsync(desk.Desk.As("bureau-reviewer-1").Caller, panel.Id, null, default)));
        await desk.Cast("pass");
        await desk.Commands.CloseAsync(secretary, panel.Id, null, default);
        await PanelDesk.DeliverAsync(desk.Desk);

        var result = await desk.ResultAsync(panel.Id);
        Assert.Equal((PanelOutcome.Passed, PanelClosing.Secretary, 4), (result.Outcome, result.ClosedBy, result.Count!.Present));
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => desk.Commands.CloseAsync(secretary, panel.Id, null, default)));
    }

    [Fact]
    public async Task Case_WhenCancelledDuringItsPanel_ThenPanelAndBallotsAreClosed()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();

        await desk.Desk.Get<Runtime.Instances.WorkflowRuntime>().CancelAsync(desk.Filed.Id, "test", CaseDesk.Importer, default);

        Assert.Equal("cancelled", (await desk.PanelAsync()).Status);
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.tasks where status < 2"));
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => desk.Cast(panel.Id, panel.Experts![0].Id, "pass")));
    }
}
