using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Clocks;

/// <summary>
/// Working days counted one by one from the calendar files, written apart from the product's arithmetic: the day of the event
/// isn't counted, nor is a day after one on which the clock was stopped, up to the day it ran on; a limit that was stopped on
/// its last day ends on the working day on which it runs on, or the next one.
/// </summary>
internal static class Recount
{
    private static readonly Dictionary<DateOnly, bool> Special = Read();

    public static bool Works(DateOnly day) => Special.TryGetValue(day, out var works) ? works : day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    /// <summary>Whether the calendar files reach that far.</summary>
    public static bool IsDecreed(DateTimeOffset at) => Day(at).Year <= Special.Keys.Max().Year;

    public static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.ToOffset(TimeSpan.FromHours(8)).DateTime);

    /// <summary>The end of a limit in working days, UTC and exclusive.</summary>
    public static DateTimeOffset End(DateTimeOffset eventAt, int workdays, IEnumerable<(DateTimeOffset From, DateTimeOffset To)> pauses)
    {
        var stops = pauses.Select(p => (From: Day(p.From), To: Day(p.To))).ToList();
        var day = Day(eventAt);
        for (var counted = 0; ;)
        {
            day = day.AddDays(1);
            var heldBy = stops.Where(s => s.From < day && day <= s.To).ToList();
            if (heldBy.Count == 0 && Works(day))
                counted++;
            // Over at the end of this day, unless the clock was stopped on it before then.
            if (counted >= workdays && Works(day) && !stops.Any(s => s.From <= day && day < s.To))
                return new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.FromHours(8)).ToUniversalTime();
        }
    }

    private static Dictionary<DateOnly, bool> Read()
    {
        var days = new Dictionary<DateOnly, bool>();
        foreach (var file in Directory.GetFiles(Path.Combine(ShippedContent.Workflows, "calendars"), "cn-*.json"))
        {
            using var year = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var range in year.RootElement.GetProperty("daysOff").EnumerateArray())
                for (var day = Date(range, "from"); day <= Date(range, "to"); day = day.AddDays(1))
                    days[day] = false;
            foreach (var worked in year.RootElement.GetProperty("makeUpWorkdays").EnumerateArray())
                days[Date(worked, "date")] = true;
        }
        return days;

        static DateOnly Date(JsonElement json, string name) => DateOnly.ParseExact(json.GetProperty(name).GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
