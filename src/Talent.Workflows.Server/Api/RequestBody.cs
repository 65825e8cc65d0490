using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Api;

/// <summary>
/// Reads the body, up to <see cref="ServerOptions.MaxBodyBytes"/> or what the endpoint's <see cref="BodyLimit"/> says, before anything is done with it; one with <see cref="StreamedBody"/> reads it itself. The rest of one that is
/// larger is thrown away by Kestrel after the answer, up to <see cref="ThrownAwayBytes"/> and five seconds: a client that
/// were cut off while it sends would see a broken connection instead of its 413.
/// </summary>
internal sealed class RequestBody(RequestDelegate next, IOptions<ServerOptions> options)
{
    /// <summary>What is read of a body beyond what is taken; then the connection is closed.</summary>
    public const long ThrownAwayBytes = 16 << 20;

    private readonly long most = options.Value.MaxBodyBytes;

    public static WorkflowException TooLarge() => new(ErrorCodes.TooLarge, "The body is larger than this server takes. Send less at once.", "请求内容过大，请减少后重试。");

    public async Task InvokeAsync(HttpContext context)
    {
        PlainText.CheckQuery(context.Request);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            await next(context);
            return;
        }
        if (context.GetEndpoint()?.Metadata.GetMetadata<StreamedBody>() is { } streamed)
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = streamed.Most(context.RequestServices) + ThrownAwayBytes;
            await next(context);
            return;
        }
        var limit = Math.Max(most, context.GetEndpoint()?.Metadata.GetMetadata<BodyLimit>()?.Bytes ?? 0);
        if (context.Request.ContentLength > limit)
            throw TooLarge();
        using var body = new MemoryStream(capacity: (int)(context.Request.ContentLength ?? 0));
        await ReadAsync(context, body, limit);
        if (context.Request.HasJsonContentType())
            PlainText.CheckJson(body.GetBuffer().AsSpan(0, (int)body.Length));
        context.Request.Body = body;
        await next(context);
    }

    private static async Task ReadAsync(HttpContext context, MemoryStream body, long limit)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (body.Length + read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge();
            }
            foreach (var part in read.Buffer)
                body.Write(part.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }
        body.Position = 0;
    }
}
