using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Filings;
using Talent.Workflows.Approvals.Tests.Letters;
using Talent.Workflows.Approvals.Tests.Notices;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>
/// 在职人才引进入户, by the steps of the manual for applicants (1.2.3 一键申报, 1.2.4 业务查询). 中秋 (25 to 27 September) and 国庆 (1 to 7 October) are off,
/// 20 September and 10 October are worked.
/// </summary>
public sealed class InServiceSettlementScenarioTests() : ExampleScenarios("in-service-settlement")
{
    private const string Window = "bureau-reviewer-1", Officer = "bureau-reviewer-2", Clerk = "notice-clerk";

    [Fact]
    public Task Application_WhenFilledInStepByStepWithACertificate_ThenItIsAcceptedExaminedNoticedAndCompleted_S4_R_CASE_1_R_CASE_3_R_CASE_9() => Play(async desk =>
    {
        var sample = Sample(desk, "01-li-completed");
        await desk.KeepMaterialsAsync(sample);
        var commands = desk.Get<CaseCommands>();
        // 开始申报: the condition is chosen; each page is saved on its own.
        var filed = new FiledCase(desk, (await commands.CreateAsync(desk.As("applicant-li").Caller, new NewCase { Service = desk.Service, Data = Part(sample.Phase1, "noticeConfirmed", "condition") }, null, default)).InstanceId, sample);
        Assert.True(await Applies("degree-certificate"));
        Assert.False(await Applies("title-certificate"));
        string[] pages = ["degreeOrigin numbersGiven degreeNumber school major degreeLevel graduatedOn fullTime", "name residentId gender birthDate ethnicity politicalStatus maritalStatus phone householdAddress homeAddress position",
            "addressType settlementAddress policeStation propertyOwner propertyNumber propertyHolders coOwnership propertyUse", "hasCompanions", "integrityConfirmed"];
        for (var page = 1; page <= pages.Length; page++)
        {
            string[] filledIn = ["noticeConfirmed", "condition", .. pages[..page].SelectMany(p => p.Split(' '))];
            await commands.SaveAsync(filed.Applicant.Caller, filed.Id, 1, Part(sample.Phase1, filledIn), null, default);
            if (page < pages.Length)
                Assert.Contains("integrityConfirmed: required", await FilingDesk.Refused(filed.Submit));
        }
        // 单位 fills itself in; the property's certificate is asked for because of the address.
        var form = (await filed.Read()).Data["1"];
        Assert.Equal("示例市城市运行集团有限公司", form.GetProperty("employerName").GetString());
        var slots = (await desk.Get<FilingReader>().MaterialsAsync(filed.Applicant.Caller, filed.Id, null, default)).View.Slots;
        Assert.Equal(["degree-certificate", "diploma", "diploma-registration", "household-first-page", "household-own-page", "identity-card", "property-certificate"],
            slots.Where(s => s.Required).Select(s => s.Slot).Order(StringComparer.Ordinal));
        Assert.Equal(("extra", false), (slots[^1].Slot, slots[^1].Required));

        await filed.Submit();

        Assert.Equal(("待受理", "受理"), (await filed.Status(), await Stages(filed)));
        Assert.StartsWith("RCRH-119900-2026-", (await filed.Read()).Number, StringComparison.Ordinal);
        // Five working days from the 21st: 22 to 24, 28, 29.
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), (await filed.Waiting()).DueAt);
        await Approve(filed, Window);
        Assert.Equal(("已受理", "审核"), (await filed.Status(), await Stages(filed)));
        await Approve(filed, Officer);
        Assert.Equal("公示中", await filed.Status());
        await Settle(desk);
        var notice = Assert.Single((await desk.Get<Approvals.Notices.NoticeReader>().ListAsync(null, null, default)).Items);
        Assert.Equal([("姓名", "李*例"), ("单位", "示例市城市运行集团有限公司"), ("入户条件", "学历类")], notice.Lines.Select(l => (l.Label, l.Text)));
        await desk.AdvanceTo("2026-09-29 23:59");
        Assert.Equal("公示中", await filed.Status());
        await desk.AdvanceTo("2026-09-30 00:01");

        Assert.Equal("已办结", await filed.Status());
        var told = await filed.Told();
        Assert.Superset(new HashSet<string> { "case.submitted → applicant-li", "stage.approved → applicant-li", "notice.opened → applicant-li", "case.completed → applicant-li" }, told.ToHashSet());
        Assert.Contains("具有国内普通高校全日制大学本科学历并有学士学位，年龄在40周岁及以下", desk.Sent.Single(m => m.Event == "case.completed" && m.Channel == "email").Text, StringComparison.Ordinal);

        async Task<bool> Applies(string slot) => (await desk.Get<FilingReader>().MaterialsAsync(filed.Applicant.Caller, filed.Id, null, default)).View.Slots.Single(s => s.Slot == slot).Applies;
    });

    [Fact]
    public Task Application_WhenPapersAreMissing_ThenItIsReturnedOnceCorrectedAndGoesOn_S4_R_REV_3() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Sample(desk, "02-wang-returned"));
        await Decide(filed, "return", Window);
        Assert.Equal("待补正", await filed.Status());
        // Ten working days from the 21st.
        Assert.Equal(CaseDesk.Local("2026-10-13 00:00"), (await filed.Waiting()).DueAt);
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, Over(filed.Sample.Phase1, filed.Sample.Correction!.Data), null, default);

        await filed.Supplement();
        Assert.Equal("受理", await Stages(filed));
        await Approve(filed, Window);
        await Approve(filed, Officer);

        Assert.Equal("公示中", await filed.Status());
        // What nothing asks for any more went out with the correction.
        var materials = (await desk.Get<FilingReader>().MaterialsAsync(desk.As(Clerk).Caller, filed.Id, null, default)).View;
        Assert.Empty(materials.Slots.Single(s => s.Slot == "collective-consent").Materials);
        Assert.Single(materials.Slots.Single(s => s.Slot == "property-certificate").Materials);
    });

    [Fact]
    public Task Application_WhenTheConditionIsntMet_ThenAcceptanceIsRefusedWithTheOpinion_S4_R_REV_2() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Sample(desk, "03-zhang-refused"));
        var task = (await TaskOf(filed, Window))!;
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Window).Decide(task.Id, "refuse", null))).Code);

        await Decide(filed, "refuse", Window);

        Assert.Equal("不予受理", await filed.Status());
        Assert.Contains("case.refused → applicant-zhang", await filed.Told());
        Assert.Contains("经研究决定。", desk.Sent.Single(m => m.Event == "case.refused" && m.Channel == "email").Text, StringComparison.Ordinal);
        Assert.Contains(await filed.History(), h => h.Outcome?.Code == "refuse");
        // 重新申报: the next round, with what was there; an ended one excludes none.
        var (answer, leftOut) = await desk.Get<Refiling>().RefileAsync(filed.Applicant.Caller, filed.Id, null, null, default);
        var again = filed with { Id = answer.InstanceId };
        Assert.Empty(leftOut);
        await again.Submit();
        Assert.Equal(("待受理", filed.Id), (await again.Status(), (await again.Read()).PreviousCaseId));
    });

    [Fact]
    public Task Application_WhenExaminedByAnotherOfficer_ThenItIsDismissed_S4_R_REV_9() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Sample(desk, "04-huang-dismissed"));
        await Approve(filed, Window);
        // Whoever accepted it doesn't examine it.
        Assert.Null(await TaskOf(filed, Window));

        await Decide(filed, "reject", Officer);

        Assert.Equal("退案", await filed.Status());
        Assert.Contains("case.rejected → applicant-huang", await filed.Told());
    });

    [Fact]
    public Task Family_WhenItMovesToo_ThenEachBringsTheirOwnMaterialsByRelation_S4_R_CASE_3() => Play(async desk =>
    {
        var sample = Sample(desk, "05-lin-completed");
        var filed = await desk.DraftAsync(sample);
        var slots = (await desk.Get<FilingReader>().MaterialsAsync(filed.Applicant.Caller, filed.Id, null, default)).View.Slots.ToDictionary(s => s.Slot);
        Assert.Equal([(0, "妻子 陈样例")], slots["companion-marriage"].Rows!.Select(r => (r.Row, r.Zh!)));
        Assert.Equal([(1, "女儿 林小样")], slots["companion-birth"].Rows!.Select(r => (r.Row, r.Zh!)));
        Assert.Equal([0, 1], slots["companion-household"].Rows!.Select(r => r.Row));
        Assert.False(slots["companion-adoption"].Applies);

        // Without one of them it isn't taken, and the row is named.
        var whole = JsonNode.Parse(sample.Phase1.GetRawText())!.AsObject();
        var birth = (string)whole["companions"]![1]!["birthFile"]!;
        whole["companions"]![1]!.AsObject().Remove("birthFile");
        await Save(desk, filed, whole);
        var refusal = await Assert.ThrowsAsync<WorkflowException>(filed.Submit);
        var missing = Assert.Single((IReadOnlyList<Approvals.Cases.Forms.FormError>)refusal.Facts["errors"]!);
        Assert.Equal(("companions[1].birthFile", "material_missing", "“随迁人员”第2条（女儿 林小样）缺少“出生医学证明”"), (missing.Path, missing.Code, missing.Zh));
        // As a wife she'd bring a marriage certificate instead; an adopted child an adoption certificate.
        whole["companions"]![1]!["relation"] = "adopted";
        await Save(desk, filed, whole);
        Assert.Equal(["companions[1].adoptionFile: material_missing"], await FilingDesk.Refused(filed.Submit));
        whole["companions"]![1]!["relation"] = "daughter";
        whole["companions"]![1]!["birthFile"] = birth;
        await Save(desk, filed, whole);

        await filed.Submit();
        await Approve(filed, Window);
        await Approve(filed, Officer);
        var notices = desk.Get<Approvals.Notices.NoticeReader>();
        Assert.Equal("公示中", await filed.Status());
        await Settle(desk);
        var shown = Assert.Single((await notices.ListAsync(null, null, default)).Items);
        Assert.DoesNotContain("陈样例", JsonSerializer.Serialize(shown), StringComparison.Ordinal);
    });

    [Fact]
    public Task Application_WhenAnObjectionIsUpheld_ThenItIsExaminedAgain_S4_R_NOT_1() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Sample(desk, "01-li-completed"));
        await Approve(filed, Window);
        await Approve(filed, Officer);
        var notices = new NoticeDesk(desk, filed);
        await Settle(desk);
        await notices.Object((await notices.NoticeAsync()).Id);
        await Settle(desk);
        await desk.As(Clerk).Decide(Assert.Single(await notices.ObjectionTasks()), "uphold", "经核实，申报材料存疑。");

        Assert.Equal(("已受理", "审核"), (await filed.Status(), await Stages(filed)));
        await Decide(filed, "reject", Officer);
        Assert.Equal("退案", await filed.Status());
    });

    [Fact]
    public Task Correction_WhenItDoesntCome_ThenTheCaseIsDismissed_S4_R_REV_3() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Sample(desk, "02-wang-returned"));
        await Decide(filed, "return", Window);
        await desk.AdvanceTo("2026-10-13 00:01");
        await Settle(desk);

        Assert.Equal("退案", await filed.Status());
        Assert.Contains("case.rejected → applicant-wang", await filed.Told());
        // What the window wrote when it returned the case isn't why it ended.
        var told = desk.Sent.Single(m => m.Event == "case.rejected" && m.Channel == "email").Text;
        Assert.Contains("逾期未补正", told, StringComparison.Ordinal);
        Assert.DoesNotContain("经研究决定。", told, StringComparison.Ordinal);
        var html = await filed.Html(await filed.Letter("dismissal"));
        Assert.Contains("未在规定期限内（截至2026年10月12日）提交，视为放弃本次申请，现终止办理", html, StringComparison.Ordinal);
        Assert.DoesNotContain("经审核未予通过", html, StringComparison.Ordinal);
        Assert.Contains("is deemed withdrawn", html, StringComparison.Ordinal);
        Assert.DoesNotContain("经研究决定。", html, StringComparison.Ordinal);
    });

    [Fact]
    public Task Application_WhenNotYetAccepted_ThenItCanBeWithdrawnAndNotAfterwards_S4_R_CASE_6() => Play(async desk =>
    {
        var (early, late) = (await desk.SubmittedAsync(Sample(desk, "01-li-completed")), await desk.SubmittedAsync(Sample(desk, "04-huang-dismissed")));
        await early.Withdraw();
        Assert.Equal("已撤回", await early.Status());

        await Approve(late, Window);
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => late.Withdraw())).Code);
    });

    [Fact]
    public Task Application_WhenNothingIsToldInFiveWorkingDays_ThenEverybodyReadsThatItIsAcceptedAndItStaysSo_S4_R_REV_3_R_CASE_6_R_CASE_9() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Sample(desk, "01-li-completed"));
        string[] readers = ["applicant-li", "emp-metro-reviewer-1", Window];
        foreach (var reader in readers)
            Assert.Equal("待受理", await Word(reader));

        await desk.AdvanceTo("2026-09-30 09:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);

        // Accepted by the lapse of time, wherever it is read and by whomever, while it still waits at the window.
        Assert.Equal("受理", await Stages(filed));
        foreach (var reader in readers)
        {
            Assert.Equal("已受理", await Word(reader));
            Assert.Equal("已受理", Assert.Single((await desk.Get<CaseReader>().ListAsync(desk.As(reader).Caller, new CaseFilter(null, "accepted", null, null, null, 50), default)).Items).Status.Zh);
        }
        Assert.Equal("已受理", (await TaskOf(filed, Window))!.CaseStatus.Zh);
        Assert.Equal("已受理", (await desk.Get<WhyReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default)).Status.Zh);
        Assert.Equal("已受理", Assert.Single(await desk.Get<CaseRoundReader>().ListAsync(filed.Applicant.Caller, filed.Id, default)).Status.Zh);
        var entry = (await filed.History())[^1];
        Assert.Equal(("clock.fell_due", "submitted", "accepted", "已受理"), (entry.Action, entry.FromStatus, entry.ToStatus, entry.Status!.Zh));
        Assert.Contains("case.accepted → applicant-li", await filed.Told());
        // It is refused no more, nor returned, nor withdrawn.
        var task = (await TaskOf(filed, Window))!;
        foreach (var outcome in (string[])["refuse", "return"])
        {
            var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Window).Decide(task.Id, outcome, "条件不符。"));
            Assert.Equal((ErrorCodes.WrongState, "deemed_accepted", CaseDesk.Local("2026-09-30 00:00")), (refused.Code, refused.Facts["reason"], refused.Facts["acceptedAt"]));
        }
        Assert.DoesNotContain((await filed.Read()).NextActions, a => a.Action == "withdraw");
        var kept = await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw());
        Assert.Equal((ErrorCodes.WrongState, "accepted", CaseDesk.Local("2026-09-30 00:00")), (kept.Code, kept.Facts["reason"], kept.Facts["acceptedAt"]));
        Assert.Contains("2026年9月30日", kept.MessageZh, StringComparison.Ordinal);

        // The window takes it in, and it goes on as any other; it has one letter of acceptance.
        await Approve(filed, Window);
        Assert.Equal(("已受理", "审核"), (await filed.Status(), await Stages(filed)));
        Assert.Equal("待审核", await Word(Officer));
        Assert.Equal(["acceptance"], (await filed.Letters()).Select(l => l.Kind));
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), (await desk.Get<ClockReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default)).AcceptedAt);

        async Task<string> Word(string reader) => (await filed.Read(desk.As(reader))).Status.Zh;
    });

    [Fact]
    public Task Application_WhenItsAcceptanceIsTakenBackAfterTheTimeToTell_ThenItCountsAsAcceptedAllTheSame_S4_R_REV_3_R_REV_7() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Sample(desk, "01-li-completed"));
        var task = (await TaskOf(filed, Window))!;
        await Approve(filed, Window);
        await desk.AdvanceTo("2026-09-30 09:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);
        Assert.Null((await desk.Get<ClockReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default)).AcceptedAt);

        await desk.Get<RecallCommands>().RecallAsync(desk.As(Window).Caller, task.Id, null, default);
        Assert.Equal("待受理", await filed.Status());
        await desk.Get<ClockWatch>().RunDueAsync(default);

        Assert.Equal("已受理", await filed.Status());
        Assert.Equal(CaseDesk.Local("2026-09-30 00:00"), (await desk.Get<ClockReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default)).AcceptedAt);
        Assert.Equal("accepted", (await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw())).Facts["reason"]);
        await Approve(filed, Window);
        Assert.Equal("审核", await Stages(filed));
    });

    [Fact]
    public Task Application_WhenItWasReturnedInTime_ThenItIsNoneThatCountsAsAcceptedAndCanBeRefused_S4_R_REV_3() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Sample(desk, "02-wang-returned"));
        await Decide(filed, "return", Window);
        await desk.AdvanceTo("2026-10-09 09:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);
        Assert.Equal("待补正", await filed.Status());
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, Over(filed.Sample.Phase1, filed.Sample.Correction!.Data), null, default);
        await filed.Supplement();
        Assert.Equal("待受理", await filed.Status());

        await Decide(filed, "refuse", Window);

        Assert.Equal("不予受理", await filed.Status());
    });

    [Fact]
    public Task Application_WhenFiledByTheEmployerOrTwice_ThenItIsRefused_S4_R_CASE_7_R_CAT_1() => Play(async desk =>
    {
        var sample = Sample(desk, "01-li-completed");
        var byHandler = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<CaseCommands>().CreateAsync(desk.As("emp-metro-handler").Caller, new NewCase { Service = desk.Service, ApplicantId = "applicant-li", Data = sample.Phase1 }, null, default));
        Assert.Equal(ErrorCodes.FilingRefused, byHandler.Code);
        Assert.Contains("wrong_filer", JsonSerializer.Serialize(byHandler.Facts), StringComparison.Ordinal);

        await desk.SubmittedAsync(sample);
        var twice = await Assert.ThrowsAsync<WorkflowException>(() => desk.DraftAsync(sample));
        Assert.Contains("excluded_by_case", JsonSerializer.Serialize(twice.Facts), StringComparison.Ordinal);
    });

    private static Task<StepAnswer> Save(CaseDesk desk, FiledCase filed, JsonObject data) => desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, JsonSerializer.SerializeToElement(data), null, default);

    private static JsonElement Part(JsonElement data, params string[] keys) => JsonSerializer.SerializeToElement(new JsonObject(keys.Where(k => data.TryGetProperty(k, out _)).Select(k => KeyValuePair.Create(k, JsonNode.Parse(data.GetProperty(k).GetRawText())))));

    private static JsonElement Over(JsonElement data, JsonElement fields)
    {
        var whole = JsonNode.Parse(data.GetRawText())!.AsObject();
        foreach (var field in fields.EnumerateObject())
            whole[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        return JsonSerializer.SerializeToElement(whole);
    }

    private static Approvals.Cases.Packages.ServiceSample Sample(CaseDesk desk, string name) => desk.Content.Services.Single().Samples.Single(s => s.Name == name);
}
