using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>How ballots are counted, as data.</summary>
/// <remarks>Source: R-PAN-2.</remarks>
public sealed record PanelCountRule
{
    /// <summary>The share of the panel that must have cast a ballot.</summary>
    public required Share Quorum { get; init; }

    /// <summary>The share that must have voted pass.</summary>
    public required Share Pass { get; init; }

    public PassBase Of { get; init; } = PassBase.Present;
}

/// <summary>What the pass share is a share of.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PassBase>))]
public enum PassBase
{
    /// <summary>到会专家: those who cast a ballot, abstentions included.</summary>
    [JsonStringEnumMemberName("present")]
    Present,

    /// <summary>全体专家: all who were invited.</summary>
    [JsonStringEnumMemberName("all")]
    All,
}

[JsonConverter(typeof(JsonStringEnumConverter<Vote>))]
public enum Vote
{
    /// <summary>赞成</summary>
    [JsonStringEnumMemberName("pass")]
    Pass,

    /// <summary>反对</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,

    /// <summary>弃权: present, not in favour.</summary>
    [JsonStringEnumMemberName("abstain")]
    Abstain,
}

public sealed record Ballot(string ExpertId, Vote Vote);

[JsonConverter(typeof(JsonStringEnumConverter<PanelOutcome>))]
public enum PanelOutcome
{
    /// <summary>通过</summary>
    [JsonStringEnumMemberName("passed")]
    Passed,

    /// <summary>未通过</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>未达法定人数</summary>
    [JsonStringEnumMemberName("no_quorum")]
    NoQuorum,
}

/// <summary>The result with every figure it rests on; the same ballots always give the same.</summary>
public sealed record PanelCount
{
    public required PanelOutcome Outcome { get; init; }

    public required int Invited { get; init; }

    /// <summary>Ballots cast.</summary>
    public required int Present { get; init; }

    public required int Pass { get; init; }

    public required int Fail { get; init; }

    public required int Abstain { get; init; }

    /// <summary>Ballots that the quorum needs.</summary>
    public required int QuorumNeeds { get; init; }

    /// <summary>Votes that passing needs, of those present or of all.</summary>
    public required int PassNeeds { get; init; }

    /// <summary>Counts ballots. In any order; nobody present is never a quorum, and no vote in favour never passes.</summary>
    /// <exception cref="ArgumentException">A ballot from someone not invited, or two from one expert: the store let through what it mustn't.</exception>
    public static PanelCount Tally(IReadOnlyCollection<Ballot> ballots, IReadOnlyCollection<string> invited, PanelCountRule rule)
    {
        var open = invited.ToHashSet(StringComparer.Ordinal);
        var panel = open.Count;
        foreach (var ballot in ballots)
        {
            if (!open.Remove(ballot.ExpertId))
            {
                throw new ArgumentException($"Expert {ballot.ExpertId} isn't on the panel or has voted twice.", nameof(ballots));
            }
        }

        var (present, pass) = (ballots.Count, ballots.Count(b => b.Vote == Vote.Pass));
        var whole = rule.Of == PassBase.Present ? present : panel;
        var outcome = present == 0 || !rule.Quorum.IsReached(present, panel) ? PanelOutcome.NoQuorum
            : pass > 0 && rule.Pass.IsReached(pass, whole) ? PanelOutcome.Passed
            : PanelOutcome.Failed;
        return new PanelCount
        {
            Outcome = outcome,
            Invited = panel,
            Present = present,
            Pass = pass,
            Fail = ballots.Count(b => b.Vote == Vote.Fail),
            Abstain = ballots.Count(b => b.Vote == Vote.Abstain),
            QuorumNeeds = Math.Max(1, rule.Quorum.Fewest(panel)),
            PassNeeds = Math.Max(1, rule.Pass.Fewest(whole)),
        };
    }
}
