using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>
/// The public pages: all notices, one with a form for objections, the lists, what became of an objection, and a feed; plain HTML
/// without script, system fonts, readable on paper and on a phone.
/// </summary>
public static partial class NoticePages
{
    private const string FormCookie = "talent-notice-form";

    /// <summary>What a page may do: nothing but show itself and send its form.</summary>
    public const string Policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    // Files stay in memory: what proves an objection isn't left in a temporary folder.
    private static readonly FormOptions Limits = new() { MemoryBufferThreshold = Evidence.LargestRequest, MultipartBodyLengthLimit = Evidence.LargestRequest, ValueCountLimit = 20 };

    public static IEndpointRouteBuilder MapNoticePages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/notices", PageAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/notices/{id:guid}", OneAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/notices/{id:guid}", ObjectAsync).AllowAnonymous().ExcludeFromDescription().WithMetadata(new BodyLimit(Evidence.LargestRequest));
        routes.MapGet("/notices/lists/{id:guid}", ListAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/notices/objections", (HttpContext http) => Page(http, 200, Progress(null, null))).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/notices/objections", ProgressAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/notices.atom", FeedAsync).AllowAnonymous().ExcludeFromDescription();
        return routes;
    }

    private static async Task<IResult> PageAsync(string? cursor, HttpContext http, NoticeReader reader, BusinessClock clock, CancellationToken cancellationToken)
    {
        var page = await reader.ListAsync(cursor, 50, cancellationToken);
        return Kept(http, Html(page), "text/html; charset=utf-8", clock.Now, page.Items);
    }

    private static async Task<IResult> ListAsync(Guid id, HttpContext http, NoticeLists lists, BusinessClock clock, CancellationToken cancellationToken)
    {
        try
        {
            var list = await lists.ReadAsync(id, null, null, cancellationToken);
            return Kept(http, Html(list), "text/html; charset=utf-8", clock.Now, list.Items);
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.NotFound)
        {
            return Missing(http);
        }
    }

    private static async Task<IResult> FeedAsync(HttpContext http, NoticeReader reader, BusinessClock clock, CancellationToken cancellationToken)
    {
        var notices = await reader.NewestAsync(cancellationToken);
        return Kept(http, NoticeFeed.Write(notices), "application/atom+xml; charset=utf-8", clock.Now, notices);
    }

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

    private static async Task<IResult> ProgressAsync(HttpContext http, NoticeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return Page(http, 200, Progress(await reader.ProgressAsync((await FormAsync(http, cancellationToken))?["receipt"], cancellationToken), null));
        }
        catch (WorkflowException e)
        {
            return Page(http, 404, Progress(null, e.MessageZh));
        }
    }

    /// <summary>The form's way in. The browser has to hold the cookie that the form was made with: no other site can send it.</summary>
    private static async Task<IResult> ObjectAsync(Guid id, HttpContext http, NoticeReader reader, NoticeCommands commands, Cursors signer, CancellationToken cancellationToken)
    {
        if (await FormAsync(http, cancellationToken) is not { } fields)
            return Page(http, 415, PublicPage.Error("无法提交", "请通过公示页面的表单提交异议。", "Use the form of the page."));
        var form = new ObjectionForm("", fields["name"], fields["contact"], fields["text"]);
        var (status, fault, receipt) = (200, (string?)null, (ObjectionReceipt?)null);
        try
        {
            if (!IsOurs(http, id, signer, fields["token"]))
                throw new WorkflowException(ErrorCodes.Forbidden, "The form is too old.", "页面已失效，请核对内容后重新提交。");
            var request = new ObjectionRequest(form.Name, form.Contact, form.Text, await FilesAsync(fields.Files, cancellationToken));
            receipt = await commands.ObjectAsync(id, request.ToObjection(), http.Connection.RemoteIpAddress, cancellationToken);
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
        return receipt is not null
            ? Page(http, 200, Receipt(receipt, office))
            : Page(http, status, Html(await reader.ReadAsync(id, null, null, cancellationToken), office, form with { Token = Token(http, id, signer), Fault = fault }));
    }

    /// <returns>Null: it isn't a form, or can't be read as one.</returns>
    private static async Task<IFormCollection?> FormAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!http.Request.HasFormContentType)
            return null;
        try
        {
            return await http.Request.ReadFormAsync(Limits, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    // A browser sends an empty file for a field that was left alone.
    private static async Task<List<EvidenceRequest>> FilesAsync(IFormFileCollection files, CancellationToken cancellationToken)
    {
        var read = new List<EvidenceRequest>();
        foreach (var file in files.Where(f => f.Length > 0))
        {
            using var content = new MemoryStream();
            await file.CopyToAsync(content, cancellationToken);
            read.Add(new EvidenceRequest(content.ToArray()));
        }
        return read;
    }

    private static ContentHttpResult Missing(HttpContext http) => Page(http, 404, PublicPage.Error("没有此公示", "没有此公示，请检查网址，或者在“公示公告”中查找。", "There is no such notice."));

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

    /// <summary>A page that is the same for everybody.</summary>
    private static IResult Kept(HttpContext http, string text, string type, DateTimeOffset now, IEnumerable<NoticeView> shown)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        return PublicAnswer.IsKnown(http, text, now, shown) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Content(text, type);
    }

    private static ContentHttpResult Page(HttpContext http, int status, string html)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status);
    }
}
