using Talent.Workflows.Approvals.People.Profiles;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>What an employer's profile lacks before it can file (R-EMP-1): empty when it is complete.</summary>
public interface IEmployerGaps
{
    Task<IReadOnlyList<ProfileGap>> GapsAsync(string employerId, CancellationToken cancellationToken);
}
