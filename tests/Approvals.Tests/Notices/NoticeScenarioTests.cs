using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Notices;

/// <summary>公示 on a real database: what the public sees, and what it may say.</summary>
public sealed class NoticeScenarioTests
{
    [Fact]
    public async Task Notice_WhenPosted_ThenThePublicSeesMaskedDataWithItsHash_R_NOT_1_R_AUD_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();

        var notice = await desk.NoticeAsync();

        Assert.Equal("公示中", await desk.Filed.Status());
        Assert.Equal(("open", "示才公示〔2026〕1号", "政工职评评审结果公示"), (notice.State, notice.Number, notice.Title));
        Assert.Equal([("姓名", "李*例"), ("单位", "示例市城市运行集团有限公司"), ("申报类型", "政工师"), ("评审结果", "评审通过")], notice.Lines.Select(l => (l.Label, l.Text)));
        var shown = NoticeContent.Of(notice.Title!, notice.Lines.Select(l => new NoticeField(l.Label, NoticeFieldKind.Text, l.Text)));
        Assert.Equal(shown.Hash(), notice.Sha256);
        Assert.Equal("", await desk.Desk.Scalar<string>("select coalesce(string_agg(n::text, ''), '') from approvals.notices n where n::text like '%李示例%'"));
        Assert.Contains("notice.opened → applicant-li", await desk.Filed.Told());
        Assert.True((await desk.Desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Objection_WhenDismissed_ThenTheNoticeClosesOnTimeAcrossTheHoliday_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        // Monday 2026-09-21; 中秋节 25 to 27 September: 22, 23, 24, 28, 29.
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), notice.Until);
        await desk.Desk.AdvanceTo("2026-09-22 10:00");

        var number = await desk.Object(notice.Id, "申报材料与事实不符。");
        Assert.Equal("YY-2026-0001", number);
        var task = Assert.Single(await desk.ObjectionTasks());
        var objection = Assert.Single((await desk.Reader.ObjectionsAsync(notice.Id, null, null, desk.Clerk.Caller, default)).Items);
        Assert.Equal(("申报材料与事实不符。", "objector@public.example.org", "open"), (objection.Text, objection.Email, objection.State));
        await desk.Clerk.Decide(task, "dismiss", "经核实，材料属实，异议不成立。");
        await PanelDesk.DeliverAsync(desk.Desk);
        var reply = Assert.Single(desk.Desk.Sent, m => m.To == "objector@public.example.org");
        Assert.Contains("经核实，材料属实，异议不成立。", reply.Text, StringComparison.Ordinal);
        Assert.Contains(number, reply.Text, StringComparison.Ordinal);

        await desk.Desk.AdvanceTo("2026-09-29 23:59");
        Assert.Equal("公示中", await desk.Filed.Status());
        await desk.Desk.AdvanceTo("2026-09-30 00:00");

        Assert.Equal("已办结", await desk.Filed.Status());
        var told = await desk.Filed.Told();
        Assert.Contains("notice.objection_received → notice-clerk", told);
        Assert.Contains("notice.closed → applicant-li", told);
        Assert.Contains("case.completed → applicant-li", told);
    }

    [Fact]
    public async Task Notice_WhenPostedBeforeTheNationalHoliday_ThenTheHolidayIsntCounted_R_NOT_1_R_REV_4()
    {
        await using var panel = await PanelDesk.OpenAsync();
        await panel.Desk.AdvanceTo("2026-09-29 10:00");
        await panel.Cast("pass", "pass", "pass", "pass", "pass");
        var desk = new NoticeDesk(panel.Desk, panel.Filed);

        var notice = await desk.NoticeAsync();

        // 30 September, 8 and 9 October, Saturday 10 (worked for 国庆), Monday 12.
        Assert.Equal(CaseDesk.Local("2026-10-13 00:00"), notice.Until);
        await desk.Desk.AdvanceTo("2026-10-12 23:59");
        Assert.Equal("公示中", await desk.Filed.Status());
        await desk.Desk.AdvanceTo("2026-10-13 00:00");
        Assert.Equal("已办结", await desk.Filed.Status());
    }

    [Fact]
    public async Task Objection_WhenUpheld_ThenTheNoticeEndsAndTheBureauReviewsAgain_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        await desk.Object(notice.Id);
        await desk.Object(notice.Id, from: "203.0.113.8", contact: "13900000000");
        var tasks = await desk.ObjectionTasks();

        await desk.Clerk.Decide(tasks[0], "uphold", "经核实，部分材料不实。");
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Equal(("市局审核", "审核中"), ((await desk.Filed.Waiting()).Name, await desk.Filed.Status()));
        Assert.Empty((await desk.Reader.ListAsync(null, null, default)).Items);
        Assert.Equal("upheld", (await desk.Reader.ReadAsync(notice.Id, null, null, default)).State);
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => desk.Clerk.Decide(tasks[1], "dismiss", "不成立")));
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => desk.Object(notice.Id)));
    }

    [Fact]
    public async Task Objection_WhenUndecidedAtTheClose_ThenTheCaseWaitsAndNothingMoreIsTakenIn_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        await desk.Object(notice.Id);

        await desk.Desk.AdvanceTo("2026-09-30 10:00");
        Assert.Equal(("公示中", "over"), (await desk.Filed.Status(), (await desk.Reader.ReadAsync(notice.Id, null, null, default)).State));
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => desk.Object(notice.Id)));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(async () => await desk.Clerk.Decide((await desk.ObjectionTasks())[0], "dismiss", null)));
        await desk.Clerk.Decide((await desk.ObjectionTasks())[0], "dismiss", "异议不成立");

        Assert.Equal("已办结", await desk.Filed.Status());
    }

    [Fact]
    public async Task Notice_WhenNoNodeRanAtItsEnd_ThenItIsShownForAnotherWorkingDay_R_NOT_1_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();

        await desk.Desk.DownUntil("2026-09-30 09:00");

        // 1 to 7 October are off.
        var again = await desk.NoticeAsync();
        Assert.Equal((CaseDesk.Local("2026-10-09 00:00"), notice.Sha256, notice.Title), (again.Until, again.Sha256, again.Title));
        Assert.Equal(notice.Lines, again.Lines);
        Assert.Contains(await desk.Filed.History(), h => h.Details?.GetRawText().Contains("notice extended", StringComparison.Ordinal) == true);
        Assert.Equal(notice.Lines, (await desk.Reader.ReadAsync(notice.Id, CaseDesk.Local("2026-09-29 23:00"), desk.Clerk.Caller, default)).Lines);
        Assert.Empty((await desk.Reader.ReadAsync(notice.Id, CaseDesk.Local("2026-09-30 08:00"), desk.Clerk.Caller, default)).Lines);
        Assert.Equal(notice.Lines, (await desk.Reader.ReadAsync(notice.Id, CaseDesk.Local("2026-09-30 09:00"), desk.Clerk.Caller, default)).Lines);
        await desk.Object(notice.Id);
        await desk.Clerk.Decide(Assert.Single(await desk.ObjectionTasks()), "dismiss", "异议不成立");

        await desk.Desk.AdvanceTo("2026-10-08 23:59");
        Assert.Equal("公示中", await desk.Filed.Status());
        await desk.Desk.AdvanceTo("2026-10-09 00:00");
        Assert.Equal("已办结", await desk.Filed.Status());
    }

    [Fact]
    public async Task Objection_WhenNobodyDecidesIt_ThenItsLadderRunsStepByStep_R_NOT_1_R_REV_5()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        await desk.Object(notice.Id);
        await desk.Object(notice.Id, from: "203.0.113.8");
        var (first, second) = (await desk.ObjectionTasks()) is [var a, var b] ? (a, b) : throw new InvalidOperationException();
        await desk.Clerk.Decide(second, "dismiss", "异议不成立");

        // Due at 24:00 of 29 September; 1 to 7 October are off. It is said when the office is open.
        await desk.Desk.AdvanceTo("2026-09-29 09:01");
        Assert.Contains("task.reminder → notice-clerk", await desk.Filed.Told());
        await desk.Desk.AdvanceTo("2026-09-30 09:01");
        Assert.Contains("task.overdue → notice-clerk", await desk.Filed.Told());
        await desk.Desk.AdvanceTo("2026-10-08 09:01");
        Assert.Contains("task.escalated → bureau-superior", await desk.Filed.Told());
        await desk.Desk.AdvanceTo("2026-10-09 09:01");
        Assert.Contains("task.reassigned → bureau-superior", await desk.Filed.Told());
        Assert.Contains(desk.Desk.Sent, m => m.Text.Contains("异议处理由陈样本改派孙范本", StringComparison.Ordinal));
        Assert.Empty(await desk.ObjectionTasks());
        // The decided one was nobody's concern any more.
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.messages where event = 'task.reminder' and channel = 'email'"));

        await desk.Desk.As("bureau-superior").Decide(first, "dismiss", "异议不成立");
        Assert.Equal("已办结", await desk.Filed.Status());
    }

    [Fact]
    public async Task Objections_WhenManyComeAtOnce_ThenEachHasItsTask_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();

        var numbers = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => desk.Object(notice.Id, from: $"198.51.100.{i}")));

        Assert.Equal(6, numbers.Distinct().Count());
        Assert.Equal(6, (await desk.ObjectionTasks()).Length);
    }

    [Fact]
    public async Task Objection_WhenTheSameIsSentAgain_ThenItIsOneAndHasItsNumber_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();

        var numbers = await Task.WhenAll(Enumerable.Range(1, 4).Select(_ => desk.Object(notice.Id, "工作年限不足。")));
        var again = await desk.Object(notice.Id, "工作年限不足。", from: "198.51.100.9");

        Assert.Equal(again, Assert.Single(numbers.Distinct()));
        Assert.Single(await desk.ObjectionTasks());
        Assert.NotEqual(again, await desk.Object(notice.Id, "工作年限不足。", "13900000000", from: "198.51.100.9"));
    }

    [Fact]
    public async Task Objections_WhenSomebodyElseOfTheOfficeAsks_ThenWhoObjectedIsntShown_R_NOT_1_R_AUD_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        await desk.Object(notice.Id);
        var clerk = desk.Clerk.Caller;

        Assert.Equal("白路人", Assert.Single((await desk.Reader.ObjectionsAsync(notice.Id, null, null, clerk, default)).Items).Name);
        foreach (var other in (Talent.Workflows.Approvals.People.Caller[])[desk.Desk.As("bureau-reviewer-1").Caller, desk.Filed.Applicant.Caller,
            clerk with { Roles = new HashSet<string> { "bureau.reviewer" } }, clerk with { Services = new HashSet<string> { "another" } }])
            Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Reader.ObjectionsAsync(notice.Id, null, null, other, default)));
    }

    [Fact]
    public async Task Objections_WhenOneAddressSendsMany_ThenItIsLimited_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        for (var i = 0; i < NoticeCommands.PerAddress; i++)
            await desk.Object(notice.Id, contact: $"objector-{i}@public.example.org", from: "2001:db8:1:2::1");

        Assert.Equal(ErrorCodes.RateLimited, await PanelDesk.Code(() => desk.Object(notice.Id, from: "2001:db8:1:2::ffff"))); // the same /64
        await desk.Object(notice.Id, from: "2001:db8:1:3::1");
        Assert.Equal(NoticeCommands.PerAddress + 1, (await desk.ObjectionTasks()).Length);
    }

    [Fact]
    public async Task Objections_WhenManyAddressesFloodANotice_ThenARealObjectorIsStillHeard_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        // What a flood of five hundred leaves behind.
        await desk.Desk.Execute("insert into approvals.objection_attempts (key, day, count) select sha256(i::text::bytea), (now() at time zone 'utc')::date, 500 from generate_series(1, 500) i");
        for (var i = 0; i < NoticeCommands.PerPerson; i++)
            await desk.Object(notice.Id, from: "198.51.100.1", contact: "victim@public.example.org");

        // The same person from there has said enough; somebody else there hasn't, and neither has the person elsewhere.
        Assert.Equal(ErrorCodes.RateLimited, await PanelDesk.Code(() => desk.Object(notice.Id, from: "198.51.100.1", contact: "Victim@public.example.org")));
        await desk.Object(notice.Id, from: "198.51.100.1");
        await desk.Object(notice.Id, from: "198.51.100.2", contact: "victim@public.example.org");
        for (var i = 0; i < 210; i++)
            await desk.Desk.Execute($"insert into approvals.objection_attempts (key, day, count) values (sha256('{notice.Id}{i}'::bytea), (now() at time zone 'utc')::date, 1)");
        await desk.Object(notice.Id, from: "198.51.100.3");
        Assert.Equal(NoticeCommands.PerPerson + 3, (await desk.ObjectionTasks()).Length);
    }

    [Theory]
    [InlineData("not-a-contact", "有异议", "phone_format")]
    [InlineData("a@b", "有异议", "email_format")]
    [InlineData("a@b.example.org", " ", "objection_statement")]
    public async Task Objection_WhenItCantBeAnswered_ThenItIsRefused_R_NOT_1(string contact, string text, string code)
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.Object(notice.Id, text, contact));

        Assert.Equal((ErrorCodes.InvalidForm, code), (refused.Code, (string?)refused.Facts["fault"]));
        Assert.Empty(await desk.ObjectionTasks());
    }

    [Fact]
    public async Task Objection_WhenTakenIn_ThenWhoAndWhatStaysOutOfTheEngine_R_AUD_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        await desk.Object((await desk.NoticeAsync()).Id, "independentword 不实", "13900000000");
        await PanelDesk.DeliverAsync(desk.Desk);

        foreach (var table in (string[])["engine.instances", "engine.journal", "engine.outbox", "engine.receipts", "approvals.audit", "approvals.tasks", "approvals.objection_attempts"])
        {
            var rows = await desk.Desk.Scalar<string>($"select coalesce(string_agg(to_jsonb(t)::text, ''), '') from {table} t");
            foreach (var word in (string[])["independentword", "13900000000", "白路人", "203.0.113.7"])
            {
                Assert.DoesNotContain(word, rows, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(word)), rows, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Notice_WhenItIsOver_ThenOnlyTheOfficeCanSeeWhatWasShown_R_NOT_2_R_AUD_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        var during = CaseDesk.Local("2026-09-23 12:00");
        await desk.Desk.AdvanceTo("2026-10-09 10:00");

        var after = await desk.Reader.ReadAsync(notice.Id, null, null, default);
        Assert.Equal(("concluded", 0, notice.Number, notice.Sha256), (after.State, after.Lines.Count, after.Number, after.Sha256));
        var shown = await desk.Reader.ReadAsync(notice.Id, during, desk.Clerk.Caller, default);
        Assert.Equal(notice.Lines, shown.Lines);
        Assert.Empty((await desk.Reader.ReadAsync(notice.Id, CaseDesk.Local("2026-10-09 09:00"), desk.Clerk.Caller, default)).Lines);
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Reader.ReadAsync(notice.Id, during, null, default)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Reader.ReadAsync(notice.Id, during, desk.Filed.Applicant.Caller, default)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Reader.ObjectionsAsync(notice.Id, null, null, desk.Filed.Applicant.Caller, default)));
    }

    [Fact]
    public async Task Case_WhenCancelledDuringItsNotice_ThenTheNoticeIsTakenDown()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        await desk.Object(notice.Id);

        await desk.Desk.Get<Runtime.Instances.WorkflowRuntime>().CancelAsync(desk.Filed.Id, "test", CaseDesk.Importer, default);

        Assert.Empty((await desk.Reader.ListAsync(null, null, default)).Items);
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.tasks where status < 2"));
        // The case has ended with its workflow, for the reason given, and the audit says so.
        var view = await desk.Desk.Get<CaseReader>().ReadAsync(desk.Filed.Applicant.Caller, desk.Filed.Id, default);
        Assert.Equal(("cancelled", "test", true), (view.Status.Code, view.EndReason, view.EndedAt is not null));
        Assert.Equal("cancelled", (await desk.Desk.Get<CaseReader>().HistoryAsync(desk.Filed.Applicant.Caller, desk.Filed.Id, default))[^1].ToStatus);
    }
}
