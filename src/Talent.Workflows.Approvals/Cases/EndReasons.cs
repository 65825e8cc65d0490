namespace Talent.Workflows.Approvals.Cases;

/// <summary>Why a case ended, where nobody has said it: the system's own words. Kept in Chinese with the case.</summary>
internal static class EndReasons
{
    /// <summary>Nothing was supplied in time (R-REV-3).</summary>
    public const string Lapsed = "逾期未补正或未完善材料";

    /// <summary>A reason as it is kept, in the reader's language as far as the words are the system's.</summary>
    public static string? Word(string? reason, bool chinese) => reason == Lapsed && !chinese ? "what was asked for wasn't corrected or completed in time" : reason;
}
