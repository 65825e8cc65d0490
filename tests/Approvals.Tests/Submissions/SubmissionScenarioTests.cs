using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NPOI.XSSF.UserModel;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Submissions;

/// <summary>名单报送, as the manual tells it (Chaoyang 五).</summary>
public sealed class SubmissionScenarioTests
{
    [Fact]
    public async Task List_WhenTheDistrictHasApprovedThree_ThenOneDocumentOfTheCityDecidesAndEachGoesOnByItself_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        // 区级审核通过，状态为“已完成”，同时等待列入名单。
        foreach (var filed in desk.All)
            Assert.Equal("已完成", await filed.Status());
        Assert.Equal("等待“报市人才工作局”：等待列入报送市人才工作局的名单，由示例市人才工作局（bureau.reviewer）办理。", await desk.Why(desk.Li));
        Assert.Equal(desk.Ids.Order(), (await desk.Candidates()).Order());
        Assert.Equal(3, (await desk.Desk.As(SubmissionDesk.Officer).Inbox("candidates")).Count(t => t.Kind == TaskKinds.Submission));

        // 区委人才办组成名单并封存。
        var draft = await desk.Create(desk.All);
        Assert.Empty(await desk.Candidates());
        var list = await desk.Seal(draft.Id, draft.Version);
        await desk.Deliver();
        Assert.Equal(("ZGZP-119900-2026-B0001", 3), (list.Number, list.Cases));
        Assert.Equal("等待“报市人才工作局”：2026年9月21日列入报送名单ZGZP-119900-2026-B0001，等待市人才工作局决定，由示例市人才工作局（bureau.reviewer）办理。", (await desk.Why(desk.Li)).Replace(" 09:00", "", StringComparison.Ordinal).Replace("09:00", "", StringComparison.Ordinal));
        Assert.Contains("submission.sealed → applicant-li", await desk.Li.Told());

        // 导出报送：全量信息留痕，内容与校验值一致。
        var sent = await desk.Export(list.Id, full: true, reason: "报送市局");
        Assert.Equal(list.Sha256, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Of(sent.GetProperty("content").GetRawText())))));

        // 市级批复：两人批准，一人不予批准。
        await desk.Desk.AdvanceTo("2026-09-21 10:00");
        var settled = await desk.Settle(list.Id, named: new CaseDecision(desk.Wang.Id, "reject", "不符合引进条件"));
        Assert.Equal((3, 0, 0), (settled.Settled.Count, settled.Refused.Count, settled.Open));
        await desk.Deliver();

        Assert.Equal(["已办结", "未通过", "已办结"], [await desk.Li.Status(), await desk.Wang.Status(), await desk.Huang.Status()]);
        Assert.Contains("submission.approved → applicant-li", await desk.Li.Told());
        Assert.Contains("submission.rejected → applicant-wang", await desk.Wang.Told());
        Assert.Contains(desk.Desk.Sent, m => m.Event == "submission.rejected" && m.Text.Contains("不符合引进条件", StringComparison.Ordinal));
        var decided = Assert.Single(await desk.Wang.History(), h => h.Action == "submission.settled");
        Assert.Equal(("不符合引进条件", "京人才函〔2026〕5号"), (decided.Opinion, decided.Details!.Value.GetProperty("document").GetString()));
        var view = await desk.Read(list.Id);
        Assert.Equal(("settled", new SubmissionCounts(0, 2, 1, 0)), (view.State, view.Cases));
        Assert.Equal("京人才函〔2026〕5号", Assert.Single(view.Documents).Number);
        Assert.All(await desk.Cases(list.Id), c => Assert.True(c.GoesOn));
        Assert.Equal(["created", "sealed", "settled"], (await desk.Desk.Scalar<string>("select string_agg(action, ',' order by id) from approvals.submission_changes")).Split(','));
    }

    [Fact]
    public async Task List_WhenOneDocumentDecidesSome_ThenALaterOneDecidesTheRestAndEachRefusalSaysWhy_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var list = await desk.Sealed(desk.Li, desk.Wang);

        var first = await desk.Settle(list.Id, all: null, named: [new CaseDecision(desk.Li.Id, "approve"), new CaseDecision(desk.Huang.Id, "approve")]);
        Assert.Equal((1, 1, "not_on_list"), (first.Settled.Count, first.Open, Assert.Single(first.Refused).Code));
        await desk.Deliver();
        Assert.Equal(["已办结", "已完成"], [await desk.Li.Status(), await desk.Wang.Status()]);
        Assert.Equal("sealed", (await desk.Read(list.Id)).State);

        var again = await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Settle(list.Id, all: null, document: "京人才函〔2026〕6号", named: new CaseDecision(desk.Li.Id, "reject", "重复")));
        Assert.Equal("settled_before", Assert.Single((RefusedCase[])again.Facts["refused"]!).Code);
        var second = await desk.Settle(list.Id, all: "reject", document: "京人才函〔2026〕6号");
        await desk.Deliver();

        Assert.Equal(desk.Wang.Id, Assert.Single(second.Settled).CaseId);
        Assert.Equal("未通过", await desk.Wang.Status());
        Assert.Equal(["京人才函〔2026〕5号", "京人才函〔2026〕6号"], (await desk.Read(list.Id)).Documents.Select(d => d.Number));
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Settle(list.Id));
        Assert.Equal("ZGZP-119900-2026-B0002", (await desk.Sealed(desk.Huang)).Number);
    }

    [Fact]
    public async Task Settlement_WhenItSaysTooLittle_ThenNothingIsDecided_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var draft = await desk.Create(desk.Li);
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Settle(draft.Id));
        var list = await desk.Seal(draft.Id);

        foreach (var (number, date, all, named) in ((string, string, string?, CaseDecision?)[])
            [("", "2026-09-21", "approve", null), ("函1", "2026-09-20", "approve", null), ("函1", "2026-09-22", "approve", null), ("函1", "2026-09-21", "maybe", null), ("函1", "2026-09-21", "reject", null),
             ("函1", "2026-09-21", null, null), ("函1", "2026-09-21", null, new(desk.Li.Id, "reject")), ("函1", "2026-09-21", null, new(desk.Li.Id, null))])
            await SubmissionDesk.Refused(ErrorCodes.InvalidRequest, () => desk.Desk.Get<SubmissionSettlement>().SettleAsync(desk.Caller, list.Id,
                new SettleSubmission { DocumentNumber = number, DocumentDate = DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture), Default = all, Cases = named is null ? null : [named] }, null, default));

        Assert.Equal(1, (await desk.Read(list.Id)).Cases.Open);
    }

    [Fact]
    public async Task Case_WhenTheOfficeReturnsIt_ThenItIsReviewedAgainAndTheSealedListStaysAsItWas_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var list = await desk.Sealed(desk.Li, desk.Wang);
        var before = (await desk.Export(list.Id, full: true)).GetRawText();
        await desk.Desk.AdvanceTo("2026-09-21 10:00");
        await SubmissionDesk.Refused(ErrorCodes.InvalidRequest, () => desk.Return(desk.Li, " "));

        await desk.Return(desk.Li);
        await desk.Return(desk.Huang, "材料不全");

        Assert.Equal("待审核", await desk.Li.Status());
        Assert.Equal("区级审核", (await desk.Huang.Waiting()).Name);
        Assert.Contains("submission.returned → applicant-li", await desk.Li.Told());
        Assert.Equal("学历认证有误", Assert.Single(await desk.Li.History(), h => h.Action == "submission.returned").Opinion);
        Assert.Equal(before, (await desk.Export(list.Id, full: true)).GetRawText());
        var settled = await desk.Settle(list.Id, named: new CaseDecision(desk.Li.Id, "approve"));
        Assert.Equal((desk.Wang.Id, "left"), (Assert.Single(settled.Settled).CaseId, Assert.Single(settled.Refused).Code));
        // 再次审核通过后，可列入下一份名单。
        await desk.Desk.As("bureau-reviewer-2").Approve(desk.Li);
        Assert.Equal("ZGZP-119900-2026-B0002", (await desk.Sealed(desk.Li)).Number);
        await desk.Deliver();
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Return(desk.Wang));
    }

    [Fact]
    public async Task Draft_WhenCasesArePutOnAndTakenOff_ThenTheyWaitAgainAndVersionsAreAskedFor_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var draft = await desk.Create(desk.Li);
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Create(desk.Li, desk.Huang));
        Assert.Equal(2, (await desk.Candidates()).Count);

        var added = await desk.Desk.Get<SubmissionDrafts>().AddAsync(desk.Caller, draft.Id, [desk.Wang.Id], draft.Version, null, default);
        await SubmissionDesk.Refused(ErrorCodes.PreconditionFailed, () => desk.Remove(draft.Id, desk.Li, draft.Version));
        await desk.Remove(draft.Id, desk.Li, added.Version);
        await SubmissionDesk.Refused(ErrorCodes.NotFound, () => desk.Remove(draft.Id, desk.Li));

        Assert.Equal(new[] { desk.Li.Id, desk.Huang.Id }.Order(), (await desk.Candidates()).Order());
        Assert.Equal(desk.Wang.Id, Assert.Single(await desk.Cases(draft.Id)).CaseId);
        await desk.Remove(draft.Id, desk.Wang);
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Seal(draft.Id));
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Desk.Get<SubmissionExport>().ReadAsync(desk.Caller, draft.Id, "json", false, null, default));
        await SubmissionDesk.Refused(ErrorCodes.InvalidRequest, () => desk.Create());
        await SubmissionDesk.Refused(ErrorCodes.InvalidRequest, () => desk.Create(desk.Li, desk.Li));
    }

    [Fact]
    public async Task Export_WhenRead_ThenNumbersAreMaskedUnlessTheyAreAskedForAndThatIsRecorded_R_REV_10_R_AUD_2()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var list = await desk.Sealed(desk.Li, desk.Wang);

        var masked = (await desk.Export(list.Id, full: false)).GetRawText();
        Assert.DoesNotContain("110199198602140254", masked, StringComparison.Ordinal);
        Assert.DoesNotContain("19900000054", masked, StringComparison.Ordinal);
        Assert.Equal(0, await desk.Desk.Scalar<long>("select count(*) from approvals.data_reads"));
        var export = desk.Desk.Get<SubmissionExport>();
        var file = await export.ReadAsync(desk.Caller, list.Id, "xlsx", full: true, "报送 13900000000", default);

        Assert.Equal("示例市人才工作局-ZGZP-119900-2026-B0001-留学回国人员引进拟推荐名单.xlsx", file.Name);
        var book = new XSSFWorkbook(new MemoryStream(file.Content));
        var sheet = book.GetSheetAt(0);
        string Cell(int row, int column) => sheet.GetRow(row).GetCell(column).StringCellValue;
        Assert.Equal(("留学回国人员引进拟推荐名单", $"SHA-256：{list.Sha256}", "序号", "身份证号"), (Cell(0, 0), Cell(2, 0), Cell(3, 0), Cell(3, 3)));
        Assert.Equal(("1", "李示例", "110199198602140254", "男", "=1+1"), (Cell(4, 0), Cell(4, 2), Cell(4, 3), Cell(4, 6), Cell(4, 7)));
        Assert.Equal(5, sheet.LastRowNum);
        Assert.Equal(file.Content, (await export.ReadAsync(desk.Caller, list.Id, "xlsx", full: true, null, default)).Content);
        Assert.Equal("submission.export/报送 ***", await desk.Desk.Scalar<string>($"select purpose || '/' || reason from approvals.data_reads where case_id = '{desk.Wang.Id}' and reason is not null"));
        await SubmissionDesk.Refused(ErrorCodes.InvalidRequest, () => export.ReadAsync(desk.Caller, list.Id, "pdf", false, null, default));
    }

    [Fact]
    public async Task Lists_WhenSomebodyElseAsks_ThenTheySeeNoneAndDecideNothing_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var list = await desk.Create(desk.Li);

        Assert.Empty(await desk.Candidates("notice-clerk"));
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Create(null, "notice-clerk", desk.Wang));
        foreach (var stranger in (string[])["notice-clerk", "applicant-li", "unit-assets-reviewer-1"])
        {
            await SubmissionDesk.Refused(ErrorCodes.NotFound, () => desk.Desk.Get<SubmissionSealing>().SealAsync(desk.Desk.As(stranger).Caller, list.Id, null, null, default));
            await SubmissionDesk.Refused(ErrorCodes.NotFound, () => desk.Desk.Get<SubmissionReader>().ReadAsync(desk.Desk.As(stranger).Caller, list.Id, default));
        }
        var limited = desk.Caller with { Services = new HashSet<string> { "another" } };
        await SubmissionDesk.Refused(ErrorCodes.NotFound, () => desk.Desk.Get<SubmissionReader>().ReadAsync(limited, list.Id, default));
        // The task isn't decided case by case, and nobody goes on with the case past its list.
        var task = (await desk.Li.Waiting()).TaskId;
        await SubmissionDesk.Refused(ErrorCodes.InvalidRequest, () => desk.Desk.As(SubmissionDesk.Officer).Decide(task, "approve", "同意"));
        var entry = await desk.Desk.Scalar<Guid>($"select id from approvals.submission_cases where case_id = '{desk.Li.Id}'");
        await SubmissionDesk.Refused(ErrorCodes.InvalidRequest, () => desk.Desk.Get<WorkflowRuntime>().ApplyAsync(new StepRequest
        {
            InstanceId = desk.Li.Id, Actor = Actor.System, Stimulus = new Stimulus.Resume(entry, JsonSerializer.SerializeToElement(new { state = "approved", user = SubmissionDesk.Officer })),
        }, default));
        Assert.Equal("已完成", await desk.Li.Status());
    }

    [Fact]
    public async Task Officer_WhoseOwnCaseItIs_ThenSomebodyElseListsAndDecidesIt_R_REV_10_R_REV_9()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        await desk.Desk.Execute("insert into approvals.user_roles (user_id, role, organisation_id) values ('applicant-li', 'bureau.reviewer', 'bureau')");

        Assert.DoesNotContain(desk.Li.Id, await desk.Candidates("applicant-li"));
        var refused = await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Create(null, "applicant-li", desk.Li));
        var list = await desk.Sealed(desk.Li, desk.Wang);
        var settled = await desk.Desk.Get<SubmissionSettlement>().SettleAsync(desk.Desk.As("applicant-li").Caller, list.Id, new SettleSubmission { DocumentNumber = "函1", DocumentDate = new DateOnly(2026, 9, 21), Default = "approve" }, null, default);

        Assert.Equal("own_case", Assert.Single((RefusedCase[])refused.Facts["refused"]!).Code);
        Assert.Equal((desk.Wang.Id, "own_case"), (Assert.Single(settled.Settled).CaseId, Assert.Single(settled.Refused).Code));
    }

    [Fact]
    public async Task Limits_WhenTheyPass_ThenTheOfficeIsRemindedBeforeAndAfterTheSealing_R_REV_10_R_REV_5()
    {
        await using var desk = await SubmissionDesk.OpenAsync(inputs: [("due", "Literal", "2wd"), ("decisionDue", "Literal", "3wd"), ("ladder", "Object", """[{"at":"0","do":"overdue"},{"at":"+1wd","do":"tell_superior"}]""")]);
        await desk.Desk.AdvanceTo("2026-09-24 09:00");
        Assert.Contains("task.overdue → bureau-reviewer-1", await desk.Li.Told());
        Assert.DoesNotContain("task.escalated → bureau-superior", await desk.Li.Told());

        await desk.Sealed(desk.All);
        var waits = await desk.Li.Waiting();
        Assert.Equal(("submission-decision", CaseDesk.Local("2026-10-01 00:00")), (waits.Kind, waits.DueAt));
        await desk.Desk.AdvanceTo("2026-10-12 09:00");

        Assert.Equal(2, await desk.Desk.Scalar<long>($"select count(distinct id) from approvals.messages where event = 'task.overdue' and case_id = '{desk.Li.Id}' and recipient = 'bureau-reviewer-1' and channel = 'inapp'"));
        Assert.Contains("批复", waits.Name, StringComparison.Ordinal);
    }
}
