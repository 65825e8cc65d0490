using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Catalogue.Documents;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Catalogue.Documents;

/// <summary>政策依据、办理条件、办理流程、温馨提示: editions, by file and by administrators, and which was in force when.</summary>
public sealed class DocumentTests : IAsyncLifetime
{
    private static string DocumentBody(string html) => html[html.IndexOf("<article", StringComparison.Ordinal)..];

    private const string Service = "political-work-title";
    private CaseDesk desk = null!;

    public async Task InitializeAsync()
    {
        desk = await CaseDesk.OpenAsync();
        await desk.Get<CatalogueImport>().ImportAsync(CaseDesk.Importer, default);
    }

    public async Task DisposeAsync() => await desk.DisposeAsync();

    private DocumentStore Store => desk.Get<DocumentStore>();

    private Caller Administrator => desk.As("bureau-superior").Caller with { Scopes = new HashSet<string> { "admin", "cases" } };

    private Task<DocumentView?> InForceAsync(string slug, string day) => Store.FindAsync(Service, slug, null, CaseDesk.Local($"{day} 12:00"), DateTimeOffset.MaxValue, default);

    private static DocumentChange Notice(string text, string from, string? to = null) => new()
    {
        Kind = "notice", TitleZh = text, From = DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), To = to is null ? null : DateOnly.Parse(to, System.Globalization.CultureInfo.InvariantCulture), BodyZh = text, Reason = "年度通知",
    };

    [Fact]
    public async Task Documents_WhenTheFilesAreImportedAgain_ThenNothingChanges_R_CAT_2()
    {
        var before = await desk.Scalar<long>("select count(*) from approvals.document_editions");

        Assert.Equal(0, await desk.Get<CatalogueImport>().ImportAsync(CaseDesk.Importer, default));

        Assert.Equal((before, (long)desk.Content.Documents.Count), (await desk.Scalar<long>("select count(*) from approvals.document_editions"), before));
        Assert.Equal(["conditions", "faq", "notice", "policy", "procedure", "tips"], desk.Content.Documents.Where(d => d.Service == Service).Select(d => d.Kind).Order());
    }

    [Fact]
    public async Task Document_WhenEditionsFollow_ThenEachIsFoundByTheDayItWasInForce_R_CAT_2()
    {
        var documents = desk.Get<DocumentDesk>();
        Assert.Equal(1, await documents.SaveAsync(Administrator, Service, "yearly", Notice("一版", "2026-01-01"), null, default));
        Assert.Equal(2, await documents.SaveAsync(Administrator, Service, "yearly", Notice("二版", "2026-06-01"), 1, default));
        Assert.Equal(3, await documents.SaveAsync(Administrator, Service, "yearly", Notice("国庆", "2026-10-01", "2026-10-07"), 2, default));
        Assert.Equal(4, await documents.SaveAsync(Administrator, Service, "yearly", Notice("废止", "2026-12-01") with { Withdrawn = true }, 3, default));

        foreach (var (day, title) in ((string, string?)[])[("2025-12-31", null), ("2026-01-01", "一版"), ("2026-05-31", "一版"), ("2026-06-01", "二版"), ("2026-10-01", "国庆"), ("2026-10-07", "国庆"), ("2026-10-08", "二版"), ("2026-12-01", null)])
            Assert.Equal(title, (await InForceAsync("yearly", day))?.Document.TitleZh);
        // What isn't in force yet isn't shown, and what was stays to be read.
        Assert.Null(await Store.FindAsync(Service, "yearly", 3, desk.Now, desk.Now, default));
        var first = await Store.FindAsync(Service, "yearly", 1, desk.Now, desk.Now, default);
        Assert.Equal(("一版", false), (first!.Document.TitleZh, first.InForce));
        Assert.Equal([2, 1], first.Editions.Select(e => e.Edition));
        Assert.Equal(["二版"], (await Store.ListAsync(Service, "notice", desk.Now, default)).Where(d => d.Slug == "yearly").Select(d => d.TitleZh));
    }

    [Fact]
    public async Task Document_WhenSaved_ThenItTakesAnAdministratorTheLastEditionAndAReason_R_CAT_2_R_ADM_3()
    {
        var documents = desk.Get<DocumentDesk>();
        async Task<string> Code(Caller caller, DocumentChange change, long? version, string service = Service) =>
            (await Assert.ThrowsAsync<WorkflowException>(() => documents.SaveAsync(caller, service, "tips", change, version, default))).Code;

        Assert.Equal(ErrorCodes.Forbidden, await Code(desk.As("applicant-li").Caller, Notice("x", "2026-01-01"), 1));
        Assert.Equal(ErrorCodes.NotFound, await Code(Administrator, Notice("x", "2026-01-01"), 1, "nothing"));
        Assert.Equal(ErrorCodes.PreconditionRequired, await Code(Administrator, Notice("x", "2026-01-01"), null));
        Assert.Equal(ErrorCodes.PreconditionFailed, await Code(Administrator, Notice("x", "2026-01-01"), 9));
        foreach (var wrong in (DocumentChange[])[Notice("x", "2026-01-01") with { Kind = "other" }, Notice("x", "2026-01-02", "2026-01-01"), Notice("x", "2026-01-01") with { Reason = " " }, Notice("x", "2026-01-01") with { BodyZh = new string('>', 5000) }])
            Assert.Equal(ErrorCodes.InvalidRequest, await Code(Administrator, wrong, 1));

        Assert.Equal(2, await documents.SaveAsync(Administrator, Service, "tips", Notice("新的提示", "2026-09-01") with { Kind = "tips" }, 1, default));
        var changes = await desk.Get<CatalogueDesk>().ChangesAsync(Administrator, "document", $"{Service}/tips", default);
        Assert.Equal([(2L, "bureau-superior"), (1L, null)], changes.Select(c => (c.Version, c.User)));

        // The file changes afterwards: what the administrator wrote stays.
        var another = await desk.AnotherAsync(folder => File.AppendAllText(Path.Combine(folder, Service, "documents", "tips.md"), "\n- 补充说明\n"));
        using (another)
            Assert.Equal(0, await ((CatalogueImport)another.Services.GetService(typeof(CatalogueImport))!).ImportAsync(CaseDesk.Importer, default));
        Assert.Equal("新的提示", (await InForceAsync("tips", "2026-09-21"))!.Document.TitleZh);
    }

    [Fact]
    public async Task File_WhenItChanges_ThenItIsAnotherEditionAndAnOlderFileBringsNothingBack_R_CAT_2()
    {
        using (var newer = await desk.AnotherAsync(folder => File.AppendAllText(Path.Combine(folder, Service, "documents", "faq.md"), "\n**问：新增？**\n\n答：是。\n")))
            Assert.Equal(1, await ((CatalogueImport)newer.Services.GetService(typeof(CatalogueImport))!).ImportAsync(CaseDesk.Importer, default));

        Assert.Equal(0, await desk.Get<CatalogueImport>().ImportAsync(CaseDesk.Importer, default));

        var faq = await InForceAsync("faq", "2026-09-21");
        Assert.Equal(2, faq!.Document.Edition);
        Assert.Contains("新增", faq.BodyZh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rounds_WhenAFileBringsThem_ThenTheyAreThereOnceAndAnAdministratorsChangeStays_R_CAT_1()
    {
        static void Write(string folder, string closes) => File.WriteAllText(Path.Combine(folder, Service, "rounds.json"),
            $$"""[{ "id": "pwt-2026-1", "year": 2026, "nameZh": "2026年第一批", "nameEn": "First round of 2026", "opensOn": "2026-09-01", "closesOn": "{{closes}}" }]""");
        async Task<int> Import(string closes)
        {
            using var node = await desk.AnotherAsync(folder => Write(folder, closes));
            return await ((CatalogueImport)node.Services.GetService(typeof(CatalogueImport))!).ImportAsync(CaseDesk.Importer, default);
        }
        var rounds = desk.Get<CatalogueDesk>();

        Assert.Equal((1, 0, 1, 0), (await Import("2026-09-30"), await Import("2026-09-30"), await Import("2026-10-31"), await Import("2026-09-30")));
        var round = Assert.Single((await rounds.RoundsAsync(Service, null, 50, default)).Items);
        Assert.Equal((2L, new DateOnly(2026, 10, 31)), (round.Version, round.ClosesOn));
        await rounds.SaveAsync(Administrator, round.Id, new RoundChange { Series = Service, Year = 2026, NameZh = round.NameZh, NameEn = round.NameEn, OpensOn = round.OpensOn, ClosesOn = new(2026, 11, 15), Reason = "延长" }, 2, default);
        Assert.Equal(0, await Import("2026-12-31"));
        Assert.Equal(new DateOnly(2026, 11, 15), Assert.Single((await rounds.RoundsAsync(Service, null, 50, default)).Items).ClosesOn);
    }

    [Fact]
    public async Task Pages_WhenShown_ThenTextIsEncodedAndTheHotlineIsThere_R_CAT_2()
    {
        await desk.Get<DocumentDesk>().SaveAsync(Administrator, Service, "odd", Notice("<script>x</script>", "2026-01-01"), null, default);
        var entry = await desk.Get<CatalogueReader>().ReadAsync(null, Service, null, null, default);

        var page = ServicePages.Html(entry, desk.Get<ApprovalContent>().Find(Service)!);
        var document = ServicePages.Html((await InForceAsync("odd", "2026-09-21"))!, entry);

        Assert.Contains("0199-0000-8300", page, StringComparison.Ordinal);
        Assert.Contains("平台使用须知", page, StringComparison.Ordinal);
        foreach (var text in (string[])["用人单位审核", "<h2>申请材料</h2>", "“是否持有职称证书”为“是”时提交", "PDF、JPG、PNG，不超过10MB"])
            Assert.Contains(text, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<h1", DocumentBody(document), StringComparison.Ordinal);
        Assert.All((string[])[page, document], html => Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("&lt;script&gt;", document, StringComparison.Ordinal);
        Assert.True(entry.Documents!.Any(d => d.Service == DocumentKinds.Shared) && entry.Documents!.Select(d => d.Kind).Distinct().Count() == DocumentKinds.All.Count);
    }
}
