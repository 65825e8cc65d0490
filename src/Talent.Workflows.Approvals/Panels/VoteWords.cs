namespace Talent.Workflows.Approvals.Panels;

/// <summary>The votes' stable codes.</summary>
internal static class VoteWords
{
    public static string Code(Vote vote) => vote switch
    {
        Vote.Pass => "pass",
        Vote.Fail => "fail",
        Vote.Abstain => "abstain",
        _ => throw new ArgumentOutOfRangeException(nameof(vote), vote, "Not a vote."),
    };

    /// <returns>Null: no such vote.</returns>
    public static Vote? Find(string? code) => code switch
    {
        "pass" => Vote.Pass,
        "fail" => Vote.Fail,
        "abstain" => Vote.Abstain,
        _ => null,
    };
}
