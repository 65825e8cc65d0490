using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Approvals.Tests.Letters;

/// <summary>The page of a letter, whatever stands in its data.</summary>
public sealed partial class LetterTextTests
{
    private static readonly Letter Correction = Load();

    private static Letter Load()
    {
        using var content = new ShippedContent();
        return content.Load().Letters.Find("correction")!;
    }

    [Fact]
    public void Html_WhenItIsMadeAgainFromWhatIsKept_ThenItIsTheSameToTheByte_R_DOC_1() => Property.Holds(Texts, text =>
    {
        var kept = LetterText.Read(text.Canonical());

        Assert.Equal(text.Canonical(), kept.Canonical());
        Assert.Equal(text.Html(Correction), kept.Html(Correction));
        Assert.Equal(SealedLetter.Hash(text.Html(Correction)), SealedLetter.Hash(kept.Html(Correction)));
    });

    [Fact]
    public void Html_WhenDataLooksLikeMarkup_ThenItIsText_R_DOC_1() => Property.Holds(Texts, text =>
    {
        var tags = Tag().Matches(text.Html(Correction)).Select(m => m.Value).ToHashSet();

        Assert.Subset(new HashSet<string> { "<!doctype", "<html", "<head", "<meta", "<title", "<style", "<body", "<main", "<section", "<p", "<h1", "<h2", "<div", "<span" }, tags);
    });

    [Fact]
    public void Html_WhenAReasonHasLines_ThenEachIsAParagraphAndNothingIsLeftOfWhatIsAbsent_R_DOC_1()
    {
        var html = Text("一、缺少劳动合同；\n二、<b>工作证明</b>未盖章。", null).Html(Correction);

        Assert.Contains("<p>一、缺少劳动合同；</p>\n<p>二、&lt;b&gt;工作证明&lt;/b&gt;未盖章。</p>", html, StringComparison.Ordinal);
        Assert.Contains("请尽快登录平台完成补正并重新提交。", html, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", html, StringComparison.Ordinal);
        Assert.Contains("〔印章〕", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("申报编号：RCRH-119900-2026-000002-12，收悉", "申报编号：<span class=\"whole\">RCRH-119900-2026-000002-12</span>，收悉")]
    [InlineData("0199-0000-8304（工作日 9:00–12:00、13:30–17:30）", "<span class=\"whole\">0199-0000-8304</span>（工作日 <span class=\"whole\">9:00–12:00</span>、<span class=\"whole\">13:30–17:30</span>）")]
    [InlineData("2026年9月21日 x-y a-1", "2026年9月21日 x-y a-1")]
    public void Html_WhenItHasANumberWithHyphens_ThenNoLineEndsInIt_R_DOC_1(string said, string html) => Assert.Contains($"<p>{html}</p>", Text(said, null).Html(Correction), StringComparison.Ordinal);

    [Theory]
    [InlineData("{issuer}受字〔{year}〕{serial}号", "示人才受字〔2026〕7号")]
    [InlineData("A-{year}-{serial}", "A-2026-7")]
    [InlineData("{year}", null)]
    [InlineData("{serial}号", null)]
    [InlineData("{year}{serial}{serial}", null)]
    [InlineData("{year}{serial}{case}", null)]
    [InlineData("{year}{serial}}", null)]
    [InlineData("a/{year}{serial}", null)]
    [InlineData("", null)]
    public void Number_WhenItsRuleIsRead_ThenItTakesYearAndSerialAndNothingUnknown_R_DOC_1(string rule, string? number) =>
        Assert.Equal(number, LetterNumberRule.Parse(rule)?.Write("示人才", 2026, 7));

    private static Gen<LetterText> Texts =>
        from reason in ArbMap.Default.GeneratorFor<NonNull<string>>()
        from hostile in Gen.Elements("", "<script>alert(1)</script>", "</p></main><img src=x onerror=alert(1)>", "{{reason}}", "\"'&", "\u202Eabc", "𠮷野家", "## 标题\n\n- 列表")
        from due in ArbMap.Default.GeneratorFor<bool>()
        select Text(reason.Get.Replace("\0", "", StringComparison.Ordinal) + hostile, due ? "2026年11月22日" : null, hostile);

    private static LetterText Text(string reason, string? due, string name = "李示例")
    {
        var fields = new Dictionary<string, string>
        {
            ["caseNumber"] = "ZGZP-119900-2026-000128-4", ["serviceName"] = "政工职评", ["submittedOn"] = "2026年9月21日", ["reason"] = Talent.Workflows.Approvals.Messages.Templates.MessageCatalogue.Clean(reason), ["hotline"] = "0199", ["hotlineHours"] = "工作日",
        };
        if (due is not null)
            (fields["dueDate"], fields["dueDays"]) = (due, "10个工作日");
        return new LetterText
        {
            Id = Guid.Empty, CaseId = Guid.Empty, Kind = "correction", Number = "示人才补字〔2026〕1号", TitleZh = "补正告知书", TitleEn = "Correction", IssuerZh = "示例市人才工作局", IssuerEn = "Bureau",
            AddresseeZh = name, AddresseeEn = name, DateZh = "2026年9月22日", DateEn = "22 September 2026", Fields = fields, FieldsEn = fields,
        };
    }

    [GeneratedRegex("<!?[a-zA-Z][a-zA-Z0-9]*")]
    private static partial Regex Tag();
}
