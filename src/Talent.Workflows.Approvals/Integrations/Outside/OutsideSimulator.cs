using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>How a simulator misbehaves, in the same way every time.</summary>
public enum Mischief
{
    None,

    /// <summary>503 for the first two requests of an id, then as usual.</summary>
    FailsTwice,

    /// <summary>503 with Retry-After 7, always.</summary>
    Unavailable,

    /// <summary>200 with something that isn't JSON.</summary>
    Unreadable,

    /// <summary>The first answer of an id is lost on the way.</summary>
    LosesFirstReply,
}

/// <summary>
/// The HTTP side that all simulators have: it checks the signature as the real services do, answers a repeated request id as it did
/// before, and misbehaves where the simulator says so.
/// </summary>
/// <param name="accessKeyId">The one key that it knows.</param>
/// <param name="time">The machine clock, for the age of requests.</param>
public sealed class OutsideSimulator(string accessKeyId, string accessKeySecret, TimeProvider time)
{
    private const int Kept = 10_000;
    private const int MostBytes = 12 << 20;

    private readonly ConcurrentDictionary<string, int> attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, object> answers = new(StringComparer.Ordinal);

    /// <summary>False: it is down, and answers 503 to everything.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>Paths and request ids that it has answered, each once; at most the first 10,000.</summary>
    public IReadOnlyCollection<string> Answered => [.. answers.Keys];

    /// <summary>All requests that came, answered or not.</summary>
    public int Requests => attempts.Values.Sum();

    /// <summary>Answers requests to one path.</summary>
    /// <param name="answer">The answer to a body, and how it is to go wrong; null: 400.</param>
    public RouteHandlerBuilder Map(IEndpointRouteBuilder routes, string path, Func<byte[], HttpRequest, (object Answer, Mischief Mischief)?> answer) =>
        routes.MapPost(path, async (HttpContext context, CancellationToken cancellationToken) =>
        {
            if (context.Request.ContentLength > MostBytes)
                return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, cancellationToken);
            return Answer(context, body.ToArray(), answer);
        });

    /// <summary>Sends the office's word to whoever asked it, signed with the one key.</summary>
    /// <returns>The status that they answered.</returns>
    public async Task<int> CallBackAsync(HttpClient http, Uri url, string requestId, object word, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(word, JsonSerializerOptions.Web);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        OutsideSignature.Sign(request, body, requestId, accessKeyId, accessKeySecret, time.GetUtcNow());
        using var response = await http.SendAsync(request, cancellationToken);
        return (int)response.StatusCode;
    }

    private IResult Answer(HttpContext context, byte[] body, Func<byte[], HttpRequest, (object Answer, Mischief Mischief)?> answer)
    {
        var request = context.Request;
        if (!IsSigned(request, body))
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        var id = $"{request.Path} {request.Headers[OutsideSignature.RequestId]}";
        var attempt = attempts.Count < Kept || attempts.ContainsKey(id) ? attempts.AddOrUpdate(id, 1, (_, n) => n + 1) : 1;
        if (!IsUp)
            return Busy(context);
        if (answer(body, request) is not var (given, mischief))
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        switch (mischief)
        {
            case Mischief.Unavailable:
            case Mischief.FailsTwice when attempt <= 2:
                return Busy(context);
            case Mischief.Unreadable:
                return Results.Text("<html>502 Bad Gateway</html>", "text/html");
        }
        given = answers.Count < Kept ? answers.GetOrAdd(id, given) : given;
        if (mischief == Mischief.LosesFirstReply && attempt == 1)
        {
            context.Abort();
            return Results.Empty;
        }
        return Results.Json(given, JsonSerializerOptions.Web);
    }

    private static IResult Busy(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "7";
        return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }

    private bool IsSigned(HttpRequest request, byte[] body) => OutsideSignature.IsBy(request, body, accessKeyId, accessKeySecret, time.GetUtcNow());
}
