using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Reviews;

[JsonConverter(typeof(JsonStringEnumConverter<EscalationKind>))]
public enum EscalationKind
{
    /// <summary>催办</summary>
    [JsonStringEnumMemberName("remind")]
    Remind,

    /// <summary>告知上级</summary>
    [JsonStringEnumMemberName("tell_superior")]
    TellSuperior,

    /// <summary>改派</summary>
    [JsonStringEnumMemberName("reassign")]
    Reassign,

    /// <summary>按规则办理 (视为同意 and the like)</summary>
    [JsonStringEnumMemberName("decide_by_rule")]
    DecideByRule,

    /// <summary>黄牌: the limit is nearly used up. Of the service's <c>clock.marks</c>, never of a ladder's text; so are the next two.</summary>
    [JsonStringEnumMemberName("yellow_mark")]
    YellowMark,

    /// <summary>红牌: the limit is over. A fact of its instant; who is told of it is <see cref="TellOfMark"/>.</summary>
    [JsonStringEnumMemberName("red_mark")]
    RedMark,

    [JsonStringEnumMemberName("tell_of_mark")]
    TellOfMark,
}

/// <summary>One step of a stage's escalation as data: what, and when from the deadline (<c>1wd before</c>, <c>due</c>, <c>2wd after</c>).</summary>
/// <remarks>Source: R-REV-5.</remarks>
public sealed record EscalationRule
{
    /// <summary>What the step is known by, whatever is changed about it later; null: by what it does and when.</summary>
    public string? Id { get; init; }

    public required EscalationKind Kind { get; init; }

    public required DeadlineOffset At { get; init; }

    /// <summary>What is decided; for <see cref="EscalationKind.DecideByRule"/>, and only for it.</summary>
    public DecisionOutcome? Outcome { get; init; }
}

/// <summary>A rule's step with its instant, UTC; <see cref="Index"/> is its place in the ladder from 0, <see cref="Key"/> what it is remembered by.</summary>
public sealed record EscalationStep(int Index, EscalationKind Kind, DateTimeOffset At, DecisionOutcome? Outcome, string Key)
{
    /// <summary>How far from the end of the limit, as the rule says it.</summary>
    public DeadlineOffset Offset { get; init; } = DeadlineOffset.Due;
}
