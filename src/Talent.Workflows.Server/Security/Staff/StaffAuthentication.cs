using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Security.Staff;

/// <summary>
/// Lets members of staff call what Studio calls: endpoints with <see cref="StaffAllowed"/>. A session comes in a cookie, or
/// as <c>Authorization: Bearer</c>; where there is none, the request needs a service key like any other.
/// </summary>
internal sealed class StaffAuthentication(RequestDelegate next, StaffSessions sessions)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<StaffAllowed>() is not null && await FindAsync(context) is { } member)
        {
            context.Features.Set(member);
            context.Features.Set(new Caller(member.Credential, null, StaffRoles.Covered(member.Role), null, null, null));
        }
        await next(context);
    }

    private async ValueTask<StaffMember?> FindAsync(HttpContext context)
    {
        var reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (Bearer(context) is { } token)
            return await sessions.FindAsync(token, !reads, context.RequestAborted);
        if (!context.Request.Cookies.TryGetValue(StaffSessions.CookieName, out var cookie) || string.IsNullOrEmpty(cookie))
            return null;
        // The browser adds the cookie whoever's page sends the request; only our own pages may change something with it.
        if (!reads && !IsSameOrigin(context))
            throw new WorkflowException(ErrorCodes.Forbidden, "This request comes from another site's page. Open Studio here and try again.", "请求来自其他网站的页面，已拒绝。请在本平台的流程设计器中操作。");
        return await sessions.FindAsync(cookie, !reads, context.RequestAborted);
    }

    private static string? Bearer(HttpContext context)
    {
        if (context.Request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && StaffSessions.IsToken(header[7..].Trim()))
            return header[7..].Trim();
        // A browser can't set headers on a web socket.
        return context.WebSockets.IsWebSocketRequest && context.Request.Query["access_token"] is [{ } query] && StaffSessions.IsToken(query) ? query : null;
    }

    /// <summary>Browsers say where a request comes from, and pages can't change what they say.</summary>
    internal static bool IsSameOrigin(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers["Sec-Fetch-Site"] is [{ } site])
            return site is "same-origin";
        return headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && string.Equals(from.Authority, context.Request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>An endpoint that members of staff may call, within what their role covers.</summary>
public sealed record StaffAllowed;

/// <summary>An endpoint that changes nothing although it isn't a GET: a query with a body.</summary>
public sealed record OnlyReads;
