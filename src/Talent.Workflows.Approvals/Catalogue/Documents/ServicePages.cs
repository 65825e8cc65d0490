using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>办事指南 for the public, beside the notices and as they look: the services, one with its documents, and one document with its editions.</summary>
public static class ServicePages
{
    private const string More = """
        .doc h3,.doc h4,.doc h5{font-size:1.1rem;margin:1.5rem 0 .5rem;letter-spacing:0}.doc p{margin:.5rem 0;text-align:justify}.doc ul,.doc ol{padding-left:1.6em;margin:.5rem 0}.doc li{margin:.25rem 0}
        .doc blockquote{margin:1rem 0;padding:.25rem 1rem;border-left:4px solid var(--mark);background:var(--back)}.doc pre{overflow-x:auto;padding:.75rem;background:var(--back)}.doc a{color:var(--mark)}
        .meta{color:var(--soft);font-size:.9rem;margin:.25rem 0 0}.list{list-style:none;margin:0;padding:0}.list li{padding:.5rem 0;border-bottom:1px solid var(--line)}.list li:last-child{border:0}.list .meta{margin:0}h3.kind{margin:1.25rem 0 .25rem;font-size:1rem;color:var(--mark)}h3.kind:first-child{margin-top:0}
        .way{display:flex;flex-wrap:wrap;gap:.25rem .75rem;list-style:none;margin:0;padding:0}.way li+li::before{content:"→";color:var(--soft);margin-right:.75rem}.phone{font-size:1.3rem;font-variant-numeric:tabular-nums}
        """;

    public static IEndpointRouteBuilder MapServicePages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => TypedResults.LocalRedirect("/services")).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/services", async (HttpContext http, CatalogueReader reader, CancellationToken stop) => Page(http, Html(await reader.ListAsync(null, null, null, stop)))).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/services/{service}", OneAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/services/{service}/{slug}", DocumentAsync).AllowAnonymous().ExcludeFromDescription();
        return routes;
    }

    private static async Task<IResult> OneAsync(string service, HttpContext http, CatalogueReader reader, ServiceCatalogue services, CancellationToken cancellationToken)
    {
        try
        {
            return Page(http, Html(await reader.ReadAsync(null, service, null, null, cancellationToken), await services.GetAsync(service, cancellationToken)));
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.NotFound)
        {
            return Missing(http);
        }
    }

    private static async Task<IResult> DocumentAsync(string service, string slug, int? edition, HttpContext http, CatalogueReader reader, DocumentStore store, BusinessClock clock, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(service, slug, edition, clock.Now, clock.Now, cancellationToken) is not { } document)
            return Missing(http);
        try
        {
            return Page(http, Html(document, service == DocumentKinds.Shared ? null : await reader.ReadAsync(null, service, null, null, cancellationToken)));
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.NotFound)
        {
            return Missing(http);
        }
    }

    /// <summary>All services.</summary>
    public static string Html(CatalogueView catalogue)
    {
        var html = new StringBuilder();
        foreach (var service in catalogue.Items)
        {
            html.Append("<article><h2><a href=\"/services/").Append(Text(service.Service)).Append("\">").Append(Text(service.Zh)).Append("</a><small lang=\"en\">").Append(Text(service.En)).Append("</small></h2><p>").Append(Text(service.SummaryZh)).Append("</p>");
            Round(html, service);
            html.Append("<p class=\"meta\">").Append(Filers(service)).Append("　咨询电话 ").Append(NoticePages.Telephone(service.Hotline.Phone)).Append("</p></article>\n");
        }
        if (catalogue.Items.Count == 0)
            html.Append("<p class=\"none\">当前没有可办理的事项。<span lang=\"en\">There is no service at present.</span></p>\n");
        return Whole("人才服务事项", html.ToString());
    }

    /// <summary>One service: its way, its documents by kind, and what has to be handed in.</summary>
    public static string Html(CatalogueEntry service, ServicePackage package)
    {
        var html = new StringBuilder("<p class=\"back\"><a href=\"/services\">← 全部事项</a></p><article><h2>").Append(Text(service.Zh)).Append("<small lang=\"en\">").Append(Text(service.En)).Append("</small></h2><p>").Append(Text(service.SummaryZh)).Append("</p>");
        Round(html, service);
        html.Append("<p class=\"meta\">").Append(Filers(service)).Append("</p></article>\n");
        Way(html, package.Service.Phases);
        if (service.Documents is { Count: > 0 } documents)
        {
            html.Append("<article><h2>政策文件和办事指南</h2>");
            foreach (var kind in documents.GroupBy(d => d.Kind).OrderBy(g => DocumentKinds.Place(g.Key)))
            {
                html.Append("<h3 class=\"kind\">").Append(Text(DocumentKinds.Zh(kind.Key))).Append("</h3><ul class=\"list\">");
                foreach (var document in kind)
                {
                    html.Append("<li><a href=\"").Append(Text(document.Page)).Append("\">").Append(Text(document.TitleZh)).Append("</a><p class=\"meta\">");
                    Origin(html, document);
                    html.Append("</p></li>");
                }
                html.Append("</ul>");
            }
            html.Append("</article>\n");
        }
        else
            html.Append("<p class=\"none\">暂无政策文件和办事指南。</p>\n");
        html.Append(MaterialGuide.Html(package));
        Hotline(html, service.Hotline);
        return Whole(service.Zh, html.ToString());
    }

    /// <summary>One document, and which editions there were when.</summary>
    public static string Html(DocumentView document, CatalogueEntry? service)
    {
        var shown = document.Document;
        var html = new StringBuilder("<p class=\"back\"><a href=\"/services").Append(service is null ? "" : $"/{Text(service.Service)}").Append("\">← ").Append(Text(service?.Zh ?? "全部事项")).Append("</a></p><article><h2>").Append(Text(shown.TitleZh));
        if (shown.TitleEn is { } english)
            html.Append("<small lang=\"en\">").Append(Text(english)).Append("</small>");
        html.Append("</h2><p class=\"meta\">").Append(Text(shown.KindZh)).Append('　');
        Origin(html, shown);
        html.Append("</p>");
        if (!document.InForce)
            html.Append("<div class=\"changes\"><p>此为第").Append(shown.Edition).Append("版，当前不施行。<a href=\"").Append(Text(shown.Page)).Append("\">查看现行版本</a></p></div>");
        html.Append("<div class=\"doc\">").Append(Inside(document.HtmlZh)).Append("</div>");
        if (document.HtmlEn is { } translated)
            html.Append("<div class=\"doc window\" lang=\"en\">").Append(Inside(translated)).Append("</div>");
        html.Append("</article>\n");
        if (document.Editions.Count > 1)
        {
            html.Append("<article class=\"aside\"><h2>版本沿革</h2><ul class=\"list\">");
            foreach (var edition in document.Editions)
                html.Append("<li><a href=\"").Append(Text(shown.Page)).Append("?edition=").Append(edition.Edition).Append("\">第").Append(edition.Edition).Append("版　").Append(Text(edition.TitleZh)).Append("</a><p class=\"meta\">")
                    .Append(edition.Withdrawn ? "废止，" : "").Append(Window(edition.From, edition.To, shown.Kind)).Append("</p></li>");
            html.Append("</ul></article>\n");
        }
        if (service is not null)
            Hotline(html, service.Hotline);
        return Whole(shown.TitleZh, html.ToString());
    }

    private static void Round(StringBuilder html, CatalogueEntry service)
    {
        if ((service.Round ?? service.NextRound) is { } round)
            html.Append("<p class=\"window\">").Append(service.Round is null ? "下一批次 " : "正在申报 ").Append("<strong>").Append(Text(round.Zh)).Append("</strong>　").Append(Days(ChinaTime.DateOf(round.OpensAt), ChinaTime.DateOf(round.ClosesAt.AddTicks(-1)))).Append("</p>");
    }

    private static void Origin(StringBuilder html, DocumentSummary document)
    {
        foreach (var part in (string?[])[document.Issuer, document.Number])
            if (part is not null)
                html.Append(Text(part)).Append('　');
        html.Append(Window(document.From, document.To, document.Kind));
    }

    private static void Hotline(StringBuilder html, ServiceHotline hotline)
    {
        html.Append("<article class=\"aside\"><h2>咨询</h2><p class=\"phone\">").Append(NoticePages.Telephone(hotline.Phone)).Append("</p><p class=\"meta\">").Append(Text(hotline.HoursZh));
        if (hotline.AddressZh is { } address)
            html.Append("<br>").Append(Text(address));
        html.Append("</p></article>\n");
    }

    private static string Filers(CatalogueEntry service) => (service.FiledBy.Contains("applicant"), service.FiledBy.Contains("employer")) switch
    {
        (true, true) => "个人或用人单位申报",
        (true, false) => "个人申报",
        _ => "用人单位申报",
    };

    // Rules come into force 施行; what explains them holds from a day on 适用.
    private static string Window(DateOnly from, DateOnly? to, string kind) => to is { } last ? Days(from, last) : $"自{Day(from)}起{(kind is "policy" or "notice" ? "施行" : "适用")}";

    private static string Days(DateOnly from, DateOnly to) => $"{Day(from)}至{Day(to)}";

    /// <summary>Headings of a document stand below its title.</summary>
    private static string Inside(string html)
    {
        for (var level = 5; level > 0; level--)
            html = html.Replace($"<h{level}", $"<h{level + 1}", StringComparison.Ordinal).Replace($"</h{level}>", $"</h{level + 1}>", StringComparison.Ordinal);
        return html;
    }

    private static void Way(StringBuilder html, IReadOnlyList<ServicePhase> phases)
    {
        if (phases.All(p => p.Stages.Count == 0))
            return;
        html.Append("<article><h2>办理环节</h2>");
        foreach (var phase in phases.Where(p => p.Stages.Any(s => s.Switch is null)))
        {
            if (phases.Count > 1)
                html.Append("<h3 class=\"kind\">").Append(Text(phase.Zh)).Append("</h3>");
            html.Append("<ol class=\"way\">").AppendJoin("", phase.Stages.Where(s => s.Switch is null).Select(s => $"<li>{Text(s.Zh)}</li>")).Append("</ol>");
        }
        html.Append("</article>\n");
    }

    private static string Day(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{day.Year}年{day.Month}月{day.Day}日");

    private static string Text(string? text) => NoticePages.Text(text);

    private static ContentHttpResult Missing(HttpContext http) => Page(http, PublicPage.Error("没有该事项或文件", "没有该事项或文件，请检查网址，或者在“办事指南”中查找。", "There is no such service or document."), StatusCodes.Status404NotFound);

    private static ContentHttpResult Page(HttpContext http, string html, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.ContentSecurityPolicy = NoticePages.Policy;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status);
    }

    private static string Whole(string title, string body) => PublicPage.Whole(("办事指南", "Guides to services"), title, body, head: $"<style>{More}</style>");
}
