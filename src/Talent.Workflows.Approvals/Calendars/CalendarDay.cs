using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>A date with what it is; <see cref="Name"/> is the holiday it belongs to (for a make-up workday too), or the weekday at a weekend.</summary>
public sealed record CalendarDay(DateOnly Date, CalendarDayKind Kind, string? Name)
{
    public bool IsWorkday => Kind is CalendarDayKind.Workday or CalendarDayKind.MakeUpWorkday;
}

[JsonConverter(typeof(JsonStringEnumConverter<CalendarDayKind>))]
public enum CalendarDayKind
{
    [JsonStringEnumMemberName("workday")]
    Workday,

    /// <summary>调休上班</summary>
    [JsonStringEnumMemberName("make_up_workday")]
    MakeUpWorkday,

    /// <summary>周末</summary>
    [JsonStringEnumMemberName("weekend")]
    Weekend,

    /// <summary>法定节假日, with the days that the notice joins to it</summary>
    [JsonStringEnumMemberName("holiday")]
    Holiday,
}
