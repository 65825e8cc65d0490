using System.Collections.Concurrent;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.Api;

/// <summary>
/// Reads <c>Idempotency-Key</c> and hashes the request that it covers: method, path, query, acting user, body. The runtime
/// keeps the key with the step; here only what is in flight on this node is known. Two nodes meet at the unique key.
/// </summary>
internal sealed class IdempotencyKeys(RequestDelegate next, RequestHash hashes)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";
    private const int MaxLength = 200;
    private readonly ConcurrentDictionary<(string Credential, string Key), byte> inFlight = new();

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) || context.Features.Get<Caller>() is not { } caller)
        {
            await next(context);
            return;
        }
        if (request.Headers[Header] is not [{ Length: > 0 } key])
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<IdempotencyKeyRequired>() is not null)
                throw new WorkflowException(ErrorCodes.IdempotencyKeyRequired,
                    "This request creates something: send the header 'Idempotency-Key' with a new random value, and the same value when you repeat it.", "此请求会新建数据，须提供请求头 Idempotency-Key；重试时使用同一个值。");
            await next(context);
            return;
        }
        if (context.GetEndpoint()?.Metadata.GetMetadata<IdempotencyKeyRefused>() is { } refused)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Idempotency-Key isn't supported here: {refused.Why} Leave the header out.", $"此请求不支持 Idempotency-Key：{refused.WhyZh}请去掉该请求头。");
        if (key.Length > MaxLength || !key.All(c => c is > ' ' and < '\x7f'))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Idempotency-Key takes 1 to {MaxLength} printable ASCII characters without spaces.", $"Idempotency-Key 须为 1 至 {MaxLength} 个可见 ASCII 字符。");
        var entry = (caller.Credential, key);
        if (!inFlight.TryAdd(entry, 0))
            throw new WorkflowException(ErrorCodes.IdempotencyInFlight, $"A request with the idempotency key '{key}' is being worked on. Ask again in a moment.", "相同幂等键的请求正在处理，请稍后重试。");
        try
        {
            // Read once here, so that the hash covers exactly what the endpoint reads. A streamed body is compared by the endpoint.
            using var body = new MemoryStream();
            if (context.GetEndpoint()?.Metadata.GetMetadata<StreamedBody>() is null)
            {
                await request.Body.CopyToAsync(body, context.RequestAborted);
                request.Body = body;
                body.Position = 0;
            }
            context.Features.Set(new RequestIdempotency(new Idempotency(caller.Credential, key, hashes.Of(request, caller.User, body.GetBuffer().AsSpan(0, (int)body.Length)))));
            await next(context);
        }
        finally
        {
            inFlight.TryRemove(entry, out _);
        }
    }
}

/// <summary>Marks an endpoint that refuses requests without an idempotency key.</summary>
public sealed record IdempotencyKeyRequired;

/// <summary>Marks an endpoint that refuses requests with an idempotency key, because it couldn't keep what the key promises.</summary>
public sealed record IdempotencyKeyRefused(string Why, string WhyZh);
