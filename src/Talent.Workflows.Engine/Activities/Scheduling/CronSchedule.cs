using System.Collections;
using System.Globalization;

namespace Talent.Workflows.Engine.Activities.Scheduling;

/// <summary>
/// Instants told by a cron expression: minute, hour, day of month, month, day of week, with seconds in front when there are
/// six fields. <c>*</c>, <c>?</c>, lists, ranges, steps, names (JAN, MON) and <c>L</c> for the last day of the month. Days must
/// match both day fields. Local time is Asia/Shanghai, which has no daylight saving time.
/// </summary>
/// <remarks>Source: Elsa's Cron activity, whose expressions have five or six fields.</remarks>
public sealed class CronSchedule
{
    private const int LongestWaitYears = 9; // 29 February is eight years away around 2100.
    private const int LastDay = 32;
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private readonly BitArray seconds, minutes, hours, days, months, weekdays;

    private CronSchedule(string[] fields)
    {
        seconds = Field(fields[0], "second", 0, 59, []);
        minutes = Field(fields[1], "minute", 0, 59, []);
        hours = Field(fields[2], "hour", 0, 23, []);
        days = Field(fields[3] == "L" ? LastDay.ToString(CultureInfo.InvariantCulture) : fields[3], "day of month", 1, fields[3] == "L" ? LastDay : 31, []);
        months = Field(fields[4], "month", 1, 12, Months);
        weekdays = Field(fields[5], "day of week", 0, 7, Weekdays);
        weekdays[0] |= weekdays[7];
    }

    /// <exception cref="FormatException">None of the forms; the message names the field.</exception>
    public static CronSchedule Parse(string text)
    {
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return fields.Length switch
        {
            5 => new(["0", .. fields]),
            6 => new(fields),
            _ => throw new FormatException($"\"{text}\" has {fields.Length} fields; a cron expression has five, or six with seconds in front."),
        };
    }

    /// <summary>The first instant after the given one, UTC; null: it never comes.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var local = after.ToOffset(Zone);
        var start = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, local.Second, DateTimeKind.Unspecified).AddSeconds(1);
        for (var day = start.Date; day < start.Date.AddYears(LongestWaitYears); day = day.AddDays(1))
            if (Matches(day) && TimeOfDay(day == start.Date ? start.TimeOfDay : TimeSpan.Zero) is { } time)
                return new DateTimeOffset(day + time, Zone).ToUniversalTime();
        return null;
    }

    private bool Matches(DateTime day) => months[day.Month] && weekdays[(int)day.DayOfWeek]
        && (days[day.Day] || (days.Length > LastDay && days[LastDay] && day.Day == DateTime.DaysInMonth(day.Year, day.Month)));

    /// <summary>The first time of day that matches from this one on; null: none is left in the day.</summary>
    private TimeSpan? TimeOfDay(TimeSpan from)
    {
        for (var hour = from.Hours; hour < 24; hour++)
        {
            if (!hours[hour])
                continue;
            for (var minute = hour == from.Hours ? from.Minutes : 0; minute < 60; minute++)
            {
                if (!minutes[minute])
                    continue;
                for (var second = hour == from.Hours && minute == from.Minutes ? from.Seconds : 0; second < 60; second++)
                    if (seconds[second])
                        return new TimeSpan(hour, minute, second);
            }
        }
        return null;
    }

    private static BitArray Field(string text, string field, int least, int most, string[] names)
    {
        var bits = new BitArray(most + 1);
        foreach (var part in text.Split(','))
        {
            var (range, step) = part.Split('/') switch
            {
                [var all] => (all, 1),
                [var all, var every] when Number(every) is > 0 and var n => (all, n),
                _ => throw Wrong(),
            };
            var (from, to) = range is "*" or "?" ? (least, field == "day of week" ? 6 : most) : range.Split('-') switch
            {
                [var one] => (Value(one), part.Contains('/', StringComparison.Ordinal) ? most : Value(one)),
                [var first, var last] => (Value(first), Value(last)),
                _ => throw Wrong(),
            };
            if (from > to)
                throw Wrong();
            for (var value = from; value <= to; value += step)
                bits[value] = true;
        }
        return bits;

        int Value(string word)
        {
            var name = Array.IndexOf(names, word.ToUpperInvariant());
            var value = name >= 0 ? name + least : Number(word);
            return value >= least && value <= most ? value : throw Wrong();
        }

        FormatException Wrong() => new($"\"{text}\" isn't a {field}: write {least} to {most}, *, lists with commas, ranges with -, steps with /.");
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
