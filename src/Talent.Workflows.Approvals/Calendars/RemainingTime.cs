namespace Talent.Workflows.Approvals.Calendars;

/// <summary>How long until a deadline, or how long since, as people read it.</summary>
/// <remarks>Source: R-REV-4 ("visible as due date and remaining time").</remarks>
public sealed record RemainingTime
{
    public required bool Overdue { get; init; }

    /// <summary>Whole working days after today up to the last day; when overdue, working days since it.</summary>
    public required int Workdays { get; init; }

    /// <summary>The time between now and the deadline, never negative.</summary>
    public required TimeSpan Elapsing { get; init; }

    public string Zh => (Overdue, Workdays) switch
    {
        (false, > 0) => $"剩余 {Workdays} 个工作日",
        (false, _) => $"剩余 {Hours}",
        (true, > 0) => $"已超期 {Workdays} 个工作日",
        (true, _) => $"已超期 {Hours}",
    };

    public string En => (Overdue, Workdays) switch
    {
        (false, > 0) => $"{Workdays} working day{(Workdays == 1 ? "" : "s")} left",
        (false, _) => $"{(int)Elapsing.TotalHours} h {Elapsing.Minutes} min left",
        (true, > 0) => $"{Workdays} working day{(Workdays == 1 ? "" : "s")} overdue",
        (true, _) => $"{(int)Elapsing.TotalHours} h {Elapsing.Minutes} min overdue",
    };

    private string Hours => $"{(int)Elapsing.TotalHours} 小时 {Elapsing.Minutes} 分";

    public static RemainingTime Until(Deadline deadline, DateTimeOffset now, WorkCalendar calendar)
    {
        var today = ChinaTime.DateOf(now);
        var overdue = now >= deadline.DueAt;
        return new RemainingTime
        {
            Overdue = overdue,
            Workdays = Math.Max(0, overdue ? calendar.CountWorkdays(deadline.LastDay, today) : calendar.CountWorkdays(today, deadline.LastDay)),
            Elapsing = (deadline.DueAt - now).Duration(),
        };
    }
}
