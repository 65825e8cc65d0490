using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Panels;

namespace Talent.Workflows.Approvals.Reviews.Signing;

/// <summary>How several people decide one stage.</summary>
/// <remarks>Source: R-REV-6.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<SignMode>))]
public enum SignMode
{
    /// <summary>单人办理: one person decides.</summary>
    [JsonStringEnumMemberName("single")]
    Single,

    /// <summary>会签: all decide, at the same time.</summary>
    [JsonStringEnumMemberName("all")]
    All,

    /// <summary>依次会签: all decide, one after the other.</summary>
    [JsonStringEnumMemberName("sequential")]
    Sequential,

    /// <summary>或签: whoever decides first.</summary>
    [JsonStringEnumMemberName("any")]
    Any,

    /// <summary>票签: by the share of the votes.</summary>
    [JsonStringEnumMemberName("vote")]
    Vote,
}

/// <summary>What a share of votes is a share of.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VoteBase>))]
public enum VoteBase
{
    /// <summary>全体: all who have a vote.</summary>
    [JsonStringEnumMemberName("all")]
    All,

    /// <summary>到场: all who have voted, abstentions too.</summary>
    [JsonStringEnumMemberName("present")]
    Present,

    /// <summary>表决: all who have voted for or against.</summary>
    [JsonStringEnumMemberName("cast")]
    Cast,
}

/// <summary>When a stage of several people is decided, and how.</summary>
/// <remarks>Source: R-REV-6; weights, veto, abstention and tie as in ANCHORS 7.20.</remarks>
public sealed record SignRule
{
    public required SignMode Mode { get; init; }

    /// <summary>Share of the weight that approves, in a vote.</summary>
    public Share Pass { get; init; } = Share.Parse(">1/2");

    public VoteBase Of { get; init; }

    /// <summary>Share of all weight that must have voted for the vote to count; null: whoever came.</summary>
    public Share? Quorum { get; init; }

    /// <summary>What a vote decides in which as much weight is for as against, and the pass share isn't reached.</summary>
    public DecisionOutcome Tie { get; init; } = DecisionOutcome.Reject;

    /// <summary>会签: the stage is decided only when everybody has decided, by the severest; else the first who doesn't approve decides it.</summary>
    public bool WaitForAll { get; init; }
}
