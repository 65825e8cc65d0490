using System.Globalization;
using System.Net;
using System.Text;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>The minutes as a page to print, in Chinese first. What is printed is the frozen text, line by line, with its hash.</summary>
internal static class PanelMinutesPage
{
    public static string Render(PanelRow panel)
    {
        var text = panel.Minutes!;
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $$"""
            <!doctype html>
            <html lang="zh-CN">
            <head>
            <meta charset="utf-8">
            <title>{{Html(panel.MinutesNumber ?? lines[0])}}</title>
            <style>
            @page { size: A4; margin: 25mm 20mm; }
            body { font-family: "Noto Serif CJK SC", SimSun, serif; max-width: 170mm; margin: 2em auto; line-height: 1.8; color: #000; }
            h1 { text-align: center; font-size: 1.5em; }
            p.number { text-align: center; }
            li { list-style: none; overflow-wrap: anywhere; }
            ul { padding: 0; }
            footer { margin-top: 3em; font-size: .8em; overflow-wrap: anywhere; }
            .signatures { margin-top: 3em; display: flex; justify-content: space-between; }
            </style>
            </head>
            <body>
            <h1>{{Html(lines[0])}}</h1>
            <p class="number">{{Html(panel.MinutesNumber ?? "")}}</p>
            <ul>

            """);
        foreach (var line in lines[1..])
            page.Append(CultureInfo.InvariantCulture, $"<li>{Html(line)}</li>\n");
        page.Append(CultureInfo.InvariantCulture, $"""
            </ul>
            <div class="signatures"><span>评审秘书（签字）：</span><span>主任委员（签字）：</span><span>日期：</span></div>
            <footer>纪要文本 SHA-256：{Digest(text)}。纪要于计票时固化，文本如有改动，摘要即不相符。<br>The minutes were frozen at the count; this is the SHA-256 of their text.</footer>
            </body>
            </html>

            """);
        return page.ToString();
    }

    private static string Digest(string text) => Cases.Digest.Of(text);

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
