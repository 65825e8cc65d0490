using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Notices;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Approvals.Tests.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Why;

/// <summary>What a case waits for, and what happens by itself and when. Submitted on Monday 2026-09-21 at 09:00; 中秋 (25th) and 国庆 (1 to 7 October) are off.</summary>
public sealed class WhyWaitTests
{
    private const string One = "emp-metro-reviewer-1";

    [Fact]
    public async Task Wait_WhenADraft_ThenItsOwnerSubmitsItAndNothingFallsDue_R_CASE_9()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var draft = await desk.DraftAsync();

        var why = await draft.WhyAsync();

        Assert.Equal(["draft"], why.What());
        Assert.Equal(["applicant applicant-li"], why.Who());
        Assert.Empty(why.ByItself);
        Assert.Equal("等待申报人提交申报。草稿：李示例可以提交申报，是申报人。", why.TextZh);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => draft.WhyAsync(One))).Code);
    }

    [Fact]
    public async Task Wait_WhenAReview_ThenItsLadderIsToldWithRulesInOfficeHours_R_REV_4_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();

        var why = await filed.WhyAsync(One);

        Assert.Equal("等待“用人单位审核”办理，2026年9月29日24:00截止。", Assert.Single(why.WaitsFor).TextZh);
        Assert.Equal("Waits for 'Employer review', due 2026-09-29 24:00.", why.WaitsFor[0].TextEn);
        Assert.Equal(["remind 09-29 09:00", "due 09-30 00:00", "remind 09-30 09:00", "tell_superior 10-08 09:00", "reassign 10-09 09:00"], why.When());
        var (remind, due) = (why.ByItself[0], why.ByItself[1]);
        Assert.Equal(("stage", "5wd", "1wd before", false), (remind.Limit, remind.Rule, remind.Offset, remind.Provisional));
        Assert.Equal("2026年9月29日09:00：自动催办“用人单位审核”（期限届满前1个工作日；自2026年9月21日次日起5个工作日，至2026年9月29日；不计中秋节）。", remind.TextZh);
        Assert.Equal("2026-09-29 24:00: the limit of 'Employer review' ends (5 working days after 2026-09-21, until 2026-09-29; not counted: 中秋节).", due.TextEn);

        // What is behind isn't told again.
        await desk.AdvanceTo("2026-09-30 10:00");
        Assert.Equal(["tell_superior 10-08 09:00", "reassign 10-09 09:00"], (await filed.WhyAsync(One)).When());
    }

    [Fact]
    public async Task Wait_WhenDecidedByRule_ThenTheDecisionIsToldAndNothingAfterIt_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync(ReviewFlow.Definition("""[{"at":"+5wd","do":"decide","outcome":"approve"},{"at":"+6wd","do":"remind"}]""", mayDecideByRule: true));
        var filed = await desk.SubmittedAsync();

        var decides = (await filed.WhyAsync(One)).ByItself[^1];

        Assert.Equal(("decide_by_rule", "approve"), (decides.Kind, decides.Outcome!.Code));
        Assert.Contains("仍无人办理的，按规定视为通过（超期5个工作日；", decides.TextZh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhenACorrection_ThenTheApplicantActsTheClockStandsAndItsEndIsTold_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As(One).Return(filed, "请补充证明");

        var why = await filed.WhyAsync();

        Assert.Equal(["applicant applicant-li"], why.Who());
        // Ten working days: 22, 23, 24, 28, 29, 30 September, 8, 9, 10 and 12 October.
        Assert.Equal("等待申报人补正，2026年10月12日24:00截止。", Assert.Single(why.WaitsFor).TextZh);
        Assert.Equal(["remind 10-12 09:00", "lapse 10-13 00:00"], why.When());
        Assert.Equal("2026年10月12日24:00：“补正”逾期未提交的，不再等待，按流程终止或继续（自2026年9月21日次日起10个工作日，至2026年10月12日；不计中秋节、国庆节）。", why.ByItself[1].TextZh);
        Assert.Equal(("clock", "supplement"), why.Stopped.Select(s => (s.Kind, s.Code)).Single());
        Assert.StartsWith("本环节时限因补正停表，自2026年9月21日09:00起不计，结束后自动恢复。", why.TextZh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhenTheServiceHasATotalLimit_ThenItsMarksAreToldWithThePromise_R_REV_4()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: folder =>
        {
            var file = Path.Combine(folder, "service.json");
            var service = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            service["totalLimit"] = "8wd";
            service["clock"] = JsonNode.Parse("""{ "officeHours": "09:00-17:30", "marks": { "yellow": "80%" }, "corrections": { "rounds": 2, "toldWithin": "5wd" } }""");
            File.WriteAllText(file, service.ToJsonString());
        });
        var filed = await desk.SubmittedAsync();

        var total = (await filed.WhyAsync()).ByItself.Where(i => i.Stage is null).ToArray();

        Assert.Equal(["counts_as_accepted", "yellow_mark", "red_mark", "tell_of_mark"], total.Select(i => i.Kind));
        Assert.Equal([CaseDesk.Local("2026-09-30 00:00"), CaseDesk.Local("2026-10-09 09:00"), CaseDesk.Local("2026-10-10 00:00"), CaseDesk.Local("2026-10-10 09:00")], total.Select(i => i.At));
        Assert.Contains("总时限届满，记红牌（自2026年9月21日收件次日起8个工作日", total[2].TextZh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhenAPanel_ThenItsStateIsToldAndNoExpertIsNamed_R_PAN_2()
    {
        await using var panel = await PanelDesk.OpenAsync();
        var experts = await panel.WaitingAsync();

        var (secretary, applicant, expert) = (await panel.Filed.WhyAsync(PanelDesk.Secretary), await panel.Filed.WhyAsync(), await panel.Filed.WhyAsync(experts[0]));

        Assert.Equal(["expert_panel"], secretary.What());
        Assert.Contains("投票中（席位5，法定人数4，已投0票）", secretary.WaitsFor[0].TextZh, StringComparison.Ordinal);
        Assert.Contains("投票中（席位5，法定人数4）", applicant.WaitsFor[0].TextZh, StringComparison.Ordinal);
        Assert.Equal(["expert ×5", $"role {PanelDesk.Secretary}"], secretary.Who().Order(StringComparer.Ordinal));
        Assert.Equal(["expert ×5", "role ×1"], applicant.Who().Order(StringComparer.Ordinal));
        Assert.Equal([$"expert {experts[0]}", "expert ×4", "role ×1"], expert.Who().Order(StringComparer.Ordinal));
        Assert.Contains("投票截止：达到法定人数即计票，未达到的延期3wd", secretary.ByItself.Single(i => i.Kind == "panel_deadline").TextZh, StringComparison.Ordinal);
        foreach (var (why, reader) in new[] { (secretary, PanelDesk.Secretary), (applicant, "applicant-li"), (expert, experts[0]) })
            foreach (var other in experts.Where(e => e != reader))
                Assert.DoesNotContain(other, System.Text.Json.JsonSerializer.Serialize(why), StringComparison.Ordinal);
        // An expert of a blind panel doesn't learn whose case it is.
        Assert.DoesNotContain("applicant-li", System.Text.Json.JsonSerializer.Serialize(expert), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhenANotice_ThenItsWindowIsToldAndAnObjectionIsATask_R_NOT_1()
    {
        await using var notice = await NoticeDesk.OpenAsync();
        var shown = await notice.NoticeAsync();

        var before = await notice.Filed.WhyAsync("notice-clerk");
        await notice.Object(shown.Id);
        var after = await notice.Filed.WhyAsync("notice-clerk");

        Assert.Equal(["public_notice"], before.What());
        Assert.Equal((shown.Number, "notice_end"), (before.WaitsFor[0].Number, Assert.Single(before.ByItself).Kind));
        Assert.Equal(before.WaitsFor[0].DueAt, before.ByItself[0].At);
        Assert.Empty(before.CanAct);
        Assert.Equal(["objection", "public_notice"], after.What().Order());
        Assert.Equal(["role notice-clerk"], after.Who());
        Assert.Contains("remind", after.ByItself.Select(i => i.Kind));
    }

    [Fact]
    public async Task Wait_WhenALimitStandsStill_ThenItHasNoInstantsAndTheGroundIsTold_R_REV_4()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Get<ClockCommands>().StopAsync(desk.As(One).Caller, filed.Id, "hearing", null, "听证通知书1号", "申报人要求听证", null, default);

        var why = await filed.WhyAsync(One);

        Assert.Equal("等待“用人单位审核”办理。", Assert.Single(why.WaitsFor).TextZh);
        Assert.Empty(why.ByItself);
        Assert.Equal(("clock", "hearing", "handler"), why.Stopped.Select(s => (s.Kind, s.Code, s.MustAct)).Single());
        Assert.EndsWith("须由办理人恢复计时。", why.Stopped[0].TextZh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhenAStageLooksForSomebody_ThenThatIsSaid_R_REV_1()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("role", "Literal", "employer.lawyer"), ("organisation", "Input", "EmployerId"), ("mode", "Literal", "all")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        var why = await filed.WhyAsync();

        Assert.Equal(("assignment", "“联审”正在确定办理人（employer.lawyer）；无人可办的，等到有人时再办。"), why.WaitsFor.Select(w => (w.Kind, w.TextZh)).Single());
        Assert.Empty(why.CanAct);
        Assert.Empty(why.Stopped);
    }

    [Fact]
    public async Task Wait_WhenVotesAreCountedAtTheDeadline_ThenTheCountIsTold_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "vote"), ("members", "Object", $"""["{One}","emp-metro-reviewer-2"]"""), ("countAtDue", "Literal", true)));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal(["count_votes 09-30 00:00", "due 09-30 00:00"], (await filed.WhyAsync()).When());
    }

    [Fact]
    public async Task Wait_WhenExpertsAreInvited_ThenTheEndOfTheirTimeIsToldOnce_R_PAN_1()
    {
        await using var panel = await PanelDesk.OpenAsync(PanelDesk.With(("accept", "String", "1wd")));

        var why = await panel.Filed.WhyAsync();

        Assert.Equal(("expert_panel", "voting"), why.WaitsFor.Select(w => (w.Kind, w.State!.Code)).Single());
        Assert.Single(why.ByItself, i => i.Kind == "invitation_lapses");
        Assert.Equal("专家评审：5位评审专家可以答复邀请。", why.CanAct.Single(a => a.Ground == "expert").TextZh.Replace("·邀请", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wait_WhenTwoPartiesDraw_ThenBothCanActAndThePanelIsBeingDrawn_R_PAN_1()
    {
        await using var panel = await PanelDesk.OpenAsync(PanelDesk.With(("drawParties", "Object", """["bureau.panel-secretary","bureau.superior"]""")));

        var why = await panel.Filed.WhyAsync("bureau-reviewer-1");

        Assert.Equal("等待“专家评审”：抽取专家。", Assert.Single(why.WaitsFor).TextZh);
        Assert.Equal(["role bureau-superior", "role panel-secretary"], why.Who().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Elsa.Event", "eventName", "confirmed", "event", "等待事件“confirmed”。")]
    [InlineData("Elsa.RunTask", "taskName", "print-certificate", "outside_system", "等待外部系统完成“print-certificate”。")]
    [InlineData("Elsa.Delay", "timeSpan", "1.00:00:00", "timer", "等待“waits”到时，2026年9月22日09:00。")]
    [InlineData("Elsa.DispatchWorkflow", "workflowDefinitionId", "political-work-title", "child_workflow", "等待子流程“waits”结束。")]
    public async Task Wait_WhenForSomethingElseThanPeople_ThenItIsSaidForWhat_R_CASE_9(string type, string input, string value, string kind, string zh)
    {
        await using var desk = await CaseDesk.OpenAsync(Waiting(type, (input, value), ("waitForCompletion", "true")));
        var filed = await desk.SubmittedAsync();

        var why = await filed.WhyAsync();

        Assert.Equal((kind, zh), why.WaitsFor.Select(w => (w.Kind, w.TextZh)).Single());
        Assert.Equal(kind == "timer" ? ["timer 09-22 09:00"] : [], why.When());
    }

    [Fact]
    public async Task Wait_WhenAnActivityFailed_ThenTheOperatorHasToActAndOnlyOfficersLearnTheError_R_CASE_9()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("role", "Literal", "employer.lawyer"), ("organisation", "Input", "EmployerId"), ("whenNobody", "Literal", "incident")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        var (officer, applicant) = (await filed.WhyAsync(One), await filed.WhyAsync());

        var stop = Assert.Single(officer.Stopped);
        Assert.Equal(("incident", "stage", "invalid_input", "operator"), (stop.Kind, stop.Stage, stop.Code, stop.MustAct));
        Assert.Contains("自2026年9月21日09:00停止，须由管理员排除后重试", stop.TextZh, StringComparison.Ordinal);
        Assert.Null(Assert.Single(applicant.Stopped).Code);
        Assert.Empty(officer.CanAct);
    }

    [Fact]
    public async Task Wait_WhenAnIncidentHaltsTheCase_ThenNobodyCanActAndNoTimerRuns_R_CASE_9()
    {
        var definition = JsonNode.Parse(ReviewFlow.Definition())!;
        definition["options"] = new JsonObject { ["incidentStrategyType"] = "Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core" };
        await using var desk = await CaseDesk.OpenAsync(definition.ToJsonString());
        var filed = await desk.SubmittedAsync();
        // The organisation of the next stage is gone, so that it fails as soon as the case comes to it.
        var runtime = desk.Get<WorkflowRuntime>();
        var record = (await runtime.ReadAsync(filed.Id, default))!;
        await runtime.ApplyAsync(new StepRequest { InstanceId = filed.Id, Actor = CaseDesk.Importer, Stimulus = new Stimulus.GiveUp(record.State.Bookmarks[0].Id, "activity_faulted", "given up by a test") }, default);

        var why = await filed.WhyAsync(One);

        Assert.Equal(["incident", "halted"], why.Stopped.Select(s => s.Kind));
        Assert.Empty(why.CanAct);
        Assert.Empty(why.ByItself);
    }

    [Fact]
    public async Task Wait_WhenTheCaseHasEnded_ThenNothingFollows_R_CASE_9()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As(One).Reject(filed, "不符合条件");

        var why = await filed.WhyAsync();

        Assert.False(why.Running);
        Assert.Equal("业务已结束。", why.TextZh);
        Assert.Equal((0, 0, 0, 0), (why.CanAct.Count, why.WaitsFor.Count, why.ByItself.Count, why.Stopped.Count));
    }

    [Fact]
    public async Task Answer_WhenAsked_ThenItTakesOneRoundTripAndSoDoesTheCase_R_CASE_9()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await filed.WhyAsync(One);
        var reader = desk.Get<CaseReader>();

        Assert.Equal(1, await RoundTrips.OfAsync(() => filed.WhyAsync(One)));
        Assert.Equal(1, await RoundTrips.OfAsync(() => filed.Read()));
        Assert.Equal(1, await RoundTrips.OfAsync(() => reader.ReadAsync(desk.As("emp-metro-superior").Caller, filed.Id, default)));
        // What is shown in full is recorded before.
        Assert.Equal(2, await RoundTrips.OfAsync(() => reader.ReadAsync(desk.As(One).Caller, filed.Id, default)));
    }

    /// <summary>A case that comes to one activity and waits there.</summary>
    private static string Waiting(string type, params (string Name, string Value)[] inputs)
    {
        var definition = JsonNode.Parse(StageFlow.Definition())!;
        foreach (var activity in definition["root"]!["activities"]!.AsArray())
            if ((string?)activity!["id"] == "stage")
            {
                activity["type"] = type;
                foreach (var (name, value) in inputs)
                    activity[name] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value == "true" ? true : value } };
            }
        var connections = definition["root"]!["connections"]!.AsArray();
        connections.RemoveAll(c => (string?)c!["source"]!["activity"] == "stage" && (string?)c["source"]!["port"] != "Approve");
        connections.Single(c => (string?)c!["source"]!["activity"] == "stage")!["source"]!["port"] = "Done";
        return definition.ToJsonString().Replace("\"stage\"", "\"waits\"", StringComparison.Ordinal);
    }
}
