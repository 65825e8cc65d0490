using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>The public pages: a list, one notice with a form for objections, and a feed; plain HTML without script, system fonts, readable on paper and on a phone.</summary>
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
        h2 a{text-decoration:none}h2 a:hover,h2 a:focus{text-decoration:underline}h3{font-size:1.05rem;margin:0 0 .5rem}.button,button{display:inline-block;margin-top:1rem;padding:.6rem 1.5rem;border:0;border-radius:6px;background:#a5281f;color:#fff;font:inherit;text-decoration:none;cursor:pointer}
        label{display:block;margin-top:1rem;font-weight:600}input,textarea{width:100%;margin-top:.25rem;padding:.6rem .75rem;border:1px solid var(--soft);border-radius:6px;background:var(--paper);color:var(--ink);font:inherit}:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
        .hint{margin:.25rem 0 0;color:var(--soft);font-size:.9rem}.wrong{border-left:4px solid var(--mark);padding:.5rem 1rem;margin:1rem 0 0}.number{font-size:1.6rem;margin:.5rem 0}
        @media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}@media print{body{background:#fff}article{break-inside:avoid}form,.button{display:none}}
        """;

    private const string FormCookie = "talent-notice-form";

    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    public static IEndpointRouteBuilder MapNoticePages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/notices", PageAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/notices/{id:guid}", OneAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/notices/{id:guid}", ObjectAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/notices.atom", FeedAsync).AllowAnonymous().ExcludeFromDescription();
        return routes;
    }

    private static async Task<IResult> PageAsync(string? cursor, HttpContext http, NoticeReader reader, CancellationToken cancellationToken) =>
        Page(http, 200, Html(await reader.ListAsync(cursor, 50, cancellationToken)));

    private static async Task<IResult> OneAsync(Guid id, HttpContext http, NoticeReader reader, Cursors signer, CancellationToken cancellationToken)
    {
        try
        {
            return Page(http, 200, Html(await reader.ReadAsync(id, null, null, cancellationToken), await reader.OfficeAsync(id, cancellationToken), new ObjectionForm(Token(http, id, signer))));
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.NotFound)
        {
            return Missing(http);
        }
    }

    /// <summary>The form's way in. The browser has to hold the cookie that the form was made with: no other site can send it.</summary>
    private static async Task<IResult> ObjectAsync(Guid id, HttpContext http, NoticeReader reader, NoticeCommands commands, Cursors signer, CancellationToken cancellationToken)
    {
        if (!http.Request.HasFormContentType)
            return Page(http, 415, Whole("无法提交", "<p>请通过公示页面的表单提交异议。Use the form of the page.</p>"));
        var fields = await http.Request.ReadFormAsync(cancellationToken);
        var form = new ObjectionForm("", fields["name"], fields["contact"], fields["text"]);
        var (status, fault, number) = (200, (string?)null, (string?)null);
        try
        {
            if (!IsOurs(http, id, signer, fields["token"]))
                throw new WorkflowException(ErrorCodes.Forbidden, "The form is too old.", "页面已失效，请核对内容后重新提交。");
            number = (await commands.ObjectAsync(id, new ObjectionRequest(form.Name, form.Contact, form.Text).ToObjection(), http.Connection.RemoteIpAddress, cancellationToken)).Number;
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.NotFound)
        {
            return Missing(http);
        }
        catch (WorkflowException e)
        {
            (status, fault) = (e.Code switch { ErrorCodes.RateLimited => 429, ErrorCodes.Forbidden => 403, ErrorCodes.WrongState => 409, _ => 400 }, e.MessageZh);
        }
        var office = await reader.OfficeAsync(id, cancellationToken);
        return number is not null
            ? Page(http, 200, Receipt(id, number, office))
            : Page(http, status, Html(await reader.ReadAsync(id, null, null, cancellationToken), office, form with { Token = Token(http, id, signer), Fault = fault }));
    }

    private static ContentHttpResult Missing(HttpContext http) => Page(http, 404, Whole("没有此公示", "<p>没有此公示，请检查网址。There is no such notice.</p>"));

    private static string Token(HttpContext http, Guid id, Cursors signer)
    {
        var browser = http.Request.Cookies[FormCookie];
        if (browser is not { Length: 32 })
        {
            browser = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            http.Response.Cookies.Append(FormCookie, browser, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/notices" });
        }
        return signer.Write($"objection-form:{id:N}", browser)!;
    }

    private static bool IsOurs(HttpContext http, Guid id, Cursors signer, string? token)
    {
        try
        {
            return signer.Read($"objection-form:{id:N}", token) is { } browser && browser == http.Request.Cookies[FormCookie];
        }
        catch (WorkflowException)
        {
            return false;
        }
    }

    private static ContentHttpResult Page(HttpContext http, int status, string html)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status);
    }

    private static async Task<IResult> FeedAsync(HttpContext http, NoticeReader reader, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(Feed((await reader.ListAsync(null, 100, cancellationToken)).Items), "application/atom+xml; charset=utf-8");
    }

    public static string Html(Page<NoticeView> page)
    {
        var html = new StringBuilder();
        foreach (var notice in page.Items)
            Article(html, notice, link: true);
        if (page.Items.Count == 0)
            html.Append("<p class=\"none\">当前没有公示。There is no notice at present.</p>\n");
        if (page.Next is { } next)
            html.Append("<p><a href=\"/notices?cursor=").Append(Text(Uri.EscapeDataString(next))).Append("\">下一页 Next page</a></p>\n");
        return Whole("公示公告", html.ToString());
    }

    /// <summary>One notice with its office and, while it is open, the form for an objection.</summary>
    public static string Html(NoticeView notice, NoticeOffice office, ObjectionForm form)
    {
        var html = new StringBuilder("<p><a href=\"/notices\">← 全部公示</a></p>");
        Article(html, notice, link: false);
        if (notice.State == "open")
        {
            html.Append("<article><h3 id=\"object\">提出异议</h3><p class=\"hint\">公示期内，任何人均可提出异议。请说明具体情况并留下联系方式，处理结果将告知您。您的信息仅供处理人员查看。</p>");
            if (form.Fault is { } fault)
                html.Append("<p class=\"wrong\" role=\"alert\">").Append(Text(fault)).Append("</p>");
            html.Append("<form method=\"post\" action=\"/notices/").Append(notice.Id).Append("#object\"><input type=\"hidden\" name=\"token\" value=\"").Append(Text(form.Token))
                .Append("\"><label for=\"name\">姓名（选填）</label><input id=\"name\" name=\"name\" maxlength=\"100\" autocomplete=\"name\" value=\"").Append(Text(form.Name))
                .Append("\"><label for=\"contact\">手机号码或电子邮箱</label><input id=\"contact\" name=\"contact\" maxlength=\"200\" required value=\"").Append(Text(form.Contact))
                .Append("\"><label for=\"text\">异议内容</label><textarea id=\"text\" name=\"text\" rows=\"6\" maxlength=\"5000\" required>\n").Append(Text(form.Text))
                .Append("</textarea><button type=\"submit\">提交异议</button></form></article>\n");
        }
        else
            html.Append("<p class=\"none\">公示已结束，内容不再显示，也不再受理异议。This notice is over.</p>\n");
        Contact(html, office);
        return Whole(notice.Title ?? "公示", html.ToString());
    }

    /// <summary>What a browser gets that sends too much.</summary>
    public static string TooMany(int seconds) => Whole("提交过于频繁", string.Create(CultureInfo.InvariantCulture,
        $"<article role=\"alert\"><h2>提交过于频繁</h2><p>请约 {seconds} 秒后返回上一页重新提交，您填写的内容会保留。<br>Too many requests. Go back and send it again in {seconds} seconds.</p></article>\n"));

    private static string Receipt(Guid id, string number, NoticeOffice office)
    {
        var html = new StringBuilder("<article role=\"status\"><h2>异议已受理</h2><p>受理编号</p><p class=\"number\"><strong>").Append(Text(number))
            .Append("</strong></p><p>请记下编号，查询时使用。处理结果将按您留下的联系方式告知。</p></article>\n<p><a href=\"/notices/").Append(id).Append("\">← 返回公示</a></p>\n");
        Contact(html, office);
        return Whole("异议已受理", html.ToString());
    }

    private static void Contact(StringBuilder html, NoticeOffice office)
    {
        html.Append("<article><h3>联系方式</h3><dl>");
        foreach (var (label, text) in ((string, string?)[])[("发布单位", office.Unit), ("事项", office.Service), ("地址", office.Hotline?.AddressZh), ("咨询电话", office.Hotline?.Phone), ("服务时间", office.Hotline?.HoursZh)])
            if (!string.IsNullOrEmpty(text))
                html.Append("<dt>").Append(label).Append("</dt><dd>").Append(Text(text)).Append("</dd>");
        html.Append("</dl></article>\n");
    }

    private static string Whole(string title, string body) => new StringBuilder()
        .Append("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>").Append(Text(title))
        .Append("</title><link rel=\"alternate\" type=\"application/atom+xml\" title=\"公示公告\" href=\"/notices.atom\"><style>").Append(Style)
        .Append("</style></head><body><main><header><h1>公示公告<small>Public notices</small></h1></header>\n").Append(body)
        .Append("<footer>姓名等个人信息已作脱敏处理。<br>Anyone may object while a notice is up. Personal data is masked.</footer></main></body></html>\n").ToString();

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

    private static void Article(StringBuilder html, NoticeView notice, bool link)
    {
        html.Append("<article id=\"n-").Append(notice.Id.ToString("N")).Append("\"><h2>").Append(link ? $"<a href=\"/notices/{notice.Id}\">{Text(notice.Title)}</a>" : Text(notice.Title ?? "公示")).Append("<small>").Append(Text(notice.Number)).Append("</small></h2><dl>");
        foreach (var line in notice.Lines)
            html.Append("<dt>").Append(Text(line.Label)).Append("</dt><dd>").Append(Text(line.Text)).Append("</dd>");
        html.Append("</dl><p class=\"window\">公示期 ").Append(Day(notice.From)).Append(" 至 <strong>").Append(Day(notice.Until.AddTicks(-1))).Append("</strong>")
            .Append(notice.Provisional ? "（暂定）" : "").Append("<br><code>SHA-256 ").Append(notice.Sha256).Append("</code></p>").Append(link ? $"<a class=\"button\" href=\"/notices/{notice.Id}\">查看详情、提出异议</a>" : "").Append("</article>\n");
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

/// <summary>What the form holds: whatever was typed comes back with what is wrong with it.</summary>
/// <param name="Token">Ties the form to the browser that it was made for.</param>
public sealed record ObjectionForm(string Token, string? Name = null, string? Contact = null, string? Text = null, string? Fault = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(ObjectionForm);
}
