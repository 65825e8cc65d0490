using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Materials;

public sealed class MaterialProposerTests
{
    private const string Service = "political-work-title";

    [Fact]
    public async Task Proposals_WhenACaseIsToBeFiled_ThenTheNewestFilesOfEachNameAreInThem_R_CASE_4_R_CASE_3()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var proposer = new MaterialProposer(desk.Desk.Database, desk.Desk.Get<ServiceCatalogue>(), desk.Options);
        var old = await KeepAsync("学位证书", "1");
        var noted = await KeepAsync("学位证书（硕士）", "2");
        var newest = await KeepAsync("学位证书.pdf", "3");
        await KeepAsync("证书", "4");
        // A portrait is a picture; a PDF of that name isn't proposed.
        await KeepAsync("证件照片", "5");
        var portrait = await desk.Keep(desk.Li, "证件照片", SampleFiles.Jpeg());
        var employers = await desk.Keep(desk.Handler, "近三年年度考核表", SampleFiles.Pdf("6"), MaterialDesk.Metro);
        var deleted = await KeepAsync("诚信声明", "7");
        await desk.Library.DeleteAsync(desk.Li, deleted.Id, default);

        var mine = await proposer.ForAsync(desk.Li, Service, null, default);
        var handlers = await proposer.ForAsync(desk.Handler, Service, "applicant-li", default);

        Assert.Contains("涉密", mine.WarningZh, StringComparison.Ordinal);
        Assert.Equal([newest.Id, old.Id, noted.Id], Of(mine, "degree-certificate"));
        Assert.Equal([portrait.Id], Of(mine, "photo"));
        Assert.Empty(Of(mine, "declaration"));
        Assert.Empty(Of(mine, "assessment-forms"));
        Assert.Equal([employers.Id], Of(handlers, "assessment-forms"));
        Assert.Equal([newest.Id, old.Id, noted.Id], Of(handlers, "degree-certificate"));
        Assert.True(mine.Items.Single(i => i.Key == "degree-certificate") is { Phase: 1, Required: true, Conditional: true, Zh: "学位证书" });
        Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => proposer.ForAsync(desk.As("applicant-wang"), Service, "applicant-li", default)));
        Assert.Equal(ErrorCodes.NotFound, await desk.Refused(() => proposer.ForAsync(desk.Li, "no-such-service", null, default)));

        async Task<MaterialView> KeepAsync(string name, string text)
        {
            desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow().AddMinutes(1));
            return await desk.Keep(desk.Li, name, SampleFiles.Pdf(text));
        }
    }

    [Fact]
    public async Task Proposals_WhenAFileIsntScanned_ThenItIsntAmongThem_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync(o => o.Scanner = "clamd");
        var proposer = new MaterialProposer(desk.Desk.Database, desk.Desk.Get<ServiceCatalogue>(), desk.Options);
        await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf("1"));
        var clean = await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf("2"));
        await desk.Desk.Execute($"update approvals.material_contents set scan = 'clean' where hash = '{clean.Sha256}'");

        Assert.Equal([clean.Id], Of(await proposer.ForAsync(desk.Li, Service, null, default), "degree-certificate"));
    }

    private static IEnumerable<Guid> Of(MaterialProposals proposals, string key) => proposals.Items.Single(i => i.Key == key).Materials.Select(m => m.Id);
}
