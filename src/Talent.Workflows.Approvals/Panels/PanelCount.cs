using System.Collections.Immutable;
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

    /// <summary>What follows when as many vote for it as against, and the pass share isn't reached.</summary>
    public TieRule Tie { get; init; }

    /// <summary>With <see cref="TieRule.Round"/>: the last one's tie is a failure.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>What experts give scores for; empty: for what they like.</summary>
    public ImmutableArray<Criterion> Criteria { get; init; } = [];
}

/// <summary>What follows a tie.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TieRule>))]
public enum TieRule
{
    /// <summary>不通过</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,

    /// <summary>再投一轮</summary>
    [JsonStringEnumMemberName("round")]
    Round,

    /// <summary>由主任委员裁定</summary>
    [JsonStringEnumMemberName("chair")]
    Chair,
}

/// <summary>What experts give a score for, both bounds included.</summary>
public sealed record Criterion(string Name, decimal Min = 0, decimal Max = 100);

/// <summary>The scores for one criterion, of the <paramref name="Count"/> experts that gave one.</summary>
/// <param name="Average">Rounded to two places, half away from zero.</param>
public sealed record CriterionResult(string Criterion, int Count, decimal Min, decimal Max, decimal Average)
{
    public static ImmutableArray<CriterionResult> Of(IEnumerable<BallotPaper> papers) =>
    [
        .. papers.SelectMany(p => p.Scores).GroupBy(s => s.Criterion, s => s.Score, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new CriterionResult(g.Key, g.Count(), g.Min(), g.Max(), Math.Round(g.Average(), 2, MidpointRounding.AwayFromZero))),
    ];
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

    /// <summary>票数相同: not decided yet.</summary>
    [JsonStringEnumMemberName("tied")]
    Tied,

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

    /// <summary>Null: nobody gave any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<CriterionResult>? Scores { get; init; }

    /// <summary>The chair decided a tie.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ByChair { get; init; }

    /// <summary>Counts ballots. In any order; nobody present is never a quorum, and no vote in favour never passes.</summary>
    /// <exception cref="ArgumentException">A ballot from someone not invited, or two from one expert: the store let through what it mustn't.</exception>
    public static PanelCount Tally(IReadOnlyCollection<Ballot> ballots, IReadOnlyCollection<string> invited, PanelCountRule rule, int round = 1)
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
            : pass > 0 && pass == ballots.Count(b => b.Vote == Vote.Fail) && (rule.Tie == TieRule.Chair || (rule.Tie == TieRule.Round && round < rule.Rounds)) ? PanelOutcome.Tied
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
