using System.Text.Json;
using NPOI.XSSF.UserModel;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Engine;
using Codes = Talent.Workflows.Approvals.Catalogue.FilingReasonCodes;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>留学回国人员引进·需求申报 (S3), as the manual of Chaoyang has it: 二、第四步 (figures 13 to 18), 三, 四 and 五.</summary>
public sealed class ReturneeIntakeScenarioTests() : ExampleScenarios("returnee-intake")
{
    private const string Reviewer = "unit-chaohui-reviewer-1", Office = "unit-chaohui-office-1", Handler = "emp-chaohui-software-handler", Person = "applicant-chaohui-software";
    private const string Software = "01-chaohui-software-proposed", Finance = "02-chaohui-finance-not-proposed", Design = "03-chaohui-design-returned", Chip = "04-haiqing-chip-rejected";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private protected override Task<CaseDesk> OpenAsync() => base.OpenAsync().WithDistrictsAsync("returnee-intake");

    [Fact]
    public Task Intake_WhenTheDistrictHasPassedItTwice_ThenItIsFinishedAndTheCityDecidesEachPerson_Figure13To18_S3_R_REV_10_R_CASE_9() => Play(async desk =>
    {
        // 图13、14 新增申报: 企业名称 fills itself in; one after the other.
        var filed = await desk.FileByHandlerAsync(Software);
        var second = await desk.FileByHandlerAsync(Finance);
        Assert.Equal("示例市朝晖软件技术有限公司", (await filed.Read()).Data["1"].GetProperty("unitName").GetString());
        // 图15 待审核
        Assert.Equal(("待审核", "初审"), (await filed.Status(), await Stages(filed)));
        Assert.Equal(["case.submitted → applicant-chaohui-software", $"case.submitted → {Handler}", $"stage.opened → {Reviewer}", "stage.opened → unit-chaohui-reviewer-2"], (await filed.Told()).Order(StringComparer.Ordinal));

        // 图16 待复审
        await Approve(filed, Reviewer);
        await Approve(second, Reviewer);
        Assert.Equal(("待复审", "复审"), (await filed.Status(), await Stages(filed)));
        Assert.Contains($"stage.opened → {Office}", await filed.Told());

        // 图18 已完成, which says no more than that the district has passed it.
        await Approve(filed, Office);
        await Approve(second, Office);
        Assert.Equal(("已完成", "报市人才工作局"), (await filed.Status(), await Stages(filed)));
        Assert.Null((await filed.Read()).EndedAt);
        Assert.Superset(new HashSet<string> { $"intake.district_passed → {Person}", $"intake.district_passed → {Handler}" }, (await filed.Told()).ToHashSet());
        Assert.Contains(desk.Sent, m => m.Event == "intake.district_passed" && m.Text.Contains("还需报市级部门研究审批", StringComparison.Ordinal));
        Assert.Contains("仅表示区级审核通过，还需报市级部门研究审批", desk.Content.Services.Single().Service.Words.Single(w => w.At == "finished").NoteZh, StringComparison.Ordinal);

        // 五、区委人才办按程序将通过名单报市人才工作局
        var list = await desk.ListAsync(Office, filed, second);
        Assert.Equal(("LXXQ-119905-2026-B0001", 2), (list.Number, list.Cases));
        var sent = (await desk.Get<SubmissionExport>().ReadAsync(desk.As(Office).Caller, list.Id, "json", true, "报送市人才工作局", default)).Content;
        var lines = JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(sent), Readable);
        Assert.All((string[])["段例范", "常例范", "高级软件工程师", filed.Sample.Phase1.GetProperty("residentId").GetString()!, "示例市朝晖金融服务有限公司"], said => Assert.Contains(said, lines, StringComparison.Ordinal));
        // What is ticked is said in words, in both kinds of file.
        var content = JsonSerializer.Deserialize<JsonElement>(sent).GetProperty("content");
        var labels = content.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("label").GetString()).ToList();
        Assert.Equal(["否", "是"], content.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("values")[labels.IndexOf("国（境）外学习不满一年")].GetString()));
        var sheet = new XSSFWorkbook(new MemoryStream((await desk.Get<SubmissionExport>().ReadAsync(desk.As(Office).Caller, list.Id, "xlsx", true, "报送市人才工作局", default)).Content)).GetSheetAt(0);
        var column = sheet.GetRow(3).Cells.Single(c => c.StringCellValue == "国（境）外学习不满一年").ColumnIndex;
        Assert.Equal(["否", "是"], new[] { 4, 5 }.Select(row => sheet.GetRow(row).GetCell(column)?.StringCellValue));
        Assert.Equal("已完成", await filed.Status());

        // 市人才工作局按程序确定拟引进人才名单
        await desk.AdvanceTo("2026-11-02 10:00");
        var settled = await desk.SettleAsync(Office, list.Id, "示人才函〔2026〕5号", new CaseDecision(second.Id, "reject", "不属于本年度引进领域"));
        Assert.Equal((2, 0), (settled.Settled.Count, settled.Open));

        Assert.Equal(["completed", "dismissed"], [(await filed.Read()).Status.Code, (await second.Read()).Status.Code]);
        // 区委人才办通知并指导各申报单位填报市“人才业务办理平台”
        Assert.Superset(new HashSet<string> { $"submission.approved → {Handler}", $"intake.file_in_city → {Handler}", $"intake.file_in_city → {Person}" }, (await filed.Told()).ToHashSet());
        Assert.Contains(desk.Sent, m => m.Event == "intake.file_in_city" && m.Text.Contains("人才业务办理平台填报", StringComparison.Ordinal));
        Assert.Contains("submission.rejected → emp-chaohui-finance-handler", await second.Told());
        Assert.Contains(desk.Sent, m => m.Event == "submission.rejected" && m.Text.Contains("不属于本年度引进领域", StringComparison.Ordinal));
        Assert.DoesNotContain(await second.Told(), t => t.StartsWith("intake.file_in_city", StringComparison.Ordinal));
    });

    [Fact]
    public Task Intake_WhenTheFirstReviewDoesntPassIt_ThenTheRoundEndsWithTheReasonAndAnotherCanBeFiled_Figure17_S3_R_REV_2() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Chip);
        await desk.As("unit-haiqing-reviewer-1").Decide((await TaskOf(filed, "unit-haiqing-reviewer-1"))!.Id, "reject", "未取得国外学历学位认证，不符合申报条件。");

        Assert.Equal("未通过", await filed.Status());
        Assert.Contains("case.rejected → emp-haiqing-chip-handler", await filed.Told());
        Assert.Contains(desk.Sent, m => m.Event == "case.rejected" && m.Text.Contains("重新申请", StringComparison.Ordinal));
        var refile = desk.Content.Services.Single().Service.Refile!;
        Assert.Equal("重新申请", refile.Zh);
        Assert.Equal(["rejected", "withdrawn"], refile.After);
        Assert.Contains("refile", (await filed.Read()).NextActions.Select(a => a.Action));
    });

    [Fact]
    public Task Intake_WhenTheSecondReviewDoesntPassIt_ThenItEndsAndTheNextBeginsAtTheFirstReview_S3_R_REV_2() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Software);
        await Approve(filed, Reviewer);
        await Decide(filed, "reject", Office);
        Assert.Equal("未通过", await filed.Status());

        // 重新申请: the second round has all that the first had, and begins at the first review again.
        var (answer, leftOut) = await desk.Get<Refiling>().RefileAsync(filed.Applicant.Caller, filed.Id, null, null, default);
        var again = filed with { Id = answer.InstanceId };
        Assert.Empty(leftOut);
        await again.Submit();
        Assert.Equal(("待审核", "初审", (short)2), (await again.Status(), await Stages(again), (await again.Read()).Round));
        await Approve(again, Reviewer);
        Assert.Equal(("待复审", "复审"), (await again.Status(), await Stages(again)));
    });

    [Fact]
    public Task Intake_WhenItIsReturned_ThenTheHandlerCorrectsItAndItComesBackToWhoReturnedIt_S3_R_REV_3() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Design);
        // 初审 returns it too.
        await Decide(filed, "return", Reviewer);
        Assert.Equal("待补正", await filed.Status());
        Assert.Contains("case.returned → emp-chaohui-design-handler", await filed.Told());
        await filed.Supplement();
        Assert.Equal(("待审核", "初审"), (await filed.Status(), await Stages(filed)));
        await Approve(filed, Reviewer);

        await desk.As(Office).Decide((await TaskOf(filed, Office))!.Id, "return", filed.Sample.Correction!.Opinion);
        await filed.Supplement(filed.Sample.Correction.Data);

        Assert.Equal(("待复审", "复审"), (await filed.Status(), await Stages(filed)));
        Assert.Equal("2020-10-11", (await filed.Read()).Data["1"].GetProperty("returnedOn").GetString());
        await Approve(filed, Office);
        Assert.Equal("已完成", await filed.Status());
    });

    [Fact]
    public Task Intake_WhenNothingIsCorrectedInTime_ThenTheRoundEnds_S3_R_REV_3() => Play(async desk =>
    {
        var (first, second) = (await desk.FileByHandlerAsync(Software), await desk.FileByHandlerAsync(Finance));
        await Decide(first, "return", Reviewer);
        await Approve(second, Reviewer);
        await Decide(second, "return", Office);

        await desk.AdvanceTo("2026-11-02 09:00");

        foreach (var filed in (FiledCase[])[first, second])
        {
            Assert.Equal("未通过", await filed.Status());
            Assert.Contains($"supplement.due_soon → {filed.Sample.Applicant}", await filed.Told());
        }
    });

    [Fact]
    public Task Lists_WhenTheOfficeTakesACaseOff_ThenItIsReviewedASecondTimeAgain_S3_R_REV_10() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Software);
        await Approve(filed, Reviewer);
        await Approve(filed, Office);
        await desk.Get<SubmissionReturns>().ReturnAsync(desk.As(Office).Caller, filed.Id, "劳动合同信息有误，请核对", null, default);
        await desk.Deliver();

        Assert.Equal(("待复审", "复审"), (await filed.Status(), await Stages(filed)));
        Assert.Contains($"submission.returned → {Handler}", await filed.Told());
    });

    [Fact]
    public Task Reviews_WhenNobodyDecidesInTime_ThenTheyAreEscalatedAndNothingPassesByItself_S3_R_REV_5() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Software);
        await desk.AdvanceTo("2026-10-26 09:00");

        Assert.Null(await TaskOf(filed, Reviewer));
        Assert.Superset(new HashSet<string> { $"task.reminder → {Reviewer}", $"task.overdue → {Reviewer}", "task.escalated → unit-chaohui-superior" }, (await filed.Told()).ToHashSet());
        await Approve(filed, "unit-chaohui-superior");
        await Approve(filed, Office);
        // The list too is due.
        await desk.AdvanceTo("2026-11-20 09:00");
        Assert.Contains($"task.overdue → {Office}", await filed.Told());
        Assert.Equal("已完成", await filed.Status());
    });

    [Fact]
    public Task Intake_WhenItIsWithdrawnBeforeTheReview_ThenItCanBeFiledAgain_S3_R_CASE_6() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Software);
        await filed.Withdraw();

        Assert.Equal("已撤回", await filed.Status());
        await desk.FileByHandlerAsync(Software);
    });

    [Fact]
    public Task Handler_WhenReplaced_ThenTheNewOneGoesOnWithTheCases_S3_R_EMP_3() => Play(async desk =>
    {
        const string New = "emp-chaohui-software-superior";
        var filed = await desk.FileByHandlerAsync(Software);
        await Decide(filed, "return", Reviewer);
        await desk.ReplaceHandlerAsync(Handler, New);

        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Supplement())).Code);
        await (filed with { Sample = filed.Sample with { Applicant = New } }).Supplement();

        Assert.Equal("初审", await Stages(filed with { Sample = filed.Sample with { Applicant = New } }));
    });

    [Fact]
    public Task Filing_WhenSomethingStandsAgainstIt_ThenTheReasonsAreNamed_S3_R_CASE_7_R_CAT_1_R_PRM_1() => Play(async desk =>
    {
        var commands = desk.Get<CaseCommands>();
        // 三.1 仅支持单位填报，不支持个人填报
        Assert.Equal([Codes.WrongFiler], await RefusedAsync(() => commands.CreateAsync(desk.As(Person).Caller, new NewCase { Service = desk.Service }, null, default)));
        // Somebody else's employee.
        Assert.Equal([Codes.NotAssociatedWithApplicant], await RefusedAsync(() => commands.CreateAsync(desk.As("emp-haiqing-ai-handler").Caller, new NewCase { Service = desk.Service, ApplicantId = Person }, null, default)));
        // 三.4 通过办理“人才引进”业务开通权限的，办理留学人员引进仍需再次开通
        await desk.Execute("update approvals.permissions set service = 'talent-introduction' where employer_id = 'emp-chaohui-software'; update approvals.certifications set ended_at = now() where employer_id = 'emp-chaohui-software'");
        Assert.Equal([Codes.NotCertified, Codes.NoPermission], await RefusedAsync(() => desk.DraftByHandlerAsync(Software)));
        var entry = (await desk.Get<CatalogueReader>().ListAsync(desk.As(Handler).Caller, Person, null, default)).Items.Single(s => s.Service == "returnee-intake");
        Assert.Equal([Codes.NotCertified, Codes.NoPermission], entry.Reasons.Select(r => r.Code));
        Assert.Equal("单位尚未开通“留学回国人员引进·需求申报”业务权限", entry.Reasons[1].Zh);
        Assert.Equal("/api/v1/catalogue/returnee-permission", entry.Reasons[1].Remedy.Href);
        // 同一人同时只有一件在办.
        var filed = await desk.FileByHandlerAsync(Finance);
        Assert.Equal([Codes.ExcludedByCase], await RefusedAsync(() => desk.DraftByHandlerAsync(Finance)));
        Assert.Equal("待审核", await filed.Status());
    });

    [Fact]
    public Task Materials_WhenLessThanAYearWasAbroad_ThenTheStudyOnlineIsProvenAndElseNot_S3_R_CASE_3() => Play(async desk =>
    {
        string[] always = ["insurance-record", "declaration", "admission-letter", "transcript", "degree-certificate", "degree-recognition", "exit-entry-record", "tax-record"];
        var (year, less) = (await desk.DraftByHandlerAsync(Software), await desk.DraftByHandlerAsync(Finance));

        var (ofYear, ofLess) = (await Asked(year), await Asked(less));
        Assert.Equal(always, ofYear);
        Assert.Equal([.. always, "online-study-proof"], ofLess);
        // 附件以“单位-姓名-材料名称”命名
        var slot = (await Materials(year)).Slots.Single(s => s.Slot == "insurance-record");
        Assert.Equal("社会保险个人权益记录（参保人员缴费信息）", slot.Zh);

        // Without one of them it isn't handed in, whatever the form says.
        var taken = (await Materials(less)).Slots.Single(s => s.Slot == "online-study-proof").Materials.Single().Id;
        await desk.Get<FilingCommands>().RemoveAsync(less.Applicant.Caller, less.Id, "online-study-proof", taken, null, default);
        var refused = await Assert.ThrowsAsync<WorkflowException>(less.Submit);
        Assert.Equal([("materials.online-study-proof", "material_missing")], Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refused.Facts["errors"]).Select(e => (e.Path, e.Code)));
        await year.Submit();
        Assert.Equal("待审核", await year.Status());
    });

    [Fact]
    public Task Form_WhenItIsFilledInWrongly_ThenEachErrorNamesItsField_S3_R_CASE_2() => Play(async desk =>
    {
        var filed = await desk.DraftByHandlerAsync("05-haiqing-institute-invalid");

        var refused = await Assert.ThrowsAsync<WorkflowException>(filed.Submit);

        var errors = Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refused.Facts["errors"]);
        Assert.Equal(filed.Sample.ExpectedErrors.Select(e => (e.Path, e.Code)), errors.Where(e => !e.Path.StartsWith("materials", StringComparison.Ordinal)).Select(e => (e.Path, e.Code)));
        Assert.All(errors, e => Assert.Contains(e.Zh, c => c is >= '一' and <= '龥'));
    });

    [Fact]
    public Task Reviews_WhenWhoDecidedTheFirstOpensTheSecond_ThenSomebodyElseHasToDecide_S3_R_REV_9() => Play(async desk =>
    {
        await desk.Execute($"insert into approvals.user_roles (user_id, role, organisation_id) values ('{Reviewer}', 'unit.talent-office', 'unit-chaohui')");
        var filed = await desk.FileByHandlerAsync(Software);
        await Approve(filed, Reviewer);

        Assert.Null(await TaskOf(filed, Reviewer));
        await Approve(filed, Office);
        Assert.Equal("已完成", await filed.Status());
    });

    [Fact]
    public Task Documents_WhenTheyAreRead_ThenTheDeclarationsTemplateIsAmongThem_S3_R_CAT_2_R_CASE_3() => Play(async desk =>
    {
        var documents = desk.Content.Documents.Where(d => d.Service == "returnee-intake").ToArray();

        Assert.Equal(["conditions", "faq", "policy", "procedure", "tips"], documents.Select(d => d.Kind).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("法定代表人（签字）", documents.Single(d => d.Slug == "declaration").BodyZh, StringComparison.Ordinal);
        Assert.Contains("2020年1月", documents.Single(d => d.Slug == "insurance-record").BodyZh, StringComparison.Ordinal);
        await Task.CompletedTask;
    });

    private static async Task<CaseMaterialsView> Materials(FiledCase filed) => (await filed.Desk.Get<FilingReader>().MaterialsAsync(filed.Applicant.Caller, filed.Id, null, default)).View;

    private static async Task<string[]> Asked(FiledCase filed) => [.. (await Materials(filed)).Slots.Where(s => s is { Applies: true, Required: true }).Select(s => s.Slot)];

    private static async Task<string[]> RefusedAsync(Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<WorkflowException>(act);
        Assert.True(refusal.Code == ErrorCodes.FilingRefused, refusal.ToString());
        return [.. ((IReadOnlyList<FilingReason>)refusal.Facts["reasons"]!).Select(r => r.Code)];
    }
}
