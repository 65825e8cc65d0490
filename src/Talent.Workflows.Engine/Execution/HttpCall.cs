using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// An HTTP request to send after the commit, at least once: <see cref="Effect.Id"/> goes with it as <c>Idempotency-Key</c>.
/// What came of it resumes the bookmark <see cref="ReportTo"/> with an <see cref="HttpCallResult"/>.
/// </summary>
public sealed record HttpCallEffect(Guid Id, Guid ReportTo, string Method, string Url, string? ContentType, string? Content, IReadOnlyDictionary<string, string> Headers) : Effect(Id);

/// <summary>What came of an HTTP request.</summary>
public enum HttpCallEnd
{
    /// <summary>There is an answer, whatever its status.</summary>
    Answered,

    /// <summary>The server couldn't be reached.</summary>
    NotConnected,

    /// <summary>The server didn't answer in time; it may have done what was asked.</summary>
    TimedOut,
}

/// <summary>The answer to an HTTP request.</summary>
/// <param name="StatusCode">0 when there is none.</param>
/// <param name="Content">The body as JSON when it is JSON, else as text.</param>
public sealed record HttpCallResult(HttpCallEnd End, int StatusCode = 0, JsonElement Content = default, IReadOnlyDictionary<string, string>? Headers = null)
{
    public JsonElement Write() => JsonSerializer.SerializeToElement(this, EngineJson.Default.HttpCallResult);

    public static HttpCallResult Read(JsonElement payload) => payload.Deserialize(EngineJson.Default.HttpCallResult)
        ?? throw new WorkflowException(ErrorCodes.InvalidInput, "This isn't the result of an HTTP request.", "内容不是 HTTP 请求的结果。");
}
