using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Letters;
using Talent.Workflows.Approvals.Tests.Notices;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Engine;
using Codes = Talent.Workflows.Approvals.Catalogue.FilingReasonCodes;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>引进人才 (S7): the entry of figure 12 of the employers' manual, and the flow that the requirements give it.</summary>
public sealed class TalentIntroductionScenarioTests() : ExampleScenarios("talent-introduction")
{
    private const string Bureau = "bureau-reviewer-1";
    private const string Li = "01-li-completed", Wang = "02-wang-rejected-by-panel", Zhang = "03-zhang-returned";

    private protected override Task<CaseDesk> OpenAsync() => base.OpenAsync().WithReadyEmployersAsync("emp-metro", "emp-university", "emp-press", "emp-museum");

    [Fact]
    public Task Introduction_WhenEveryLevelAndThePanelPassIt_ThenItIsNoticedAndCompleted_S7_R_CASE_7_R_PAN_2_R_NOT_1() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Li);
        Assert.Equal("用人单位审核", await Stages(filed));
        Assert.Equal("示例市城市运行集团有限公司", (await filed.Read()).Data["1"].GetProperty("unitName").GetString());
        // Who filed it doesn't judge it.
        Assert.Null(await TaskOf(filed, filed.Sample.Applicant));
        await Levels(filed, "emp-metro", "unit-assets");
        var panel = new PanelDesk(desk, filed);
        Assert.Equal(("专家评审", "专家评审中"), (await Stages(filed), await filed.Status()));
        Assert.DoesNotContain("expert-12", (await panel.PanelAsync()).Experts!.Select(e => e.Id)); // of the applicant's employer
        await panel.Cast("pass", "pass", "pass", "pass", "abstain");

        Assert.Equal("公示中", await filed.Status());
        var notice = await new NoticeDesk(desk, filed).NoticeAsync();
        Assert.Equal(["李*例", "示例市城市运行集团有限公司", "紧缺急需人才", "评审通过"], notice.Lines.Select(l => l.Text));
        await desk.AdvanceTo(notice.Until.ToOffset(Approvals.Calendars.ChinaTime.Offset).AddMinutes(1).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal("已办结", await filed.Status());
        Assert.Superset(new HashSet<string> { "case.completed → applicant-li", "case.completed → emp-metro-handler", "case.submitted → emp-metro-handler" }, (await filed.Told()).ToHashSet());
    });

    [Fact]
    public Task Introduction_WhenThePanelDoesntPassIt_ThenItEnds_S7_R_PAN_2() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Wang);
        await Levels(filed, "emp-university", "unit-education");
        await new PanelDesk(desk, filed).Cast("fail", "fail", "fail", "pass", "pass");

        Assert.Equal("未通过", await filed.Status());
        Assert.Contains("case.rejected → emp-university-handler", await filed.Told());
    });

    [Fact]
    public Task Introduction_WhenItIsReturnedAtAnyLevel_ThenTheHandlerCorrectsItAndItComesBackThere_S7_R_REV_3() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Zhang);
        await ReturnedAtEachLevel(filed, "市局审核", ("emp-press-reviewer-1", "用人单位审核"), ("unit-culture-reviewer-1", "归口单位审核"), (Bureau, "市局审核"));
        Assert.Equal("专家评审中", await filed.Status());
    });

    [Fact]
    public Task Introduction_WhenALevelRejectsItOrNothingIsCorrectedInTime_ThenItEnds_S7_R_REV_2_R_REV_3() => Play(desk =>
        EndsAtEachLevel(desk, Li, "emp-metro-reviewer-1", "unit-assets-reviewer-1", Bureau));

    [Fact]
    public Task Panel_WhenThereIsNoQuorum_ThenTheBureauReviewsAgain_S7_R_PAN_2() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Li);
        await Levels(filed, "emp-metro", "unit-assets");
        await desk.Execute("update approvals.users set active = false where id like 'expert-%'");
        await desk.AdvanceTo("2026-10-20 09:00");
        var panel = new PanelDesk(desk, filed);
        await panel.Commands.CloseAsync(desk.As(PanelDesk.Secretary).Caller, (await panel.PanelAsync()).Id, null, default);

        Assert.Equal(("市局审核", "待市局审核"), (await Stages(filed), await filed.Status()));
    });

    [Fact]
    public Task Notice_WhenAnObjectionHolds_ThenTheBureauReviewsAgain_S7_R_NOT_1() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Li);
        await Levels(filed, "emp-metro", "unit-assets");
        await new PanelDesk(desk, filed).Cast("pass", "pass", "pass", "pass", "pass");
        var notices = new NoticeDesk(desk, filed);
        await notices.Object((await notices.NoticeAsync()).Id);
        await notices.Clerk.Decide(Assert.Single(await notices.ObjectionTasks()), "uphold", "经核实，业绩材料不实。");
        await Settle(desk);

        Assert.Equal("市局审核", await Stages(filed));
        await Decide(filed, "reject", Bureau);
        Assert.Equal("未通过", await filed.Status());
    });

    [Fact]
    public Task Case_WhenItIsWithdrawn_ThenAnotherCanBeFiled_S7_R_CASE_6() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Li);
        await filed.Withdraw();

        Assert.Equal("已撤回", await filed.Status());
        await desk.FileByHandlerAsync(Li);
    });

    [Fact]
    public Task Materials_WhenFamilyAndAddressDiffer_ThenEachBringsItsOwn_S7_R_CASE_3() => Play(async desk =>
    {
        var (li, wang, zhang) = (await Asked(desk, Li), await Asked(desk, Wang), await Asked(desk, Zhang));

        Assert.Superset(new HashSet<string> { "property-certificate", "title-certificate", "family-identity", "marriage-certificate", "birth-certificate" }, li);
        Assert.Contains("collective-household", wang);
        Assert.DoesNotContain("property-certificate", wang);
        Assert.Superset(new HashSet<string> { "property-certificate", "relative-consent" }, zhang);
        Assert.DoesNotContain("title-certificate", zhang);

        // 随迁人员: a spouse without the marriage certificate keeps the case.
        var filed = await desk.DraftByHandlerAsync(Li);
        var data = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(filed.Sample.Phase1)!;
        var rows = JsonSerializer.Deserialize<List<Dictionary<string, JsonElement>>>(data["accompanying"])!;
        rows[0].Remove("marriageFile");
        rows[1].Remove("birthFile");
        data["accompanying"] = JsonSerializer.SerializeToElement(rows);
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, JsonSerializer.SerializeToElement(data), null, default);
        var refused = await Assert.ThrowsAsync<WorkflowException>(filed.Submit);
        Assert.Equal(["accompanying[0].marriageFile", "accompanying[1].birthFile"], Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refused.Facts["errors"]).Select(e => e.Path));
    });

    [Fact]
    public Task Catalogue_WhenSomethingStandsAgainstIt_ThenTheEmployerSeesEveryReason_Figure12_S7_R_CAT_1_R_PRM_1() => Play(async desk =>
    {
        // 被限制办理原因, all at once; a permission for returnees isn't one for this.
        await desk.Execute("""
            update approvals.certifications set ended_at = now() where employer_id = 'emp-metro';
            update approvals.permissions set service = 'returnee-intake' where employer_id = 'emp-metro';
            update approvals.materials set deleted_at = now(), deleted_by = 'emp-metro-handler' where owner_kind = 'employer' and owner_id = 'emp-metro'
            """);
        var entry = (await desk.Get<CatalogueReader>().ListAsync(desk.As("emp-metro-handler").Caller, "applicant-li", null, default)).Items.Single();

        Assert.Equal([Codes.NotCertified, Codes.EmployerProfileIncomplete, Codes.NoPermission], entry.Reasons.Select(r => r.Code));
        Assert.Equal("单位尚未开通“引进人才”业务权限", entry.Reasons[2].Zh);
        Assert.Equal("/api/v1/catalogue/introduction-permission", entry.Reasons[2].Remedy.Href);
        Assert.Equal(ErrorCodes.FilingRefused, (await Assert.ThrowsAsync<WorkflowException>(() => desk.DraftByHandlerAsync(Li))).Code);
        // Persons don't file it themselves, and one without a profile isn't filed for.
        var own = (await desk.Get<CatalogueReader>().ListAsync(desk.As("applicant-wang").Caller, "applicant-wang", null, default)).Items.Single();
        Assert.Equal([Codes.WrongFiler], own.Reasons.Select(r => r.Code));
        var lin = (await desk.Get<CatalogueReader>().ListAsync(desk.As("emp-museum-handler").Caller, "applicant-lin", null, default)).Items.Single();
        Assert.Equal([Codes.ProfileIncomplete], lin.Reasons.Select(r => r.Code));
        // And whoever meets all of it sees it open.
        Assert.True((await desk.Get<CatalogueReader>().ListAsync(desk.As("emp-press-handler").Caller, "applicant-zhang", null, default)).Items.Single().Open);
    });

    private static async Task Levels(FiledCase filed, string employer, string unit)
    {
        await Approve(filed, $"{employer}-reviewer-1");
        await Approve(filed, $"{unit}-reviewer-1");
        await Approve(filed, Bureau);
        await Settle(filed.Desk);
    }

    private static async Task<HashSet<string>> Asked(CaseDesk desk, string sample)
    {
        var filed = await desk.DraftByHandlerAsync(sample);
        var view = (await desk.Get<FilingReader>().MaterialsAsync(filed.Applicant.Caller, filed.Id, null, default)).View;
        Assert.Empty(view.Missing);
        return [.. view.Slots.Where(s => s.Applies && s.Materials.Count > 0).Select(s => s.Slot)];
    }
}
