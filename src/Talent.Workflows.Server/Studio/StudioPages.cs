using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.Studio;

/// <summary>The pages around Studio: signing in and out, and the one page that shows Studio's elements.</summary>
internal static class StudioPages
{
    public const string BasePath = "/studio";
    private const string SignInPath = BasePath + "/sign-in";
    private const string HomePath = BasePath + "/workflows/definitions";
    private const int LongestPassword = 200;

    // Studio is WebAssembly, so it needs 'wasm-unsafe-eval'; its components style inline; Monaco's workers are blobs. One of its
    // components brings a script of its own in the page, the hot keys of the editor: known by its hash.
    public const string Policy =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-vu6sQrKXQHR4Yn3FMMihA/9TxxfIXnCxKwvLrTPJ5ts=' 'sha256-snlP1jz0gjwc5cTz9ErZcliXuCK63+Mmf68RRCeptgc='; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    private static readonly string Shell = Page("shell.html");
    private static readonly string SignIn = Page("sign-in.html");

    public static void MapStudio(this IEndpointRouteBuilder app, StudioPackage package)
    {
        var signIn = new SignInPage(SignIn, package);
        var pages = app.MapGroup(BasePath).AllowAnonymous().ExcludeFromDescription();
        pages.MapGet("/", () => TypedResults.Redirect(HomePath));
        pages.MapGet("/sign-in", (HttpContext context, string? to) => Html(context, signIn.Show(Inside(to), "")));
        pages.MapPost("/sign-in", (HttpContext context, StaffStore staff, StaffSessions sessions, SignInLimit limit) => SignInAsync(context, signIn, staff, sessions, limit)).DisableAntiforgery();
        pages.MapPost("/sign-out", SignOutAsync).DisableAntiforgery();
        pages.MapGet("/shell.css", () => Asset("shell.css", "text/css; charset=utf-8"));
        pages.MapGet("/shell.js", () => Asset("shell.js", "text/javascript; charset=utf-8"));
        pages.MapGet("/workflows/{**page}", (HttpContext context, StaffSessions sessions) => ShellAsync(context, package, sessions));
    }

    private static async Task<IResult> ShellAsync(HttpContext context, StudioPackage package, StaffSessions sessions)
    {
        var member = context.Request.Cookies[StaffSessions.CookieName] is { Length: > 0 } token ? await sessions.FindAsync(token, fresh: false, context.RequestAborted) : null;
        if (member is null)
            return TypedResults.Redirect($"{SignInPath}?to={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString.Value)}");
        var page = Shell.Replace("{{name}}", Text(member.Name), StringComparison.Ordinal)
            .Replace("{{role}}", Text(RoleName(member.Role)), StringComparison.Ordinal)
            .Replace("{{operates}}", member.Role is StaffRoles.Operator or StaffRoles.Administrator ? "true" : "false", StringComparison.Ordinal)
            .Replace("{{installed}}", package.Folder is null ? "false" : "true", StringComparison.Ordinal);
        return Html(context, page);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, SignInPage page, StaffStore staff, StaffSessions sessions, SignInLimit limit)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var (name, password, to) = (form["name"].ToString().Trim(), form["password"].ToString(), Inside(form["to"]));
        if (!StaffAuthentication.IsSameOrigin(context))
            return Html(context, page.Show(to, name, "请在本页面登录。 Sign in on this page."), StatusCodes.Status403Forbidden);
        if (!limit.TryEnter(context, name))
            return Html(context, page.Show(to, name, "登录失败次数过多，请 5 分钟后再试。 Too many attempts; try again in 5 minutes."), StatusCodes.Status429TooManyRequests);
        var member = name.Length is > 0 and <= SignInPage.LongestName && password.Length is > 0 and <= LongestPassword
            ? await staff.SignInAsync(name, password, context.RequestAborted) : null;
        if (member is null)
            return Html(context, page.Show(to, name, "账号或口令不正确。 Wrong name or password."), StatusCodes.Status401Unauthorized);
        context.Response.Cookies.Append(StaffSessions.CookieName, await sessions.BeginAsync(member, context.RequestAborted), Cookie(context));
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = to;
        return Results.Empty;
    }

    private static async Task SignOutAsync(HttpContext context, StaffSessions sessions)
    {
        if (!StaffAuthentication.IsSameOrigin(context))
            throw new WorkflowException(ErrorCodes.Forbidden, "Sign out on a page of Studio.", "请在流程设计器页面退出。");
        if (context.Request.Cookies[StaffSessions.CookieName] is { Length: > 0 } token)
            await sessions.EndAsync(token, context.RequestAborted);
        context.Response.Cookies.Delete(StaffSessions.CookieName, Cookie(context));
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = SignInPath;
    }

    private static CookieOptions Cookie(HttpContext context) => new() { HttpOnly = true, Secure = context.Request.IsHttps, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };

    /// <summary>Where to go after signing in: a page of Studio and nowhere else.</summary>
    private static string Inside(string? to) => to is not null && to.StartsWith(BasePath + "/workflows/", StringComparison.Ordinal) && to.Length <= 500 && !to.Contains('\\', StringComparison.Ordinal) ? to : HomePath;

    private static string RoleName(string role) => role switch
    {
        StaffRoles.Viewer => "查看 Viewer",
        StaffRoles.Designer => "设计 Designer",
        StaffRoles.Operator => "运维 Operator",
        _ => "管理员 Administrator",
    };

    private static ContentHttpResult Html(HttpContext context, string page, int status = StatusCodes.Status200OK)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        return TypedResults.Content(page, "text/html; charset=utf-8", null, status);
    }

    private static ContentHttpResult Asset(string name, string type) => TypedResults.Content(Page(name), type);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Page(string name)
    {
        using var stream = typeof(StudioPages).Assembly.GetManifestResourceStream($"Talent.Workflows.Server.Studio.Pages.{name}")
            ?? throw new InvalidOperationException($"The page {name} isn't embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
