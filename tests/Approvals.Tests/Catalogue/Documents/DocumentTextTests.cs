using System.Text.RegularExpressions;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Catalogue.Documents;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Approvals.Tests.Catalogue.Documents;

/// <summary>Whatever stands in a document, the page does nothing but show it.</summary>
public sealed partial class DocumentTextTests
{
    public static TheoryData<string> Hostile =>
    [
        "<script>alert(1)</script>", "a <b onclick=alert(1)>b</b>", "<img src=x onerror=alert(1)>", "<!-- --><svg/onload=alert(1)>", "<iframe src=//evil.example>", "<style>*{display:none}</style>", "<a href=\"javascript:alert(1)\">x</a>",
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](\tjavascript:alert(1))", "[x](java&#10;script:alert(1))", "[x](javascript&colon;alert(1))", "[x](&#106;avascript:alert(1))", "[x](<javascript:alert(1)>)", "[x](<java\u0001script:alert(1)>)",
        "[x](vbscript:msgbox)", "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](file:///etc/passwd)", "[x](ftp://evil.example)", "[x](//evil.example)", "[x](/\\evil.example)", "[x](\\\\evil.example)", "[x](blob:x)", "[x](:x)",
        "<javascript:alert(1)>", "<data:text/html,x>", "[x]: javascript:alert(1)\n\n[x]", "[x][y]\n\n[y]: <javascript:alert(1)> \"t\"", "![x](https://evil.example/pixel.png)", "![x](/pixel.png)", "![x](javascript:alert(1))",
        "[![x](https://evil.example/p.png)](javascript:alert(1))", "[x](https://ok.example \"\\\" onmouseover=alert(1) \\\"\")", "[x](https://ok.example/\"onmouseover=alert(1))", "[x](https://ok.example/'><script>)",
        "```html\n<script>alert(1)</script>\n```", "```\"><script>alert(1)</script>\nx\n```", "`<script>`", "    <script>", "| <script> | x |\n|---|---|\n| [x](javascript:alert(1)) | <img src=x> |", "# <script>x", "> <script>x", "* [x](javascript:x)",
        "ftp://evil.example/x and javascript:alert(1)", "&lt;script&gt;", "{onclick=alert(1)} text {.x #y}", "<?php echo 1 ?>", "<![CDATA[<script>]]>",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Text_WhenItIsHostile_ThenItIsShownAndNothingElse_R_CAT_2(string markdown)
    {
        Assert.True(DocumentText.TryRender(markdown, out var html));

        OnlyShows(html);
    }

    [Theory]
    [InlineData("[办法](/services/a/b)", "/services/a/b")]
    [InlineData("[办法](b?x=1#c)", "b?x=1#c")]
    [InlineData("[第一条](#a:b)", "#a:b")]
    [InlineData("[网站](https://www.example.org/a?b=c&d)", "https://www.example.org/a?b=c&amp;d")]
    [InlineData("<http://www.example.org>", "http://www.example.org")]
    [InlineData("[电话](tel:0199-0000-8300)", "tel:0199-0000-8300")]
    [InlineData("<office@talent.example.org>", "mailto:office@talent.example.org")]
    public void Link_WhenItLeadsToAPageMailOrTelephone_ThenItIsOneWithoutAnOpener_R_CAT_2(string markdown, string href)
    {
        Assert.True(DocumentText.TryRender(markdown, out var html));

        Assert.Contains($"<a href=\"{href}\" rel=\"noopener\">", html, StringComparison.Ordinal);
        OnlyShows(html);
    }

    [Fact]
    public void Text_WhenItHasHeadingsListsAndTables_ThenTheyAreShown_R_CAT_2()
    {
        Assert.True(DocumentText.TryRender("## 条件\n\n1. **甲**\n2. 乙\n\n| 级别 | 学历 |\n|---|---|\n| 政工师 | 本科 |\n\n> 提示", out var html));

        foreach (var part in (string[])["<h2", "<ol>", "<strong>甲</strong>", "<table>", "<td>政工师</td>", "<blockquote>"])
            Assert.Contains(part, html, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_WhenItIsNestedWithoutEnd_ThenItIsRefusedAndNothingBreaks_R_CAT_2()
    {
        foreach (var hostile in (string[])[new string('>', 5000) + " x", new string('[', 5000), string.Concat(Enumerable.Range(0, 200).Select(i => new string(' ', i * 2) + "- x\n"))])
            Assert.False(DocumentText.TryRender(hostile, out _));
        Assert.True(DocumentText.TryRender("- a\n  - b\n    - c\n      > **d**", out var html));
        OnlyShows(html);
    }

    [Fact]
    public void Text_WhenItIsAnything_ThenTheHtmlOnlyShows_R_CAT_2() => Property.Holds(
        from parts in Gen.ListOf(Gen.Elements("<", ">", "\"", "'", "[x](", ")", "![", "]", "javascript:", "https://e.example", "&#58;", "<script>", "onload=", "`", "\n", "|", "---", " ", "a", "\\", "<a href=", "data:", "[r]: ", "\t"))
        select string.Concat(parts),
        markdown =>
        {
            if (DocumentText.TryRender(markdown, out var html))
                OnlyShows(html);
        }, 1000);

    /// <summary>Every tag is one of text, and only links and tables have an attribute: a safe address, an alignment.</summary>
    private static void OnlyShows(string html)
    {
        var rest = Tag().Replace(html, tag =>
        {
            Assert.Matches(Harmless(), tag.Value);
            if (Href().Match(tag.Value) is { Success: true } link)
                Assert.True(DocumentText.IsAllowed(System.Net.WebUtility.HtmlDecode(link.Groups[1].Value)), tag.Value);
            return "";
        });
        Assert.DoesNotContain('<', rest);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("""^</?(p|h[1-6]|ul|ol|li|strong|em|code|pre|blockquote|hr|br|table|thead|tbody|tr|th|td|a)( start="\d+")?( type="[aAiI1]")?( class="language-[^"<>]*")?( style="text-align: (left|right|center);")?( href="[^"<>]*" rel="noopener")? ?/?>$""")]
    private static partial Regex Harmless();

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Href();
}
