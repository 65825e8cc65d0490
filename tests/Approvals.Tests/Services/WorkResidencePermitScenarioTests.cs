using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Letters;
using Talent.Workflows.Approvals.Tests.Notices;
using Codes = Talent.Workflows.Approvals.Catalogue.FilingReasonCodes;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>工作居住证 (S7): the entry of figure 12 of the employers' manual, and the flow that the requirements give it.</summary>
public sealed class WorkResidencePermitScenarioTests() : ExampleScenarios("work-residence-permit")
{
    private const string Bureau = "bureau-reviewer-1", Employer = "emp-water-reviewer-1", Unit = "unit-assets-reviewer-1";
    private const string Huang = "01-huang-first", Wang = "02-wang-renewal-returned", Zhang = "03-zhang-transfer-rejected";

    private protected override Task<CaseDesk> OpenAsync() => base.OpenAsync().WithReadyEmployersAsync("emp-water", "emp-university", "emp-press");

    [Fact]
    public Task Permit_WhenEveryLevelPassesIt_ThenItIsNoticedAndCompleted_S7_R_NOT_1() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Huang);
        await Approve(filed, Employer);
        await Approve(filed, Unit);
        await Approve(filed, Bureau);
        await Settle(desk);

        Assert.Equal("公示中", await filed.Status());
        Assert.Equal(["黄*例", "示例市水务集团有限公司", "首次申领"], (await new NoticeDesk(desk, filed).NoticeAsync()).Lines.Select(l => l.Text));
        await desk.AdvanceTo("2026-10-12 09:00");
        Assert.Equal("已办结", await filed.Status());
        Assert.Contains(desk.Sent, m => m.Event == "case.completed" && m.Text.Contains("工作居住证", StringComparison.Ordinal));
    });

    [Fact]
    public Task Renewal_WhenItIsReturnedAtEachLevel_ThenItComesBackThereAndIsCompleted_S7_R_REV_3() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Wang);
        await ReturnedAtEachLevel(filed, "归口单位审核", ("emp-university-reviewer-1", "用人单位审核"), ("unit-education-reviewer-1", "归口单位审核"), (Bureau, "市局审核"));
        await Settle(desk);
        Assert.Equal("示例市示范区学院路9号教工公寓2号楼1单元301", (await filed.Read()).Data["1"].GetProperty("residenceAddress").GetString());
        Assert.Equal("公示中", await filed.Status());
    });

    [Fact]
    public Task Permit_WhenALevelRejectsItOrNothingIsCorrectedInTime_ThenItEnds_S7_R_REV_2_R_REV_3() => Play(desk =>
        EndsAtEachLevel(desk, Zhang, "emp-press-reviewer-1", "unit-culture-reviewer-1", Bureau));

    [Fact]
    public Task Notice_WhenAnObjectionHolds_ThenTheBureauReviewsAgain_S7_R_NOT_1() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Huang);
        foreach (var reviewer in (string[])[Employer, Unit, Bureau])
            await Approve(filed, reviewer);
        await Settle(desk);
        var notices = new NoticeDesk(desk, filed);
        await notices.Object((await notices.NoticeAsync()).Id);
        await notices.Clerk.Decide(Assert.Single(await notices.ObjectionTasks()), "uphold", "经核实，未在用人单位工作。");

        Assert.Equal("市局审核", await Stages(filed));
    });

    [Fact]
    public Task Materials_WhenKindAndResidenceDiffer_ThenEachAsksForItsOwn_S7_R_CASE_3() => Play(async desk =>
    {
        Assert.Equal(["lease"], await Special(desk, Huang));
        Assert.Equal(["dormitory-proof", "old-permit", "title-certificate"], await Special(desk, Wang));
        Assert.Equal(["old-permit", "property-certificate"], await Special(desk, Zhang));
    });

    [Fact]
    public Task Catalogue_WhenTheEmployerHasNoPermissionForIntroductions_ThenPermitsAreOpenAllTheSame_Figure12_S7_R_CAT_1() => Play(async desk =>
    {
        await desk.Execute("delete from approvals.permissions");
        Assert.True(await Entry(desk, "emp-water", "applicant-huang") is { Open: true, Reasons: [] });

        await desk.Execute("update approvals.certifications set ended_at = now() where employer_id = 'emp-water'");
        Assert.Equal([Codes.NotCertified], (await Entry(desk, "emp-water", "applicant-huang")).Reasons.Select(r => r.Code));
        Assert.Equal([Codes.NotAssociatedWithApplicant], (await Entry(desk, "emp-press", "applicant-huang")).Reasons.Select(r => r.Code));
        // 一人一件
        await desk.FileByHandlerAsync(Zhang);
        Assert.Equal([Codes.ExcludedByCase], (await Entry(desk, "emp-press", "applicant-zhang")).Reasons.Select(r => r.Code));
    });

    [Fact]
    public Task Case_WhenItIsWithdrawn_ThenAnotherCanBeFiled_S7_R_CASE_6() => Play(async desk =>
    {
        var filed = await desk.FileByHandlerAsync(Huang);
        await filed.Withdraw();

        Assert.Equal("已撤回", await filed.Status());
        await desk.FileByHandlerAsync(Huang);
    });

    private static async Task<CatalogueEntry> Entry(CaseDesk desk, string employer, string person) =>
        (await desk.Get<CatalogueReader>().ListAsync(desk.As($"{employer}-handler").Caller, person, null, default)).Items.Single();

    private static async Task<string[]> Special(CaseDesk desk, string sample)
    {
        var filed = await desk.DraftByHandlerAsync(sample);
        var slots = (await desk.Get<FilingReader>().MaterialsAsync(filed.Applicant.Caller, filed.Id, null, default)).View.Slots;
        string[] conditional = ["lease", "property-certificate", "dormitory-proof", "old-permit", "title-certificate"];
        return [.. slots.Where(s => s is { Applies: true, Required: true } && conditional.Contains(s.Slot)).Select(s => s.Slot).Order(StringComparer.Ordinal)];
    }
}
