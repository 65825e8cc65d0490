using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>What a reviewer decides.</summary>
/// <remarks>Source: R-REV-2.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<DecisionOutcome>))]
public enum DecisionOutcome
{
    /// <summary>通过</summary>
    [JsonStringEnumMemberName("approve")]
    Approve,

    /// <summary>退回补正: the case stays alive.</summary>
    [JsonStringEnumMemberName("return")]
    Return,

    /// <summary>不通过: this round ends.</summary>
    [JsonStringEnumMemberName("reject")]
    Reject,

    /// <summary>不予受理: the case isn't taken in.</summary>
    [JsonStringEnumMemberName("refuse")]
    Refuse,

    /// <summary>弃权: in a vote, neither for nor against. No stage is decided by it.</summary>
    [JsonStringEnumMemberName("abstain")]
    Abstain,
}

/// <summary>The outcomes' stable codes and words.</summary>
public static class DecisionWords
{
    public static string Code(this DecisionOutcome outcome) => Word(outcome).Code;

    public static string Zh(this DecisionOutcome outcome) => Word(outcome).Zh;

    public static string En(this DecisionOutcome outcome) => Word(outcome).En;

    /// <summary>Reads an outcome as a definition writes it: its code or the name of its port, such as <c>approve</c> or <c>Approve</c>.</summary>
    /// <returns>False: no such outcome.</returns>
    public static bool TryParsePort(string? word, out DecisionOutcome outcome) => TryParse(word?.ToLowerInvariant(), out outcome);

    /// <returns>False: no such code.</returns>
    public static bool TryParse(string? code, out DecisionOutcome outcome)
    {
        foreach (var candidate in Enum.GetValues<DecisionOutcome>())
        {
            if (Word(candidate).Code == code)
            {
                outcome = candidate;
                return true;
            }
        }

        outcome = default;
        return false;
    }

    private static (string Code, string Zh, string En) Word(DecisionOutcome outcome) => outcome switch
    {
        DecisionOutcome.Approve => ("approve", "通过", "approved"),
        DecisionOutcome.Return => ("return", "退回补正", "returned for correction"),
        DecisionOutcome.Reject => ("reject", "不通过", "rejected"),
        DecisionOutcome.Refuse => ("refuse", "不予受理", "acceptance refused"),
        DecisionOutcome.Abstain => ("abstain", "弃权", "abstained"),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome."),
    };
}
