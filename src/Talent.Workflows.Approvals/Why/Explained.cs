using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Why;

/// <summary>What an activity says of its waits. Never carried out, never stored.</summary>
/// <param name="Stage">The activity's id.</param>
public abstract record Explained(string Stage) : Effect(Guid.Empty);

/// <summary>Why a review's task has the people it has.</summary>
/// <param name="Ground">One of <see cref="WhyGrounds"/>.</param>
public sealed record ExplainedTask(string Stage, Guid TaskId, string Ground) : Explained(Stage)
{
    /// <summary>Where the role was looked for when the task opened; a task that is elsewhere now was reassigned.</summary>
    public string? Role { get; init; }
    public string? OrganisationId { get; init; }
    public int LevelsUp { get; init; }

    /// <summary>Six-digit code.</summary>
    public string? Region { get; init; }

    /// <summary>加签: who asked for it.</summary>
    public string? By { get; init; }

    /// <summary>Who has, or has decided, another task of the stage, and so may not decide this one.</summary>
    public IReadOnlyList<string> TakingPart { get; init; } = [];

    /// <summary>Who may not decide it now, by user, with the stage that they decided; null: their own case.</summary>
    public IReadOnlyDictionary<string, string?> Excluded { get; init; } = new Dictionary<string, string?>();
}

/// <summary>A stage that looks for somebody in the directory, and waits until somebody is there.</summary>
public sealed record ExplainedSearch(string Stage, string StageName, string? Role, string? OrganisationId, string? Region, IReadOnlyList<string> Users) : Explained(Stage);

/// <summary>Something that happens by itself.</summary>
/// <param name="Kind">One of <see cref="WhyKinds"/>.</param>
/// <param name="TaskId">Null: the stage's.</param>
public sealed record ExplainedInstant(string Stage, string StageName, Guid? TaskId, string Kind, DateTimeOffset At) : Explained(Stage)
{
    /// <summary>The limit that it is told from.</summary>
    public Deadline? Deadline { get; init; }

    /// <summary>How far from the end of the limit; null: it isn't told from there.</summary>
    public DeadlineOffset? Offset { get; init; }

    /// <summary>What is decided; a code of <see cref="Reviews.DecisionWords"/>.</summary>
    public string? Outcome { get; init; }

    /// <summary>Moved because no node ran when it was due.</summary>
    public bool Held { get; init; }

    /// <summary>By which a panel without a quorum is extended; null: it isn't.</summary>
    public string? Extension { get; init; }
}

/// <summary>Where a panel stands. Figures, and nobody's name.</summary>
/// <param name="State"><c>drawing</c>, <c>voting</c>, <c>vacancy</c>, <c>counting</c> or <c>chair</c>.</param>
/// <param name="Needed">Ballots that a quorum needs.</param>
public sealed record ExplainedPanel(string Stage, string StageName, string State, int Round, int Seats, int Needed, int Cast, int Invited, int Challenges) : Explained(Stage);

/// <summary>A service of another office that was asked.</summary>
/// <param name="Question">Of the outbox row, where it is still being asked.</param>
public sealed record ExplainedOutside(string Stage, string StageName, Guid Question, Worded Service, DateTimeOffset Since) : Explained(Stage);

/// <summary>Where a notice stands.</summary>
/// <param name="Number">Null: it isn't up yet.</param>
/// <param name="Until">UTC, exclusive.</param>
/// <param name="Over">Its time is over; the last objections are being decided.</param>
public sealed record ExplainedNotice(string Stage, string StageName, string? Number, DateTimeOffset? From, DateTimeOffset? Until, int Objections, bool Over) : Explained(Stage);

/// <summary>Where a case stands that goes to the city on a list.</summary>
/// <param name="Number">Of the sealed list; null: it waits to be put on one.</param>
/// <param name="Since">When that was sealed.</param>
/// <param name="Office">Who forms the lists.</param>
public sealed record ExplainedSubmission(string Stage, string StageName, string? Number, DateTimeOffset? Since, string Receiver, string Role, string Office) : Explained(Stage);
