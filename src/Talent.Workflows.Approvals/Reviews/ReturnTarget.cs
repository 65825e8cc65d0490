namespace Talent.Workflows.Approvals.Reviews;

/// <summary>Where a reviewer may return a case to.</summary>
/// <param name="To"><c>applicant</c>, or the id of an earlier review; what a decision names as its <c>returnTo</c>.</param>
/// <param name="Then">What comes after an earlier review has approved: one of <see cref="ReturnWays"/>; null for the applicant, whose correction goes on as drawn.</param>
/// <remarks>Source: R-REV-2, R-REV-3.</remarks>
public sealed record ReturnTarget(string To, string Zh, string En, string? Then = null);

/// <summary>What comes after a return to an earlier review.</summary>
public static class ReturnWays
{
    /// <summary>The case runs again from there.</summary>
    public const string Again = "again";

    /// <summary>It comes straight back to who returned it; nothing between is run again, nothing beside it stops.</summary>
    public const string Here = "here";
}

/// <summary>Words for targets, beside the ids of reviews.</summary>
internal static class ReturnWords
{
    /// <summary>By the stage's connection from <c>Return</c>, as for a correction.</summary>
    public const string Applicant = "applicant";

    /// <summary>The reviews right before the stage.</summary>
    public const string Previous = "previous";

    /// <summary>Any review before the stage.</summary>
    public const string Earlier = "earlier";
}
