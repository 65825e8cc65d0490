namespace Talent.Workflows.Approvals.Calendars;

/// <summary>A date with what it is; <see cref="Name"/> is the holiday it belongs to (for a make-up workday too), or the weekday at a weekend.</summary>
public sealed record CalendarDay(DateOnly Date, CalendarDayKind Kind, string? Name)
{
    public bool IsWorkday => Kind is CalendarDayKind.Workday or CalendarDayKind.MakeUpWorkday;
}

public enum CalendarDayKind
{
    Workday,

    /// <summary>调休上班</summary>
    MakeUpWorkday,

    /// <summary>周末</summary>
    Weekend,

    /// <summary>法定节假日, with the days that the notice joins to it</summary>
    Holiday,
}
