using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Notices;

/// <summary>更正 and 延长 of a notice that is up.</summary>
public sealed class NoticeChangeTests
{
    [Fact]
    public async Task Correction_WhenTheRuleIsToRestart_ThenAnotherEditionIsUpForAllItsWorkingDays_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var before = await desk.NoticeAsync();
        await desk.Object(before.Id);
        await desk.Desk.AdvanceTo("2026-09-23 10:00");

        await desk.Correct(before.Id, "单位名称有误，联系人13800138000", ("单位", "示例市水务集团有限公司"));

        // 24, 28, 29, 30 September and 8 October.
        var after = await desk.NoticeAsync();
        Assert.Equal((CaseDesk.Local("2026-10-09 00:00"), before.Number), (after.Until, after.Number));
        Assert.Equal([("姓名", "李*例"), ("单位", "示例市水务集团有限公司"), ("申报类型", "政工师"), ("评审结果", "评审通过")], after.Lines.Select(l => (l.Label, l.Text)));
        Assert.NotEqual(before.Sha256, after.Sha256);
        Assert.Equal(NoticeContent.Of(after.Title!, after.Lines.Select(l => new NoticeField(l.Label, NoticeFieldKind.Text, l.Text))).Hash(), after.Sha256);
        Assert.Equal([(NoticeChange.Posted, before.Sha256, null), (NoticeChange.Corrected, after.Sha256, "单位名称有误，联系人***")], after.Editions.Select(e => (e.Change, e.Sha256, e.Reason)));
        Assert.Single(await desk.ObjectionTasks());
        Assert.Contains("notice.changed → applicant-li", await desk.Filed.Told());
        var entry = (await desk.Filed.History()).Single(h => h.Action == "notice.corrected");
        Assert.Contains(after.Sha256, entry.Details!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.True((await desk.Desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);

        await desk.Clerk.Decide((await desk.ObjectionTasks())[0], "dismiss", "异议不成立");
        await desk.Desk.AdvanceTo("2026-10-08 23:59");
        Assert.Equal("公示中", await desk.Filed.Status());
        await desk.Desk.AdvanceTo("2026-10-09 00:00");
        Assert.Equal("已办结", await desk.Filed.Status());
    }

    [Theory]
    [InlineData("keep", "2026-09-30 00:00")]
    [InlineData("extend", "2026-10-09 00:00")]
    public async Task Correction_WhenTheRuleIsAnother_ThenTheEndIsAsItSays_R_NOT_2(string correction, string until)
    {
        await using var desk = await NoticeDesk.OpenAsync(("correction", correction), ("correctionWorkdays", 2));
        var before = await desk.NoticeAsync();

        await desk.Correct(before.Id, "单位名称有误", ("单位", "示例市水务集团有限公司"));

        var after = await desk.NoticeAsync();
        Assert.Equal(CaseDesk.Local(until), after.Until);
        Assert.NotEqual(before.Sha256, after.Sha256);
        await desk.Desk.AdvanceTo(CaseDesk.Local(until).AddHours(8).AddMinutes(-1).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("公示中", await desk.Filed.Status());
        await desk.Desk.AdvanceTo(until);
        Assert.Equal("已办结", await desk.Filed.Status());
    }

    [Fact]
    public async Task Correction_WhenItRestartsANoticeThatWasExtendedFarther_ThenItDoesntCloseSooner_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        await desk.Extend(notice.Id, 10);
        var announced = (await desk.NoticeAsync()).Until;

        await desk.Correct(notice.Id, "单位名称有误", ("单位", "示例市水务集团有限公司"));

        Assert.Equal(announced, (await desk.NoticeAsync()).Until);
    }

    [Fact]
    public async Task Editions_WhenTheOfficeAsksForAnInstant_ThenItSeesWhatWasShownThen_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var before = await desk.NoticeAsync();
        await desk.Desk.AdvanceTo("2026-09-23 10:00");
        await desk.Correct(before.Id, "单位名称有误", ("单位", "示例市水务集团有限公司"));
        var after = await desk.NoticeAsync();
        await desk.Desk.AdvanceTo("2026-10-12 10:00");

        var then = await desk.Reader.ReadAsync(before.Id, CaseDesk.Local("2026-09-23 09:59"), desk.Clerk.Caller, default);
        var later = await desk.Reader.ReadAsync(before.Id, CaseDesk.Local("2026-09-23 10:00"), desk.Clerk.Caller, default);

        Assert.Equal((before.Sha256, before.Until), (then.Sha256, then.Until));
        Assert.Equal(before.Lines, then.Lines);
        Assert.Equal((after.Sha256, after.Until), (later.Sha256, later.Until));
        Assert.Equal(after.Lines, later.Lines);
        // The public keeps the hashes of all editions, and neither what they said nor why.
        var over = await desk.Reader.ReadAsync(before.Id, null, null, default);
        Assert.Equal([(before.Sha256, null), (after.Sha256, null)], over.Editions.Select(e => (e.Sha256, e.Reason)));
        Assert.Empty(over.Lines);
    }

    [Fact]
    public async Task Correction_WhenANameIsWrong_ThenNobodySeesOrKeepsItInFull_R_NOT_2_R_AUD_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();

        await desk.Correct(notice.Id, "姓名有误", ("姓名", "李改正名"));
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Equal("李**名", (await desk.NoticeAsync()).Lines[0].Text);
        foreach (var table in (string[])["engine.instances", "engine.journal", "engine.outbox", "engine.receipts", "approvals.audit", "approvals.notices"])
            Assert.DoesNotContain("李改正名", await desk.Desk.Scalar<string>($"select coalesce(string_agg(to_jsonb(t)::text, ''), '') from {table} t"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extension_WhenAClerkExtends_ThenItIsUpForSoManyWorkingDaysMore_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var before = await desk.NoticeAsync();

        await desk.Extend(before.Id, 3);

        // 30 September, 8 and 9 October.
        var after = await desk.NoticeAsync();
        Assert.Equal((CaseDesk.Local("2026-10-10 00:00"), before.Sha256), (after.Until, after.Sha256));
        Assert.Equal([null, "公示页面曾短时无法访问"], after.Editions.Select(e => e.Reason));
        await desk.Desk.AdvanceTo("2026-10-09 10:00");
        await desk.Object(before.Id);
        await desk.Clerk.Decide((await desk.ObjectionTasks())[0], "dismiss", "异议不成立");
        await desk.Desk.AdvanceTo("2026-10-10 00:00");
        Assert.Equal("已办结", await desk.Filed.Status());
    }

    [Fact]
    public async Task Change_WhenItIsntOnesToMake_ThenNothingChanges_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        // Whoever has to do with the case doesn't correct its notice, whatever office they hold.
        await desk.Desk.Execute("insert into approvals.user_roles values ('applicant-li', 'bureau.notice-clerk', 'bureau')");
        var clerk = desk.Clerk;

        foreach (var other in (Person[])[desk.Filed.Applicant, desk.Desk.As("bureau-reviewer-1"), clerk with { Caller = clerk.Caller with { Roles = new HashSet<string> { "bureau.reviewer" } } },
            clerk with { Caller = clerk.Caller with { Services = new HashSet<string> { "another" } } }, clerk with { Caller = clerk.Caller with { Organisations = new HashSet<string> { "emp-metro" } } }])
            Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.CorrectAs(other, notice.Id, "单位名称有误", ("单位", "另一单位"))));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.CorrectAs(clerk, notice.Id, " ", ("单位", "另一单位"))));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Correct(notice.Id, "没有变化", ("申报类型", "政工师"))));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Extend(notice.Id, 0)));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Extend(notice.Id, 1, null)));
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Extend(Guid.NewGuid(), 1)));

        Assert.Single((await desk.NoticeAsync()).Editions);
        await desk.Desk.AdvanceTo("2026-09-30 00:00");
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => desk.Correct(notice.Id, "单位名称有误", ("单位", "另一单位"))));
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => desk.Extend(notice.Id, 1)));
    }

    [Fact]
    public async Task Correction_WhenTheRequestIsRepeated_ThenThereIsOneEdition_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        var key = new Idempotency("key:test", "correction-1", new byte[32]);

        for (var i = 0; i < 2; i++)
            await desk.Desk.Get<NoticeClerk>().CorrectAsync(desk.Clerk.Caller, notice.Id, "单位名称有误", null, [new LineCorrection("单位", "示例市水务集团有限公司")], key, default);

        Assert.Equal(2, (await desk.NoticeAsync()).Editions.Count);
    }

    [Fact]
    public async Task Corrections_WhenTwoComeAtOnce_ThenNoneIsLostSilently_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();

        var answers = await Task.WhenAll(Try(("单位", "示例市水务集团有限公司")), Try(("申报类型", "高级政工师")));

        Assert.All(answers, a => Assert.True(a is null or ErrorCodes.Conflict, a));
        var after = await desk.NoticeAsync();
        Assert.Equal(1 + answers.Count(a => a is null), after.Editions.Count);
        Assert.Equal(answers[0] is null, after.Lines.Any(l => l.Text == "示例市水务集团有限公司"));
        Assert.Equal(answers[1] is null, after.Lines.Any(l => l.Text == "高级政工师"));

        async Task<string?> Try((string, string?) line)
        {
            try
            {
                await desk.Correct(notice.Id, "内容有误", line);
                return null;
            }
            catch (WorkflowException e)
            {
                return e.Code;
            }
        }
    }

    [Fact]
    public async Task Notice_WhenNoNodeRanAtItsMovedEnd_ThenItIsShownForAnotherWorkingDay_R_NOT_1_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        await desk.Extend((await desk.NoticeAsync()).Id, 3);

        await desk.Desk.DownUntil("2026-10-10 09:00");

        // Saturday 10 October is worked; the day of showing it again isn't counted.
        Assert.Equal(CaseDesk.Local("2026-10-13 00:00"), (await desk.NoticeAsync()).Until);
    }
}
