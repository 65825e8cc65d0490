namespace Talent.Workflows.Approvals.Calendars;

public enum DeadlineUnit
{
    /// <summary>工作日 <c>wd</c></summary>
    Workdays,

    /// <summary>日 (calendar days) <c>d</c></summary>
    Days,

    /// <summary>小时, running on through nights and holidays <c>h</c></summary>
    Hours,
}

/// <summary>When an office takes things in on a working day; local time.</summary>
public sealed record OfficeHours(TimeOnly Opens, TimeOnly Closes);
