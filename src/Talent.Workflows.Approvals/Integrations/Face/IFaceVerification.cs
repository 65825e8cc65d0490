using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Integrations.Face;

/// <summary>
/// Verifies by face that a person is who they say (微警认证): a token is shown as a QR code, the person scans it with the office's app,
/// and whoever showed it asks until there is a result. Implementations are safe to share between callers.
/// </summary>
/// <remarks>Source: R-INT-2, R-ACC-4.</remarks>
public interface IFaceVerification
{
    /// <param name="requestId">The same when the same session is asked for again.</param>
    Task<OutsideAnswer<FaceSession>> BeginAsync(string requestId, string name, ResidentId number, CancellationToken cancellationToken);

    /// <summary>Where a session stands.</summary>
    Task<OutsideAnswer<FaceProgress>> ReadAsync(string token, CancellationToken cancellationToken);
}

/// <param name="Token">Opaque, at most 200 characters.</param>
/// <param name="QrContent">What the QR code holds, at most 500 characters.</param>
/// <param name="ExpiresAt">By the office's clock.</param>
public sealed record FaceSession(string Token, string QrContent, DateTimeOffset ExpiresAt);

/// <summary>Where a session stands.</summary>
public sealed record FaceProgress(FaceState State);

/// <summary>As the office words it, in small letters.</summary>
public enum FaceState { Waiting, Passed, Failed, Expired }
