using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews.Assigning;

/// <summary>How a stage finds its people, and what it does when there are none.</summary>
public static class AssignmentWays
{
    public const string Pool = "pool", LeastWorkload = "least_workload";

    public const string Wait = "wait", Escalate = "escalate", Skip = "skip", Incident = "incident";
}

/// <summary>Asks the directory who can decide a stage; answered by resuming the bookmark.</summary>
public sealed record AskWho(Guid Id, AssignmentOrder Order) : Effect(Id);

/// <summary>What a stage asks the directory. Ids only.</summary>
public sealed record AssignmentOrder
{
    public required Guid BookmarkId { get; init; }

    /// <summary>The activity's id.</summary>
    public required string Stage { get; init; }

    /// <summary>Everybody is wanted, not one of them.</summary>
    public bool Several { get; init; }

    public string? Role { get; init; }
    public string? OrganisationId { get; init; }

    /// <summary>How many levels above the organisation.</summary>
    public int LevelsUp { get; init; }

    /// <summary>Six-digit code.</summary>
    public string? Region { get; init; }

    /// <summary>Users named by the definition; empty: the holders of the role.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>One of <see cref="AssignmentWays"/>.</summary>
    public required string By { get; init; }

    /// <summary>Where open tasks are even: calendar days back in which decisions count.</summary>
    public int Within { get; init; } = UsualDays;

    public const int UsualDays = 90, MostDays = 3660;

    /// <summary>One of <see cref="AssignmentWays"/>.</summary>
    public required string WhenNobody { get; init; }

    /// <summary>Users who may not decide.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];
}

/// <summary>The kinds of answers.</summary>
public static class AssignmentKinds
{
    public const string Pool = "pool", Users = "users", Superior = "superior", Skip = "skip", Nobody = "nobody";
}

/// <summary>Who can decide: whoever holds the role at the organisation, or these users.</summary>
public sealed record AssignmentFound(string Kind, string? Role, string? OrganisationId, IReadOnlyList<string> Users);

internal static class AssignmentJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}
