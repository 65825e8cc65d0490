namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>What isn't known isn't refused: of three values, ordered so that "and" is the least and "or" the greatest.</summary>
public enum Truth
{
    No,
    Unknown,
    Yes,
}
