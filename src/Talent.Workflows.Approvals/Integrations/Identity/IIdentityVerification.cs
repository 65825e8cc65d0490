using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Integrations.Identity;

/// <summary>Compares a name with an identity number at the office that keeps both (实名认证). Implementations are safe to share between callers.</summary>
/// <remarks>Source: R-INT-1, R-ACC-2. Whether a number is bound to another account already is for our own data to say.</remarks>
public interface IIdentityVerification
{
    /// <param name="requestId">The same when the same question is asked again: the office counts questions.</param>
    /// <param name="name">At most 100 characters.</param>
    Task<OutsideAnswer<IdentityResult>> VerifyAsync(string requestId, string name, ResidentId number, CancellationToken cancellationToken);
}

/// <summary>Whether name and number belong together.</summary>
public sealed record IdentityResult(bool Verified);
