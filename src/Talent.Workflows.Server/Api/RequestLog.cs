using System.Diagnostics;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Server.Api;

/// <summary>
/// One line a request: the pattern of its route, never the path or the query, which may hold what identifies somebody.
/// It also writes what every answer says to browsers.
/// </summary>
internal sealed partial class RequestLog(RequestDelegate next, ServerTelemetry telemetry, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        await next(context);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var route = ErrorBoundary.Route(context);
        telemetry.Answered(context.Request.Method, route, context.Response.StatusCode, elapsed);
        if (context.Response.StatusCode >= 500)
            LogFailed(context.Request.Method, route, context.Response.StatusCode, elapsed.TotalMilliseconds, context.Features.Get<Caller>()?.Credential, ProblemWriter.TraceId(context));
        else
            LogAnswered(context.Request.Method, route, context.Response.StatusCode, elapsed.TotalMilliseconds, context.Features.Get<Caller>()?.Credential, ProblemWriter.TraceId(context));
    }

    [LoggerMessage(EventId = 4201, Level = LogLevel.Information, Message = "{Method} {Route} {Status} in {ElapsedMs:0.0} ms by {Credential} (trace {TraceId})")]
    private partial void LogAnswered(string method, string route, int status, double elapsedMs, string? credential, string traceId);

    [LoggerMessage(EventId = 4202, Level = LogLevel.Warning, Message = "{Method} {Route} {Status} in {ElapsedMs:0.0} ms by {Credential} (trace {TraceId})")]
    private partial void LogFailed(string method, string route, int status, double elapsedMs, string? credential, string traceId);
}
