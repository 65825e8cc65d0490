using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities.Http;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Http;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.Api;

/// <summary>The paths that workflows listen at, below <c>/workflows</c>: what <c>Elsa.HttpEndpoint</c> and <c>Elsa.WriteHttpResponse</c> are made of.</summary>
internal static class WorkflowPaths
{
    private const string InstanceHeader = "x-elsa-workflow-instance-id";
    private static readonly string[] Methods = ["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"];

    // What protects this server's own pages, and what the server itself says of the connection.
    private static readonly FrozenSet<string> OwnHeaders = new[]
    {
        "Content-Security-Policy", "Set-Cookie", "X-Frame-Options", "X-Content-Type-Options", "Strict-Transport-Security", "Transfer-Encoding", "Content-Length", "Connection", "Content-Type",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Credentials aren't a workflow's business.
    private static readonly FrozenSet<string> HiddenHeaders = new[] { "Authorization", "Cookie", "Proxy-Authorization", "Idempotency-Key" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static void MapWorkflowPaths(this IEndpointRouteBuilder app) =>
        app.MapMethods("/workflows/{**path}", Methods, ReceiveAsync).AllowAnonymous().WithMetadata(new RequiredScope(Scopes.Workflows)).ExcludeFromDescription();

    private static async Task ReceiveAsync(string? path, HttpContext context, HttpArrivals arrivals, IOptions<ServerOptions> options)
    {
        var method = context.Request.Method;
        var correlation = context.Request.Query["correlationId"] is [{ Length: > 0 and <= 500 } given] ? given : null;
        var caller = context.Features.Get<Caller>();
        var receiver = await arrivals.FindAsync(method, path ?? "", correlation, context.RequestAborted);
        // Who may not call doesn't learn which paths there are.
        if (caller is null && !(receiver is { Terms.Authorize: false } && options.Value.AnonymousHttpEndpoints))
            throw new WorkflowException(ErrorCodes.Unauthorized, "This path needs a service key: send the header 'Authorization: ApiKey <key>'.", "此地址须提供服务密钥：请求头 Authorization: ApiKey <密钥>。");
        if (caller is not null && !Scopes.Cover(caller.Scopes, Scopes.Workflows, reads: false))
            throw new WorkflowException(KeyErrors.OutOfScope, $"The key lacks the scope '{Scopes.Workflows}'.", $"服务密钥无此权限（{Scopes.Workflows}）。");
        if (receiver is null)
            throw new WorkflowException(ErrorCodes.NotFound, $"No workflow takes {method} /workflows/{path}. Publish one with such an HTTP endpoint.", "没有流程接收此地址的请求。");
        if (receiver.Terms.Policy is not null)
            throw new WorkflowException(ErrorCodes.Forbidden, "This path asks for a policy that this server doesn't have, so nobody may call it. Clear the policy and publish the workflow again.", "此地址要求本系统没有的授权策略，任何人都不能调用。请清空策略后重新发布流程。");
        var size = receiver.Terms.Judge(HasBody(context) ? context.Request.Body.Length : 0);
        ThrowUnlessFollowed(receiver.Terms, size);
        var files = size is null ? await ReadFilesAsync(context) : [];
        var unfit = size ?? receiver.Terms.Judge(files);
        ThrowUnlessFollowed(receiver.Terms, unfit);
        var arrival = new HttpArrival
        {
            Method = method,
            Path = path ?? "",
            Query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Headers = context.Request.Headers.Where(h => !HiddenHeaders.Contains(h.Key)).ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Content = size is null ? await ReadContentAsync(context) : default,
            Files = unfit is null && files.Count > 0 ? files : null,
            Refusal = unfit?.Outcome,
        };
        var answer = await arrivals.DeliverAsync(receiver, arrival, correlation, caller?.Actor ?? new Actor("anonymous"), RequestIdempotency.From(context), context.RequestAborted);
        context.Response.Headers[InstanceHeader] = answer.InstanceId.ToString();
        await WriteAsync(context, answer);
    }

    private static void ThrowUnlessFollowed(HttpTerms terms, HttpRefusal? refusal)
    {
        if (refusal is not null && !terms.Follows(refusal))
            throw new WorkflowException(refusal.Code, refusal.Message, refusal.MessageZh);
    }

    private static bool HasBody(HttpContext context) => context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    private static async Task<IReadOnlyList<HttpFile>> ReadFilesAsync(HttpContext context) => !HasBody(context) || !context.Request.HasFormContentType ? []
        : [.. (await ReadFormAsync(context)).Files.Select(f => new HttpFile(f.Name, f.FileName, f.ContentType ?? "", f.Length))];

    private static async Task<IFormCollection> ReadFormAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The body isn't the form that its media type says. Send a whole form.", "请求内容不是有效的表单，请检查后重新发送。", e);
        }
    }

    private static async Task WriteAsync(HttpContext context, StepAnswer answer)
    {
        if (answer.Effects.OfType<HttpAnswerEffect>().LastOrDefault() is not { } said)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            await context.Response.WriteAsJsonAsync(new { instanceId = answer.InstanceId, applied = answer.Applied }, ApiJson.Options, context.RequestAborted);
            return;
        }
        context.Response.StatusCode = said.StatusCode;
        foreach (var (name, value) in said.Headers)
            if (!OwnHeaders.Contains(name) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && !value.AsSpan().ContainsAnyInRange('\0', '\x1f'))
                context.Response.Headers[name] = new StringValues(value);
        if (said.ContentType is { } type && !type.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            context.Response.ContentType = type.Contains("charset", StringComparison.OrdinalIgnoreCase) ? type : $"{type}; charset=utf-8";
        if (said.Content is { Length: > 0 } content && said.StatusCode is not (204 or 304))
            await context.Response.WriteAsync(content, Encoding.UTF8, context.RequestAborted);
    }

    private static async Task<JsonElement> ReadContentAsync(HttpContext context)
    {
        if (!HasBody(context) || context.Request.Body.Length == 0)
            return default;
        if (context.Request.HasJsonContentType())
            return await ReadJsonAsync(context);
        if (context.Request.HasFormContentType)
            return JsonSerializer.SerializeToElement((await ReadFormAsync(context)).ToDictionary(f => f.Key, f => f.Value.ToString(), StringComparer.Ordinal));
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        return text.Contains('\0', StringComparison.Ordinal)
            ? throw new WorkflowException(ErrorCodes.InvalidRequest, "The body holds U+0000. Send text, JSON or a form.", "请求内容中含有空字符，请发送文本、JSON 或表单。") : JsonSerializer.SerializeToElement(text);
    }

    private static async Task<JsonElement> ReadJsonAsync(HttpContext context)
    {
        try
        {
            return (await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted)).RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("The body isn't JSON.", e);
        }
    }
}
