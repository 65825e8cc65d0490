using Talent.Workflows.Approvals.Catalogue.Documents;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Catalogue.Documents;

public sealed partial class ServiceDocumentTests
{
    [Fact]
    public void File_WhenItIsRead_ThenItsHeadSaysWhatItIs_R_CAT_2()
    {
        var document = ServiceDocument.Parse("svc", "rules", "---\r\nkind: policy\r\ntitle: 办法：试行\r\nfrom: 2026-01-01\r\nto: 2026-12-31\r\n\r\nplace: 3\r\n---\r\n正文\r\n", "Text\n");

        Assert.Equal(("svc", "rules", "policy", "办法：试行", new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31), 3, "正文", "Text"),
            (document.Service, document.Slug, document.Kind, document.TitleZh, document.From, document.To!.Value, document.Place, document.BodyZh, document.BodyEn!));
        Assert.Equal(document.Hash, ServiceDocument.Parse("svc", "rules", "---\nkind: policy\ntitle: 办法：试行\nfrom: 2026-01-01\nto: 2026-12-31\n\nplace: 3\n---\n正文\n", "Text\n").Hash);
    }

    [Theory]
    [InlineData("no head", "head")]
    [InlineData("---\nkind: tips\ntitle: x\nfrom: 2026-01-01\ncolour: red\n---\nx", "colour")]
    [InlineData("---\nkind: tips\ntitle: x\nfrom: 2026-13-01\n---\nx", "day")]
    [InlineData("---\nkind: other\ntitle: x\nfrom: 2026-01-01\n---\nx", "use one of")]
    [InlineData("---\nkind: tips\nfrom: 2026-01-01\n---\nx", "characters")]
    [InlineData("---\nkind: tips\ntitle: x\nfrom: 2026-01-01\n---\n", "characters")]
    [InlineData("---\nkind: tips\nkind: tips\ntitle: x\nfrom: 2026-01-01\n---\nx", "twice")]
    public void File_WhenItCanNotBeUsed_ThenTheErrorSaysWhereAndWhy_R_CAT_2(string text, string why)
    {
        var error = Assert.Throws<ContentException>(() => ServiceDocument.Parse("svc", "x", text, null));

        Assert.Contains(error.Errors, e => e.File == "svc/documents/x.md" && e.Message.Contains(why, StringComparison.Ordinal));
    }

    public static TheoryData<string> Shipped =>
        [.. Directory.GetDirectories(ShippedContent.Workflows).Where(f => File.Exists(Path.Combine(f, "service.json"))).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Service_WhenItIsShipped_ThenItHasItsDocumentsAndTheirLinksLeadSomewhere_R_CAT_2(string service)
    {
        var documents = ServiceDocument.ReadAll(Path.Combine(ShippedContent.Workflows, service, "documents"), service);

        Assert.Superset(new HashSet<string> { "policy", "conditions", "procedure", "tips", "faq" }, documents.Select(d => d.Kind).ToHashSet());
        var links = documents.SelectMany(d => new[] { d.BodyZh, d.BodyEn ?? "" }).SelectMany(text => ServiceLink().Matches(text)).Select(m => m.Groups[1].Value.Split('/'));
        Assert.Equal([], links.Where(l => !File.Exists(Path.Combine(ShippedContent.Workflows, l[0], l.Length == 1 ? "service.json" : $"documents/{l[1]}.md"))).Select(l => string.Join('/', l)));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Materials_WhenTheirServiceIsShown_ThenWhenEachIsAskedForIsSaidInWords_R_CAT_2_R_CASE_3(string service)
    {
        var package = ServicePackage.Load(Path.Combine(ShippedContent.Workflows, service), ShippedContent.Shared);

        var html = MaterialGuide.Html(package);

        Assert.All(package.Materials.Requirements.Items, item => Assert.Contains($"<strong>{System.Net.WebUtility.HtmlEncode(item.Zh)}</strong>", html, StringComparison.Ordinal));
        // A code or key that has no word would be shown as it is.
        Assert.DoesNotMatch("为“[A-Za-z0-9_-]+”", System.Net.WebUtility.HtmlDecode(html));
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"\]\(/services/([^)]+)\)")]
    private static partial System.Text.RegularExpressions.Regex ServiceLink();
}
