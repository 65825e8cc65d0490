using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Clocks;

/// <summary>The legal clock of cases on a real database. Submitted on Monday 2026-09-21; 中秋 (25th) and 国庆 (1 to 7 October) are off, 10 October is worked.</summary>
public sealed class CaseClockScenarioTests
{
    [Fact]
    public async Task Clock_WhenStoppedAndExtended_ThenTheLedgerAndThePromiseSayItAll_R_REV_4()
    {
        await using var desk = await CaseDesk.OpenAsync(Extendable, Terms("""{ "marks": { "yellow": "80%" } }""", "20wd+10wd"));
        var filed = await desk.SubmittedAsync();
        var (reviewer, superior, commands) = (desk.As("emp-metro-reviewer-1"), desk.As("emp-metro-superior"), desk.Get<ClockCommands>());
        Assert.Equal((Recount.End(desk.Now, 20, []), false), ((await filed.Read()).Promise!.DueAt, (await filed.Read()).Promise!.Provisional));

        // 补正: two days are used, and the applicant takes from the 23rd to 12 October.
        await desk.AdvanceTo("2026-09-23 10:00");
        await reviewer.Return(filed, "请补充证明");
        Assert.Equal("supplement", (await Clock(filed)).StoppedBy!.Code);
        await desk.AdvanceTo("2026-10-12 10:00");
        await filed.Supplement(filed.Sample.Correction!.Data);
        Assert.Equal(new DateOnly(2026, 11, 5), (await filed.Read()).Promise!.Date);
        Assert.Equal(CaseDesk.Local("2026-10-16 00:00"), (await filed.Waiting()).DueAt);

        // 听证 from the 13th to the 15th, entered by who deals with the case, by a document.
        await desk.AdvanceTo("2026-10-13 10:00");
        await Assert.ThrowsAsync<WorkflowException>(() => commands.StopAsync(reviewer.Caller, filed.Id, "hearing", null, null, null, null, default));
        await Assert.ThrowsAsync<WorkflowException>(() => commands.StopAsync(desk.As("unit-assets-reviewer-1").Caller, filed.Id, "hearing", null, "听证通知书1号", null, null, default));
        var pause = await commands.StopAsync(reviewer.Caller, filed.Id, "hearing", null, "听证通知书1号", "申报人要求听证", null, default);
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => commands.StopAsync(reviewer.Caller, filed.Id, "appraisal", null, "鉴定函2号", null, null, default))).Code);
        await desk.AdvanceTo("2026-10-15 10:00");
        Assert.DoesNotContain("task.reminder → emp-metro-reviewer-1", await filed.Told());
        await commands.RunOnAsync(reviewer.Caller, filed.Id, pause, null, default);
        Assert.Contains("clock.paused → applicant-li", await filed.Told());
        Assert.Equal(CaseDesk.Local("2026-10-20 00:00"), (await filed.Waiting()).DueAt);

        // 延期: asked for once, granted by a second pair of eyes.
        var asked = await commands.AskAsync(reviewer.Caller, filed.Id, "employer-review", "需要核实境外经历", "延期审批表3号", null, default);
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => commands.AskAsync(reviewer.Caller, filed.Id, "employer-review", "再次", null, null, default))).Code);
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => commands.DecideAsync(reviewer.Caller, filed.Id, asked, true, "同意", null, default))).Code);
        await commands.DecideAsync(superior.Caller, filed.Id, asked, true, "情况属实，同意", null, default);
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => commands.DecideAsync(superior.Caller, filed.Id, asked, true, "同意", null, default))).Code);
        Assert.Equal(CaseDesk.Local("2026-10-23 00:00"), (await filed.Waiting()).DueAt);
        var total = await commands.AskAsync(reviewer.Caller, filed.Id, "total", "材料核查复杂", null, null, default);
        await commands.DecideAsync(superior.Caller, filed.Id, total, true, "同意", null, default);
        Assert.Contains("limit.extended → applicant-li", await filed.Told());
        Assert.Contains("extension.asked → emp-metro-superior", await filed.Told());

        var clock = await Clock(filed);
        Assert.Equal([("supplement", "stage"), ("supplement", "total"), ("hearing", "stage,total")], clock.Pauses.Select(p => (p.Ground.Code, string.Join(',', p.Limits))).Order().OrderByDescending(p => p.Code));
        Assert.Equal(("听证通知书1号", "申报人要求听证", "emp-metro-reviewer-1"), clock.Pauses.Where(p => p.Id == pause).Select(p => (p.Document, p.Reason, p.By)).Single());
        Assert.Equal(["granted", "granted"], clock.Extensions.Select(e => e.Status.Code));
        Assert.Equal((true, 30), (clock.Total!.Extended, clock.Total.Counted.Of));
        Assert.Equal(Recount.End(CaseDesk.Local("2026-09-21 09:00"), 30, clock.Pauses.Where(p => p.Limits.Contains("total")).Select(p => (p.From, p.To!.Value))), clock.Total.DueAt);
        Assert.Contains("听证（2026年10月13日至2026年10月15日）", clock.Total.Zh, StringComparison.Ordinal);
        Assert.Equal(["task.decided", "case.supplemented", "clock.stopped", "clock.resumed", "extension.asked", "extension.granted", "extension.asked", "extension.granted"], (await filed.History()).Skip(3).Select(h => h.Action));
    }

    [Fact]
    public async Task Marks_WhenNobodyActsInTime_ThenEachIsEnteredOnceAndTheSuperiorToldInOfficeHours_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: Terms("""{ "marks": { "yellow": "80%" } }""", "8wd"));
        var filed = await desk.SubmittedAsync();
        var watch = desk.Get<ClockWatch>();

        await desk.AdvanceTo("2026-09-29 10:00");
        Assert.Equal(["yellow stage"], await Marks(filed));
        await desk.AdvanceTo("2026-09-30 00:01");
        Assert.Equal(["yellow stage", "red stage"], await Marks(filed));
        Assert.DoesNotContain("mark.red → emp-metro-superior", await filed.Told());
        await desk.AdvanceTo("2026-09-30 09:01");
        Assert.Contains("mark.red → emp-metro-superior", await filed.Told());

        // Eight days: 80 % are used up with the seventh, 8 October; the limit ends on the 9th. Two nodes look at once.
        await desk.AdvanceTo("2026-10-09 09:01");
        Assert.Equal(1, (await Task.WhenAll(watch.RunDueAsync(default), watch.RunDueAsync(default))).Sum());
        await desk.AdvanceTo("2026-10-10 09:01");
        await watch.RunDueAsync(default);
        Assert.Equal(0, await watch.RunDueAsync(default));
        Assert.Equal(["yellow stage", "red stage", "yellow total", "red total"], await Marks(filed));
        Assert.Equal(4L, await desk.Scalar<long>("select count(*) from approvals.marks"));

        var overseen = await desk.Get<MarkReader>().ListAsync(desk.As("emp-metro-superior").Caller, "red", null, null, null, 1, default);
        Assert.Equal(("total", "红牌", 1), (overseen.Items[0].Limit, overseen.Items[0].Colour.Zh, overseen.Items.Count));
        Assert.Equal("stage", Assert.Single((await desk.Get<MarkReader>().ListAsync(desk.As("emp-metro-superior").Caller, "red", null, null, overseen.Next, 1, default)).Items).Limit);
        Assert.Empty((await desk.Get<MarkReader>().ListAsync(filed.Applicant.Caller, null, null, null, null, 50, default)).Items);
        Assert.Contains(await filed.History(), h => h.Action == "clock.fell_due" && h.Details!.Value.GetRawText().Contains("red", StringComparison.Ordinal));

        async Task<IEnumerable<string>> Marks(FiledCase of) => (await Clock(of)).Marks.Select(m => $"{m.Colour.Code} {m.Limit}");
    }

    [Fact]
    public async Task Mark_WhenNoNodeRanAtTheDeadlineAndTheTaskIsDecidedLate_ThenItIsEnteredAllTheSame_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: Terms("""{ "marks": { "yellow": "80%" } }""", "5wd"));
        var filed = await desk.SubmittedAsync();

        desk.Time.SetTo(CaseDesk.Local("2026-09-30 08:00"));
        await desk.As("emp-metro-reviewer-1").Reject(filed, "不符合条件");

        Assert.Equal([("red", "stage"), ("red", "total")], (await Clock(filed)).Marks.Select(m => (m.Colour.Code, m.Limit)).OrderBy(m => m.Limit));
        Assert.Equal(0, await desk.Get<ClockWatch>().RunDueAsync(default));
    }

    [Fact]
    public async Task Correction_WhenItIsAskedForLateOrAgain_ThenRefused_AndTheCaseCountsAsAccepted_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: Terms("""{ "corrections": { "rounds": 1, "toldWithin": "5wd" } }""", null));
        var (late, returned, decided) = (await desk.SubmittedAsync(), await desk.SubmittedAsync(), await desk.SubmittedAsync());
        var reviewer = desk.As("emp-metro-reviewer-1");
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), (await Clock(late)).AcceptBy);
        await reviewer.Approve(decided);
        await reviewer.Return(returned, "请补充证明");
        await returned.Supplement(returned.Sample.Correction!.Data);

        var again = await Assert.ThrowsAsync<WorkflowException>(() => reviewer.Return(returned, "仍缺一页"));
        Assert.Equal((ErrorCodes.WrongState, "correction_rounds", 1), (again.Code, again.Facts!["reason"], again.Facts["allowed"]));

        await desk.AdvanceTo("2026-09-30 09:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), (await Clock(late)).AcceptedAt);
        Assert.Contains("case.accepted → applicant-li", await late.Told());
        Assert.Null((await Clock(decided)).AcceptedAt);
        Assert.Null((await Clock(returned)).AcceptedAt);
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => reviewer.Return(late, "请补充证明"));
        Assert.Equal((ErrorCodes.WrongState, "deemed_accepted"), (refused.Code, refused.Facts!["reason"]));
        await reviewer.Approve(late);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.case_clocks where next_at is not null"));
    }

    [Fact]
    public async Task Correction_WhenItIsntHandedInInTime_ThenTheCaseIsClosedWithTheReason_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "请补充证明");

        await desk.AdvanceTo("2026-10-15 00:00");

        var view = await filed.Read();
        Assert.Equal(("未通过", "逾期未补正或未完善材料"), (view.Status.Zh, view.EndReason));
    }

    [Fact]
    public async Task Calendar_WhenTheNewYearsArrives_ThenOpenDeadlinesMoveOnceAndClosedOnesDont_R_REV_4()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: Terms("{}", "8wd"));
        await desk.AdvanceTo("2026-12-28 10:00");
        var (open, corrected, closed) = (await desk.SubmittedAsync(), await desk.SubmittedAsync(), await desk.SubmittedAsync());
        await desk.As("emp-metro-reviewer-1").Reject(closed, "不符合条件");
        await desk.As("emp-metro-reviewer-1").Return(corrected, "请补充证明");
        // 29, 30, 31 December, 4 and 5 January; what 2027 brings isn't known yet.
        Assert.Equal((CaseDesk.Local("2027-01-06 00:00"), true), ((await open.Waiting()).DueAt, (await open.Waiting()).DueProvisional));
        Assert.Equal(0, await desk.Get<CalendarRevision>().RunAsync(default));

        using var one = await desk.AnotherAsync(NewYear);
        using var two = await desk.AnotherAsync(NewYear);
        Assert.Equal(2, (await Task.WhenAll(Revise(one), Revise(two))).Sum());

        // The notice makes 4 January a day off.
        Assert.Equal((CaseDesk.Local("2027-01-07 00:00"), false), ((await open.Waiting()).DueAt, (await open.Waiting()).DueProvisional));
        Assert.Equal(CaseDesk.Local("2027-01-14 00:00"), (await corrected.Waiting()).DueAt);
        Assert.Contains("deadline.moved → emp-metro-reviewer-1", await open.Told());
        Assert.Contains("deadline.moved → applicant-li", await open.Told());
        var changes = (await Clock(open)).Changes;
        Assert.Equal([("stage", CaseDesk.Local("2027-01-06 00:00"), CaseDesk.Local("2027-01-07 00:00")), ("total", CaseDesk.Local("2027-01-09 00:00"), CaseDesk.Local("2027-01-12 00:00"))],
            changes.Select(c => (c.Limit, c.OldDueAt, c.NewDueAt)).OrderBy(c => c.Limit));
        Assert.All(changes, c => Assert.StartsWith("cn-2027.", c.Calendar, StringComparison.Ordinal));
        Assert.Empty((await Clock(closed)).Changes);

        // Nothing is left to do, and the node with the earlier calendar moves nothing back. What it opens meanwhile is found.
        Assert.Equal(0, await Revise(one) + await Revise(two) + await desk.Get<CalendarRevision>().RunAsync(default));
        await desk.AdvanceTo("2026-12-28 11:00");
        await desk.SubmittedAsync();
        Assert.Equal((1, 0), (await Revise(two), await Revise(one)));

        static Task<int> Revise(Microsoft.Extensions.Hosting.IHost node) => node.Services.GetRequiredService<CalendarRevision>().RunAsync(default);

        static void NewYear(string folder)
        {
            var file = Path.Combine(folder, "calendars", "cn-2027.json");
            var year = JsonNode.Parse(File.ReadAllText(file))!;
            year["status"] = "official";
            year["daysOff"]![0]!["to"] = "2027-01-04";
            File.WriteAllText(file, year.ToJsonString());
        }
    }

    [Fact]
    public async Task Region_WhenItHasDaysOfItsOwn_ThenTheCasesThereCountByThem_R_REV_4()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: folder => File.WriteAllText(Path.Combine(folder, "..", "calendars", "region-110000.json"),
            """{ "region": "110000", "daysOff": [ { "name": "地方节日", "from": "2026-09-22", "to": "2026-09-22" }, { "name": "地方节日", "from": "2026-10-08", "to": "2026-10-08" } ], "makeUpWorkdays": [] }"""));
        await desk.Execute("update approvals.organisations set region = '110105'");

        var filed = await desk.SubmittedAsync();

        Assert.Equal(CaseDesk.Local("2026-10-01 00:00"), (await filed.Waiting()).DueAt);
        // The 23rd, 24th, 28th, 29th and 30th: the 22nd is a day off there, and only there.
        var remaining = (await filed.Waiting()).Remaining!;
        Assert.Equal((5, "剩余 5 个工作日"), (remaining.Workdays, remaining.Zh));
        Assert.Equal(5, Assert.Single(await desk.As("emp-metro-reviewer-1").Inbox("candidates")).Remaining!.Workdays);
        await desk.AdvanceTo("2026-10-09 12:00");
        await desk.Deliver();
        Assert.Contains("已逾期1个工作日", await desk.Scalar<string>("select text from approvals.inbox where event = 'task.overdue' and user_id = 'emp-metro-reviewer-1'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recall_WhenTheClockStoodStillByHandAndWasExtended_ThenTheLimitIsWhatItWas_R_REV_7_R_REV_4()
    {
        await using var desk = await CaseDesk.OpenAsync(Extendable, Terms("""{ "marks": { "yellow": "80%" } }""", "20wd+10wd"));
        var filed = await desk.SubmittedAsync();
        var (reviewer, commands) = (desk.As("emp-metro-reviewer-1"), desk.Get<ClockCommands>());
        // A correction and a hearing, each two working days; three more are granted.
        await reviewer.Return(filed, "请补充证明");
        await desk.AdvanceTo("2026-09-23 10:00");
        await filed.Supplement(filed.Sample.Correction!.Data);
        var pause = await commands.StopAsync(reviewer.Caller, filed.Id, "hearing", null, "听证通知书1号", null, null, default);
        await desk.AdvanceTo("2026-09-28 10:00");
        await commands.RunOnAsync(reviewer.Caller, filed.Id, pause, null, default);
        var asked = await commands.AskAsync(reviewer.Caller, filed.Id, "employer-review", "需要核实境外经历", null, null, default);
        await commands.DecideAsync(desk.As("emp-metro-superior").Caller, filed.Id, asked, true, "情况属实，同意", null, default);
        var before = await filed.Waiting();
        await reviewer.Approve(filed);

        await desk.Get<RecallCommands>().RecallAsync(reviewer.Caller, before.TaskId, null, default);

        var again = await filed.Waiting();
        Assert.Equal((before.Name, before.DueAt), (again.Name, again.DueAt));
        // It was extended, and isn't a second time.
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => commands.AskAsync(reviewer.Caller, filed.Id, "employer-review", "再次", null, null, default))).Code);
    }

    [Fact]
    public async Task Recall_WhenItIsOfAReturn_ThenTheRoundDoesNotCount_R_REV_7_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: Terms("""{ "corrections": { "rounds": 1, "toldWithin": "5wd" } }""", null));
        var filed = await desk.SubmittedAsync();
        var reviewer = desk.As("emp-metro-reviewer-1");
        var task = (await filed.Waiting()).TaskId;
        await reviewer.Return(filed, "请补充证明");

        await desk.Get<RecallCommands>().RecallAsync(reviewer.Caller, task, null, default);

        // Nobody has returned it: it counts as accepted when the time for that is over.
        await desk.AdvanceTo("2026-09-30 09:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), (await Clock(filed)).AcceptedAt);
        var second = await desk.SubmittedAsync();
        task = (await second.Waiting()).TaskId;
        await reviewer.Return(second, "请补充证明");
        await desk.Get<RecallCommands>().RecallAsync(reviewer.Caller, task, null, default);
        await reviewer.Return(second, "请补充任职证明");
        Assert.Equal("补正", (await second.Waiting()).Name);
    }

    [Fact]
    public async Task Correction_WhenNoNodeRanAtItsDeadline_ThenTheNextWorkingDayIsThatOfTheCity_R_REV_3_R_REV_4()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: folder => File.WriteAllText(Path.Combine(folder, "..", "calendars", "region-119900.json"),
            """{ "region": "119900", "daysOff": [ { "name": "地方节日", "from": "2026-10-14", "to": "2026-10-14" } ], "makeUpWorkdays": [] }"""));
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "请补充证明");
        Assert.Equal(CaseDesk.Local("2026-10-13 00:00"), (await filed.Waiting()).DueAt);

        await desk.DownUntil("2026-10-13 09:00");

        // The 14th is off there; the country would have it end with that day.
        Assert.Equal(CaseDesk.Local("2026-10-16 00:00"), (await filed.Waiting()).DueAt);
        Assert.StartsWith("cn-2026-119900.", await desk.Scalar<string>("select calendar from approvals.tasks where status < 2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_WhenItIsGivenUpAfterARecall_ThenItsLimitBeginsAnew_R_REV_4_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        var unit = desk.As("unit-assets-reviewer-1");
        var task = (await filed.Waiting()).TaskId;
        await unit.Approve(filed);
        await desk.Get<RecallCommands>().RecallAsync(unit.Caller, task, null, default);
        var jump = await desk.Get<JumpCommands>().AskAsync(Administrator("bureau-superior"), filed.Id, "employer-review", "须由用人单位重新审核", null, null, default);
        await desk.Get<JumpCommands>().ConfirmAsync(Administrator("bureau-reviewer-1"), filed.Id, jump.Id, null, default);

        await desk.AdvanceTo("2026-09-23 10:00");
        await desk.As("emp-metro-reviewer-1").Approve(filed);

        Assert.Equal(("归口单位审核", Recount.End(desk.Now, 5, [])), ((await filed.Waiting()).Name, (await filed.Waiting()).DueAt!.Value));

        Approvals.People.Caller Administrator(string user) => desk.As(user).Caller with { Scopes = new HashSet<string> { "admin", "cases" } };
    }

    private static string Extendable => ReviewFlow.Definition().Replace("\"5wd\"", "\"5wd+3wd\"", StringComparison.Ordinal);

    private static Task<CaseClockView> Clock(FiledCase filed) => filed.Desk.Get<ClockReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default);

    private static Action<string> Terms(string clock, string? total) => folder =>
    {
        var file = Path.Combine(folder, "service.json");
        var service = JsonNode.Parse(File.ReadAllText(file))!;
        service["clock"] = JsonNode.Parse(clock);
        if (total is not null)
            service["totalLimit"] = total;
        File.WriteAllText(file, service.ToJsonString());
    };
}
