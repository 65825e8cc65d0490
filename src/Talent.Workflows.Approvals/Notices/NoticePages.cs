using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>The public pages: a list and a feed, plain HTML without script, system fonts, readable on paper and on a phone.</summary>
public static class NoticePages
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1c2430;--soft:#5c6675;--line:#dfe4ea;--paper:#fff;--back:#f4f6f8;--mark:#a5281f}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa5b4;--line:#313a46;--paper:#1a2029;--back:#12161c;--mark:#ef8a80}}
        *{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:16px/1.7 "PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif}
        main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}header{border-bottom:3px solid var(--mark);margin-bottom:1.75rem;padding-bottom:.75rem}
        h1{font-size:1.7rem;margin:0;letter-spacing:.06em}h1 small,h2 small{font-weight:400;color:var(--soft);font-size:.6em;letter-spacing:0;margin-left:.6em}
        article{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:1.25rem 1.5rem;margin:0 0 1.25rem}
        h2{font-size:1.15rem;margin:0 0 .75rem}dl{display:grid;grid-template-columns:8em 1fr;gap:.3rem 1rem;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        .window{margin:1rem 0 0;padding-top:.75rem;border-top:1px solid var(--line)}.window strong{color:var(--mark)}
        code{font:12px/1.5 ui-monospace,Consolas,monospace;color:var(--soft);overflow-wrap:anywhere}footer,.none{color:var(--soft);font-size:.9rem}a{color:inherit}
        @media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}@media print{body{background:#fff}article{break-inside:avoid}}
        """;

    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    public static IEndpointRouteBuilder MapNoticePages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/notices-page", PageAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/notices.atom", FeedAsync).AllowAnonymous().ExcludeFromDescription();
        return routes;
    }

    private static async Task<IResult> PageAsync(string? cursor, HttpContext http, NoticeReader reader, CancellationToken cancellationToken)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(Html(await reader.ListAsync(cursor, 50, cancellationToken)), "text/html; charset=utf-8");
    }

    private static async Task<IResult> FeedAsync(HttpContext http, NoticeReader reader, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(Feed((await reader.ListAsync(null, 100, cancellationToken)).Items), "application/atom+xml; charset=utf-8");
    }

    public static string Html(Page<NoticeView> page)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>公示公告 Public notices</title>")
            .Append("<link rel=\"alternate\" type=\"application/atom+xml\" title=\"公示公告\" href=\"/notices.atom\"><style>").Append(Style)
            .Append("</style></head><body><main><header><h1>公示公告<small>Public notices</small></h1></header>\n");
        foreach (var notice in page.Items)
            Article(html, notice);
        if (page.Items.Count == 0)
            html.Append("<p class=\"none\">当前没有公示。There is no notice at present.</p>\n");
        if (page.Next is { } next)
            html.Append("<p><a href=\"/notices-page?cursor=").Append(WebUtility.HtmlEncode(Uri.EscapeDataString(next))).Append("\">下一页 Next page</a></p>\n");
        return html.Append("<footer>公示期内如有异议，请留下联系方式并说明情况。姓名等个人信息已作脱敏处理。<br>Anyone may object while a notice is up, leaving a way to be reached. Personal data is masked.</footer></main></body></html>\n").ToString();
    }

    public static string Feed(IReadOnlyList<NoticeView> notices) => new XDocument(new XElement(Atom + "feed",
        new XAttribute(XNamespace.Xml + "lang", "zh-CN"),
        new XElement(Atom + "title", "公示公告"),
        new XElement(Atom + "id", "urn:talent-workflows:notices"),
        new XElement(Atom + "author", new XElement(Atom + "name", "公示公告")),
        new XElement(Atom + "updated", Instant(notices.Count == 0 ? DateTimeOffset.UnixEpoch : notices.Max(n => n.From))),
        notices.OrderByDescending(n => n.From).Select(n => new XElement(Atom + "entry",
            new XElement(Atom + "id", $"urn:uuid:{n.Id}"),
            new XElement(Atom + "title", $"{n.Title}（{n.Number}）"),
            new XElement(Atom + "published", Instant(n.From)),
            new XElement(Atom + "updated", Instant(n.From)),
            new XElement(Atom + "content", new XAttribute("type", "text"), Plain(n)))))).ToString();

    private static void Article(StringBuilder html, NoticeView notice)
    {
        html.Append("<article id=\"n-").Append(notice.Id.ToString("N")).Append("\"><h2>").Append(Text(notice.Title)).Append("<small>").Append(Text(notice.Number)).Append("</small></h2><dl>");
        foreach (var line in notice.Lines)
            html.Append("<dt>").Append(Text(line.Label)).Append("</dt><dd>").Append(Text(line.Text)).Append("</dd>");
        html.Append("</dl><p class=\"window\">公示期 ").Append(Day(notice.From)).Append(" 至 <strong>").Append(Day(notice.Until.AddTicks(-1))).Append("</strong>")
            .Append(notice.Provisional ? "（暂定）" : "").Append("<br><code>SHA-256 ").Append(notice.Sha256).Append("</code></p></article>\n");
    }

    private static string Plain(NoticeView notice) =>
        string.Join('\n', notice.Lines.Select(l => $"{l.Label}：{l.Text}").Append($"公示期：{Day(notice.From)}至{Day(notice.Until.AddTicks(-1))}"));

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    private static string Day(DateTimeOffset at)
    {
        var day = ChinaTime.DateOf(at);
        return string.Create(CultureInfo.InvariantCulture, $"{day.Year}年{day.Month}月{day.Day}日");
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
