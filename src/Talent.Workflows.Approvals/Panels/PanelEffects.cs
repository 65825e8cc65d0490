using System.Collections.Immutable;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Opens a panel; its id is the panel's. The seed's nonce is chosen when the row is written.</summary>
public sealed record OpenPanel(Guid Id) : Effect(Id)
{
    /// <summary>The activity's id.</summary>
    public required string Stage { get; init; }

    public required string StageName { get; init; }

    /// <summary>Which visit of the activity this is; part of the seed.</summary>
    public required int Visit { get; init; }

    public required PanelRules Rules { get; init; }

    public required PanelCountRule Count { get; init; }

    public required string SecretaryRole { get; init; }

    public string? OrganisationId { get; init; }

    /// <summary>Who commits to the draw; empty: the server alone.</summary>
    public ImmutableArray<DrawParty> Parties { get; init; } = [];

    /// <summary>Experts see neither who applies nor from where.</summary>
    public required bool Blind { get; init; }

    public string? ChairRole { get; init; }

    /// <summary>Who may challenge experts, besides the applicant.</summary>
    public string? SupervisorRole { get; init; }
}

/// <summary>Moves a panel on, or its deadline. <see cref="ClosedBy"/>: why it closed, one of <see cref="PanelClosing"/>.</summary>
public sealed record ChangePanel(Guid Id, Guid PanelId, PanelStatus? Status = null, DateTimeOffset? DueAt = null, string? ClosedBy = null, short? Attempt = null, short? Round = null) : Effect(Id);

/// <summary>
/// Work on a panel that needs its tables; done after the commit, one at a time for each panel, and answered by resuming the
/// bookmark. <see cref="Kind"/> is the kind of the outbox row.
/// </summary>
public sealed record PanelWork(Guid Id, string Kind, Guid PanelId, Guid BookmarkId, string? ExpertId = null) : Effect(Id);

/// <summary>A panel, or its round, ends without a count: the key is destroyed after the commit, and no ballot can be opened any more.</summary>
public sealed record ForgetPanel(Guid Id, Guid PanelId) : Effect(Id);

/// <summary>The engine has taken a challenge; who is challenged by whom and why is in the request and goes to its own row alone.</summary>
public sealed record ChallengeTaken(Guid Id, Guid PanelId, Guid TaskId) : Effect(Id);

/// <summary>The engine has taken a ballot, or a recusal; what it says is in the request and goes to its own row alone.</summary>
public sealed record AnswerTaken(Guid Id, Guid PanelId, string ExpertId) : Effect(Id);

/// <summary>Where a panel stands.</summary>
public enum PanelStatus : short
{
    /// <summary>抽取中</summary>
    Drawing = 0,

    /// <summary>投票中</summary>
    Open = 1,

    /// <summary>计票中: no ballot is taken any more.</summary>
    Counting = 2,

    /// <summary>已结束</summary>
    Closed = 3,

    /// <summary>已取消</summary>
    Cancelled = 4,
}

/// <summary>Why a panel was closed.</summary>
public static class PanelClosing
{
    /// <summary>Every expert has voted.</summary>
    public const string Complete = "complete";

    public const string Deadline = "deadline";

    /// <summary>By its secretary, with a quorum.</summary>
    public const string Secretary = "secretary";

    /// <summary>Too few experts are left for a quorum.</summary>
    public const string TooFew = "too_few";
}
