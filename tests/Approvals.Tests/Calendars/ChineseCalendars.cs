using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Tests.Calendars;

/// <summary>The calendars that ship with the product, read from workflows/calendars.</summary>
internal static class ChineseCalendars
{
    public static IReadOnlyList<CalendarYear> Years { get; } =
        [.. Directory.GetFiles(Folder(), "cn-*.json").Order(StringComparer.Ordinal).Select(f => WorkCalendarReader.Read(File.ReadAllText(f)))];

    public static WorkCalendar Shipped { get; } = WorkCalendar.Of(Years);

    public static Gen<DateOnly> Dates { get; } =
        Gen.Choose(new DateOnly(2022, 1, 1).DayNumber, new DateOnly(2029, 12, 31).DayNumber).Select(DateOnly.FromDayNumber);

    /// <summary>Instants to the minute.</summary>
    public static Gen<DateTimeOffset> Instants { get; } =
        from date in Dates
        from minute in Gen.Choose(0, (24 * 60) - 1)
        select Local(date, minute);

    public static DateTimeOffset Local(string text) => new(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(8));

    public static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static DateTimeOffset Local(DateOnly date, int minute) => new(date.ToDateTime(TimeOnly.MinValue).AddMinutes(minute), TimeSpan.FromHours(8));

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "workflows", "calendars"));
}
