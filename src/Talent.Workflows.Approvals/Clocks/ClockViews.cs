using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>The time of a case: its limits, where they stood still, what was counted; in words and as data.</summary>
public sealed record CaseClockView
{
    public required Guid CaseId { get; init; }

    /// <summary>Null: the case's clock runs, or has ended.</summary>
    public required Worded? StoppedBy { get; init; }

    /// <summary>When the case counts as accepted unless it is returned before; null: there is no such rule.</summary>
    public required DateTimeOffset? AcceptBy { get; init; }
    public required DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>The total limit; null: the service has none.</summary>
    public required PromiseView? Total { get; init; }

    /// <summary>The limits of stages, in the order in which they began.</summary>
    public required IReadOnlyList<LimitView> Stages { get; init; }
    public required IReadOnlyList<PauseView> Pauses { get; init; }
    public required IReadOnlyList<ExtensionView> Extensions { get; init; }
    public required IReadOnlyList<MarkView> Marks { get; init; }

    /// <summary>Deadlines that were computed again and moved.</summary>
    public required IReadOnlyList<DeadlineChangeView> Changes { get; init; }
}

/// <summary>承诺办结日期: the last day by which the case is promised to be done, and why that one.</summary>
/// <param name="Date">The last day.</param>
/// <param name="DueAt">UTC, exclusive.</param>
/// <param name="Provisional">暂定: an official calendar may still move it, or the clock stands still and it will move with it.</param>
/// <param name="Counted">How many of the limit's days had been used by now, and of how many.</param>
/// <param name="Excluded">Time that isn't counted, each with its ground.</param>
/// <param name="DaysOff">Days off between the filing and the date.</param>
public sealed record PromiseView(DateOnly Date, DateTimeOffset DueAt, bool Provisional, string Rule, DateTimeOffset From, string Calendar, bool Extended, CountedView Counted,
    IReadOnlyList<ExcludedView> Excluded, IReadOnlyList<Calendars.CalendarDay> DaysOff, string Zh, string En);

/// <param name="Unit"><c>workdays</c>, <c>days</c> or <c>hours</c>.</param>
public sealed record CountedView(int Used, int Of, string Unit);

/// <param name="To">Null: it lasts.</param>
public sealed record ExcludedView(Worded Ground, DateTimeOffset From, DateTimeOffset? To);

/// <summary>The limit of a stage, as its task has it.</summary>
public sealed record LimitView
{
    public required Guid TaskId { get; init; }
    public required string Stage { get; init; }
    public required string Name { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public required DateTimeOffset? ClosedAt { get; init; }
    public required DateTimeOffset? DueAt { get; init; }
    public required string? Rule { get; init; }
    public required bool Provisional { get; init; }
    public required string? Calendar { get; init; }

    /// <summary>It was, or is, open after its end.</summary>
    public required bool Late { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }
}

/// <param name="Limits">What stood still: <c>stage</c>, <c>total</c>.</param>
public sealed record PauseView(Guid Id, Worded Ground, IReadOnlyList<string> Limits, string Stage, DateTimeOffset From, DateTimeOffset? To, string? By, string? Document, string? Reason);

/// <param name="Status"><c>asked</c>, <c>granted</c> or <c>refused</c>.</param>
public sealed record ExtensionView(Guid Id, string Limit, string? Stage, Worded Status, DateTimeOffset AskedAt, string AskedBy, string Reason, string? Document, DateTimeOffset? DecidedAt, string? DecidedBy, string? Opinion);

/// <summary>黄牌 or 红牌.</summary>
public sealed record MarkView(Guid Id, Guid CaseId, string? CaseNumber, string Service, string Limit, Worded Colour, string? Stage, string? StageName, Guid? TaskId, DateTimeOffset DueAt, DateTimeOffset At);

public sealed record DeadlineChangeView(string Limit, string? Stage, Guid? TaskId, string Cause, DateTimeOffset At, DateTimeOffset OldDueAt, DateTimeOffset NewDueAt, bool Provisional, string Calendar);
