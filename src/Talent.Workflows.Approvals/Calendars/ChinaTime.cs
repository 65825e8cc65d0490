namespace Talent.Workflows.Approvals.Calendars;

/// <summary>The one zone of all deadlines: Asia/Shanghai, which has been +08:00 without summer time since 1992. No time-zone data needed.</summary>
public static class ChinaTime
{
    public static TimeSpan Offset { get; } = TimeSpan.FromHours(8);

    public static DateTimeOffset ToLocal(DateTimeOffset instant) => instant.ToOffset(Offset);

    public static DateOnly DateOf(DateTimeOffset instant) => DateOnly.FromDateTime(ToLocal(instant).DateTime);

    public static TimeOnly TimeOf(DateTimeOffset instant) => TimeOnly.FromDateTime(ToLocal(instant).DateTime);

    /// <summary>The instant, in UTC, of a local date and a time since its midnight; 24 hours is the end of the day (24:00).</summary>
    public static DateTimeOffset At(DateOnly date, TimeSpan sinceMidnight) =>
        new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), Offset).Add(sinceMidnight).ToUniversalTime();

    /// <inheritdoc cref="At(DateOnly, TimeSpan)"/>
    public static DateTimeOffset At(DateOnly date, TimeOnly time) => At(date, time.ToTimeSpan());

    public static DateTimeOffset EndOf(DateOnly date) => At(date, TimeSpan.FromDays(1));
}
