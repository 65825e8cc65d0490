using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Why;

/// <summary>Why a case is where it is: who can act, what it waits for, what will happen by itself, what has stopped. All true at one instant.</summary>
public sealed record CaseWhyView
{
    public required Guid CaseId { get; init; }

    /// <summary>The ETag's version.</summary>
    public required long Version { get; init; }

    /// <summary>The instant, on the business clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>False: it has ended, and nothing follows.</summary>
    public required bool Running { get; init; }
    public required Worded Status { get; init; }
    public required IReadOnlyList<WhyActor> CanAct { get; init; }

    /// <summary>回避: who would be asked, and may not.</summary>
    public required IReadOnlyList<WhyExcluded> Excluded { get; init; }
    public required IReadOnlyList<WhyWait> WaitsFor { get; init; }

    /// <summary>In the order in which it falls due.</summary>
    public required IReadOnlyList<WhyInstant> ByItself { get; init; }
    public required IReadOnlyList<WhyStop> Stopped { get; init; }

    /// <summary>The answer in sentences.</summary>
    public required string TextZh { get; init; }
    public required string TextEn { get; init; }
}

/// <summary>Somebody who can act now, and why they; where names aren't for the reader, how many there are.</summary>
/// <param name="TaskId">Null: a draft, which has no task yet.</param>
/// <param name="TaskKind">One of <see cref="Reviews.TaskKinds"/>, or <c>draft</c>.</param>
/// <param name="Ground">One of <see cref="WhyGrounds"/>.</param>
/// <param name="User">Null: not for the reader to know.</param>
/// <param name="People">1 with a user; else how many there are.</param>
public sealed record WhyActor(Guid? TaskId, string Stage, string StageName, string TaskKind, string Ground, Named? User, int People, string? Role, Named? Organisation)
{
    /// <summary>Six-digit code, where the office was found by region.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Region { get; init; }

    /// <summary>Who handed the task over, or asked for this signer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Named? By { get; init; }

    /// <summary>委托: from whose right to the acting user's, the one whose task it is first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Named>? Chain { get; init; }

    public string TextZh { get; init; } = "";
    public string TextEn { get; init; } = "";
}

/// <param name="Reason"><c>own_case</c>, <c>four_eyes</c>, <c>takes_part</c> or <c>recused</c>.</param>
/// <param name="Decided">The stage that they decided, with <c>four_eyes</c>.</param>
public sealed record WhyExcluded(Guid TaskId, string Stage, string StageName, Named User, string Reason, string? Decided, string TextZh, string TextEn);

/// <summary>Something that the case waits for.</summary>
/// <param name="Kind">One of <see cref="WhyWaits"/>.</param>
/// <param name="DueAt">UTC, exclusive; null: no limit, or it stands still.</param>
public sealed record WhyWait(string Kind, string Stage, string StageName, IReadOnlyList<Guid> TaskIds, DateTimeOffset? DueAt, string TextZh, string TextEn)
{
    /// <summary>Of a panel: drawing, voting, vacancy, counting, chair. Of a service of another office: asked, parked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Worded? State { get; init; }

    /// <summary>Of a notice: its number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Number { get; init; }

    /// <summary>Of an event or outside work: its name. Of a service of another office: its code, such as <c>identity</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }
}

/// <summary>Something that happens by itself unless somebody acts before.</summary>
/// <param name="Kind">One of <see cref="WhyKinds"/>.</param>
/// <param name="Limit"><c>stage</c>, <c>total</c>; null: it isn't told from a limit.</param>
/// <param name="Rule">The limit as the service writes it, such as <c>5wd</c>.</param>
/// <param name="Offset">How far from its end, such as <c>1wd before</c>.</param>
/// <param name="Provisional">暂定: an official calendar may still move it.</param>
public sealed record WhyInstant(string Kind, DateTimeOffset At, string? Stage, string? StageName, Guid? TaskId, string? Limit, string? Rule, string? Offset, Worded? Outcome, bool Provisional, string TextZh, string TextEn);

/// <summary>Something that doesn't go on, and who has to act.</summary>
/// <param name="Kind">One of <see cref="WhyStops"/>.</param>
/// <param name="Code">The error, or the ground; null: not for the reader.</param>
/// <param name="MustAct"><c>operator</c>, or <c>handler</c> (whoever deals with the case).</param>
public sealed record WhyStop(string Kind, string? Stage, string? StageName, string? Code, DateTimeOffset Since, string MustAct, string TextZh, string TextEn);
