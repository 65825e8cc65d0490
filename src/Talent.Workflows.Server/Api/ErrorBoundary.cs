using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.Api;

/// <summary>The edge: whatever goes wrong leaves as a problem document, and what is a bug is logged here, once.</summary>
internal sealed partial class ErrorBoundary(RequestDelegate next, KeyVerifier keys, DatabaseOutage outage, IHostApplicationLifetime lifetime, ILogger<ErrorBoundary> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.StatusCode >= 400 && context.Response.ContentLength is null && context.Response.ContentType is null)
                await AnswerAsync(context, ForStatus(context));
        }
        catch (Exception cause) when (!context.Response.HasStarted)
        {
            if (cause is OperationCanceledException && context.RequestAborted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Nobody is there to read an answer.
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                return;
            }
            var headers = context.Response.Headers;
            headers.Remove("ETag");
            headers.Remove("Location");
            var explained = await ExplainAsync(context, cause);
            await AnswerAsync(context, explained);
        }
    }

    private static Task AnswerAsync(HttpContext context, WorkflowException cause) => cause.Code == ErrorCodes.TooLarge && context.Request.Path.StartsWithSegments("/notices", StringComparison.Ordinal)
        ? WritePageAsync(context, StatusCodes.Status413PayloadTooLarge, NoticePages.TooLarge())
        : PublicPage.IsRead(context.Request) ? WritePageAsync(context, cause)
        : ProblemWriter.WriteAsync(context, cause);

    private static Task WritePageAsync(HttpContext context, WorkflowException cause)
    {
        var kind = ProblemCatalogue.Of(cause.Code);
        var (zh, en) = kind.Status switch
        {
            StatusCodes.Status404NotFound => ("没有这个页面，请检查网址。", "There is no such page. Check the address."),
            StatusCodes.Status405MethodNotAllowed => ("本页面不支持此操作，请从“办事指南”或者“公示公告”进入。", "This page doesn't take that."),
            _ => (Masking.Said(cause.MessageZh), Masking.Said(cause.Message)),
        };
        if (kind.Status is 429 or 503)
            context.Response.Headers.RetryAfter = (cause.Facts.GetValueOrDefault("retryAfterSeconds") as int? ?? 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return WritePageAsync(context, kind.Status, PublicPage.Error(kind.TitleZh, zh, en, kind.Status >= 500 ? ProblemWriter.TraceId(context) : null));
    }

    private static Task WritePageAsync(HttpContext context, int status, string page)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy = NoticePages.Policy;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(page, context.RequestAborted);
    }

    private async Task<WorkflowException> ExplainAsync(HttpContext context, Exception cause)
    {
        switch (cause)
        {
            case WorkflowException known when !ProblemCatalogue.All.ContainsKey(known.Code):
                break;
            case WorkflowException { Code: ErrorCodes.Conflict or ErrorCodes.Forbidden or ErrorCodes.WrongState } refusal:
                return await EndedKeyAsync(context) ?? refusal;
            case WorkflowException known:
                return known;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return RequestBody.TooLarge();
            case BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType }:
                return ForStatus(415, context);
            case BadHttpRequestException { InnerException: JsonException json }:
                return Malformed(json);
            case BadHttpRequestException bad:
                return Malformed(bad);
            case OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested:
                return new WorkflowException(ProblemCatalogue.Stopping, "This server is being stopped. Send the request again.", "服务正在停止，请稍后重试。");
            case PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter }:
                return new WorkflowException(ErrorCodes.InvalidRequest, "Some text holds a character that can't be kept, such as U+0000. Remove it.", "文字中含有无法保存的字符（如空字符），请删除。");
            case PostgresException { SqlState: [('0' or '5'), ('8' or '3' or '7'), ..] } or NpgsqlException and not PostgresException or TimeoutException:
                // The request log has a line with the trace id all the same.
                if (!outage.Note(cause))
                    LogDatabase(cause, ProblemWriter.TraceId(context));
                return new WorkflowException(ErrorCodes.Unavailable, "The database doesn't answer at the moment. Send the request again.", "数据库暂时不可用，请稍后重试。")
                { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 2 } };
        }
        LogBug(cause, context.Request.Method, Route(context), ProblemWriter.TraceId(context));
        return new WorkflowException(ProblemCatalogue.Internal, $"Something went wrong here. Tell the operator the trace id {ProblemWriter.TraceId(context)}.", $"系统出现异常，请将跟踪编号 {ProblemWriter.TraceId(context)} 告知管理员。");
    }

    /// <summary>A step may have been refused because its key was revoked meanwhile; then that is the answer.</summary>
    private async Task<WorkflowException?> EndedKeyAsync(HttpContext context)
    {
        if (context.Features.Get<Caller>() is not { } caller || !caller.Credential.StartsWith(ServiceKey.CredentialPrefix, StringComparison.Ordinal))
            return null;
        try
        {
            await keys.RecheckAsync(caller.Credential[ServiceKey.CredentialPrefix.Length..], context.RequestAborted);
            return null;
        }
        catch (WorkflowException ended)
        {
            return ended;
        }
    }

    private static WorkflowException ForStatus(HttpContext context) => ForStatus(context.Response.StatusCode, context);

    private static WorkflowException ForStatus(int status, HttpContext context) => status switch
    {
        404 => new(ErrorCodes.NotFound, $"There is nothing at {context.Request.Method} {context.Request.Path}. The API is described at /openapi/v1.json.", "没有此接口，接口说明见 /openapi/v1.json。"),
        405 => new(ProblemCatalogue.MethodNotAllowed, $"{context.Request.Method} isn't possible here; the header Allow lists what is.", "不支持此操作。"),
        413 => RequestBody.TooLarge(),
        415 => new(ErrorCodes.UnsupportedMediaType, "The body has to be JSON: send the header 'Content-Type: application/json'.", "请求内容须为 JSON（Content-Type: application/json）。"),
        429 => new(ErrorCodes.RateLimited, "Too many requests. Wait as long as Retry-After says.", "请求过于频繁，请稍后重试。"),
        503 => new(ErrorCodes.Unavailable, "This server can't answer at the moment.", "服务暂不可用。"),
        >= 500 => new(ProblemCatalogue.Internal, "Something went wrong here.", "系统出现异常。"),
        _ => new(ErrorCodes.InvalidRequest, "The request can't be understood.", "请求格式有误。"),
    };

    private static WorkflowException Malformed(JsonException json)
    {
        var path = json.Path is { Length: > 0 } found ? found : "$";
        var place = json.LineNumber is { } line ? $" (line {line + 1}, byte {json.BytePositionInLine + 1})" : "";
        var placeZh = json.LineNumber is { } lineZh ? $"（第 {lineZh + 1} 行第 {json.BytePositionInLine + 1} 字节）" : "";
        // The serializer's own words may repeat what was sent; only names of members are taken from them.
        var (code, en, zh) = json.Message switch
        {
            var m when m.Contains("could not be mapped", StringComparison.Ordinal) => ("unknown_property", "there is no such property", "没有此字段"),
            var m when m.Contains("missing required", StringComparison.Ordinal) => ("required", $"missing: {string.Join(", ", Quoted().Matches(m).Skip(1).Select(q => q.Groups[1].Value))}", $"缺少字段：{string.Join("、", Quoted().Matches(m).Skip(1).Select(q => q.Groups[1].Value))}"),
            var m when m.Contains("uplicate", StringComparison.Ordinal) => ("duplicate_property", "the property stands twice", "字段重复"),
            var m when m.Contains("could not be converted", StringComparison.Ordinal) || m.Contains("doesn't allow", StringComparison.Ordinal) => ("wrong_type", "the value has the wrong type", "值的类型不对"),
            _ => ("malformed_json", "this isn't JSON", "不是有效的 JSON"),
        };
        return new WorkflowException(ErrorCodes.InvalidRequest, $"The body can't be read at {path}{place}: {en}.", $"请求内容在 {path} 处有误{placeZh}：{zh}。")
        { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError(path, code, zh, en) } } };
    }

    private static WorkflowException Malformed(BadHttpRequestException bad)
    {
        var name = Parameter().Match(bad.Message) is { Success: true } match ? match.Groups[1].Value : null;
        return name is null
            ? new WorkflowException(ErrorCodes.InvalidRequest, "The request can't be read: its body is missing or not what this endpoint takes.", "请求内容缺失或格式有误。", bad)
            : new WorkflowException(ErrorCodes.InvalidRequest, $"The parameter '{name}' is missing or has a wrong value.", $"参数 {name} 缺失或有误。")
            { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError(name, "invalid_parameter", "参数缺失或有误", "missing or wrong") } } };
    }

    internal static string Route(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)";

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("parameter \"(?:[^\" ]+ )?([A-Za-z]+)\"")]
    private static partial Regex Parameter();

    [LoggerMessage(EventId = 4101, Level = LogLevel.Error, Message = "{Method} {Route} failed (trace {TraceId})")]
    private partial void LogBug(Exception cause, string method, string route, string traceId);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Warning, Message = "The database doesn't answer (trace {TraceId})")]
    private partial void LogDatabase(Exception cause, string traceId);
}
