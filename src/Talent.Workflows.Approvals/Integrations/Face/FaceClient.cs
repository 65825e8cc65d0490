using System.Text.Json;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Integrations.Face;

/// <summary>Asks over HTTP: docs/guides/simulators.md has the contract.</summary>
public sealed class FaceClient(OutsideClient client, FaceOptions options) : IFaceVerification
{
    public const string BeginPath = "/face/sessions";
    public const string ReadPath = "/face/sessions/read";

    internal const int LongestToken = 200;

    private const int LongestQr = 500;

    public async Task<OutsideAnswer<FaceSession>> BeginAsync(string requestId, string name, ResidentId number, CancellationToken cancellationToken) =>
        (await client.AskAsync(BeginPath, requestId, new { name, idNumber = number.Value, lifeSeconds = options.LifeSeconds }, cancellationToken)).Read(Session);

    // The token is in the body: addresses end up in logs. A state that was asked for before may have changed, so each question has an id of its own.
    public async Task<OutsideAnswer<FaceProgress>> ReadAsync(string token, CancellationToken cancellationToken) =>
        (await client.AskAsync(ReadPath, Guid.NewGuid().ToString("N"), new { token }, cancellationToken)).Read(Progress);

    private static FaceSession? Session(JsonElement answer) =>
        answer.Text("token") is { Length: > 0 and <= LongestToken } token && answer.Text("qrContent") is { Length: > 0 and <= LongestQr } qr && answer.Instant("expiresAt") is { } expiresAt
            ? new FaceSession(token, qr, expiresAt) : null;

    private static FaceProgress? Progress(JsonElement answer) => answer.Text("state") switch
    {
        "waiting" => new FaceProgress(FaceState.Waiting),
        "passed" => new FaceProgress(FaceState.Passed),
        "failed" => new FaceProgress(FaceState.Failed),
        "expired" => new FaceProgress(FaceState.Expired),
        _ => null,
    };
}
