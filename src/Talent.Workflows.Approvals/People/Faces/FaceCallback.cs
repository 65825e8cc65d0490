using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People.Faces;

/// <summary>
/// Takes the office's word on a session. Anybody can reach it, so the request is signed as ours to the office are, with the same key:
/// over host, path, date, id and body. Repeating it changes nothing, because a session ends once; an old one is refused.
/// </summary>
/// <remarks>Source: R-INT-2; docs/guides/simulators.md has the contract.</remarks>
public sealed class FaceCallback(FaceChecks checks, IOptionsMonitor<OutsideOptions> offices, BusinessClock clock)
{
    /// <summary>Where the office sends its word.</summary>
    public const string Path = "/api/v1/face/callbacks";

    /// <summary>Name of the office's options.</summary>
    public const string Section = "Talent:Face";

    /// <summary>Most bytes of a body.</summary>
    public const int Largest = 2048;

    /// <exception cref="WorkflowException"><c>unauthorized</c>: not signed with the office's key, changed on the way, or dated wrongly; <c>too_large</c>, <c>invalid_request</c>, <c>not_found</c>.</exception>
    public async Task<FaceCallbackAnswer> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[Largest + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > Largest)
            throw new WorkflowException(ErrorCodes.TooLarge, $"The body has more than {Largest} bytes.", $"请求内容超过 {Largest} 字节。");
        var (body, office) = (buffer[..length], offices.Get(Section));
        if (office.AccessKeySecret.Length == 0 || !OutsideSignature.IsBy(request, body, office.AccessKeyId, office.AccessKeySecret, clock.Machine.GetUtcNow()))
            throw new WorkflowException(ErrorCodes.Unauthorized, "The request isn't signed with the office's key, or is dated wrongly.", "签名无效或已过期。");
        var (token, state) = Read(body);
        return new FaceCallbackAnswer((await checks.SettleAsync(token, state, cancellationToken)).ToString().ToLowerInvariant());
    }

    private static (string Token, FaceState State) Read(byte[] body)
    {
        try
        {
            var word = JsonElement.Parse(body);
            FaceState? state = word.Text("state") switch { "passed" => FaceState.Passed, "failed" => FaceState.Failed, "expired" => FaceState.Expired, _ => null };
            if (word.Text("token") is { Length: > 0 and <= FaceClient.LongestToken } token && state is { } told)
                return (token, told);
        }
        catch (JsonException)
        {
            // Said below, like whatever else isn't what the contract says.
        }
        throw new WorkflowException(ErrorCodes.InvalidRequest, "The body is {\"token\", \"state\"} with the state 'passed', 'failed' or 'expired'.", "请求内容须为 {\"token\", \"state\"}，state 为 passed、failed 或 expired。");
    }
}

/// <summary>The state that counts.</summary>
public sealed record FaceCallbackAnswer(string State);
