using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>Reads the files of <c>workflows/calendars/</c>; what it refuses, it names.</summary>
public static class WorkCalendarReader
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Reads a <c>cn-&lt;year&gt;.json</c>.</summary>
    /// <exception cref="FormatException">Not such a file; the message names the entry and what is wrong with it.</exception>
    public static CalendarYear Read(string json)
    {
        var year = Parse<CalendarYear>(json);
        if (year.Year < WorkCalendar.FirstYear || year.Year > WorkCalendar.LastYear)
        {
            throw new FormatException($"Calendar year {year.Year} is outside {WorkCalendar.FirstYear} to {WorkCalendar.LastYear}.");
        }

        var about = $"Calendar {year.Year}";
        CheckDays(about, year.DaysOff, year.MakeUpWorkdays);
        var (earliest, latest) = (new DateOnly(year.Year - 1, 12, 1), new DateOnly(year.Year + 1, 1, 31));
        var stray = year.DaysOff.SelectMany(d => new[] { d.From, d.To }).Concat(year.MakeUpWorkdays.Select(d => d.Date))
            .Where(d => d < earliest || d > latest).Select(d => (DateOnly?)d).FirstOrDefault();
        return stray is null ? year : throw new FormatException($"{about}: {stray:yyyy-MM-dd} doesn't belong to this year's notice.");
    }

    /// <summary>Reads a <c>region-&lt;code&gt;.json</c>.</summary>
    /// <exception cref="FormatException">Not such a file.</exception>
    public static CalendarRegion ReadRegion(string json)
    {
        var region = Parse<CalendarRegion>(json);
        if (region.Region.Length != 6 || !region.Region.All(char.IsAsciiDigit))
        {
            throw new FormatException($"Calendar region \"{region.Region}\" isn't a GB/T 2260 code of six digits.");
        }

        CheckDays($"Calendar region {region.Region}", region.DaysOff, region.MakeUpWorkdays);
        return region;
    }

    private static T Parse<T>(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new FormatException("The calendar file is empty.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The calendar file can't be read at {e.Path}: {e.Message}", e);
        }
    }

    private static void CheckDays(string about, ImmutableArray<DaysOff> daysOff, ImmutableArray<MakeUpWorkday> makeUp)
    {
        if (daysOff.IsDefault || makeUp.IsDefault)
        {
            throw new FormatException($"{about}: daysOff and makeUpWorkdays must both be lists (an empty one will do).");
        }

        var seen = new HashSet<DateOnly>();
        foreach (var range in daysOff)
        {
            if (range.To < range.From || range.To.DayNumber - range.From.DayNumber > 15)
            {
                throw new FormatException($"{about}: {range.Name} from {range.From:yyyy-MM-dd} to {range.To:yyyy-MM-dd} isn't a holiday's range.");
            }

            for (var day = range.From; day <= range.To; day = day.AddDays(1))
            {
                if (!seen.Add(day))
                {
                    throw new FormatException($"{about}: {day:yyyy-MM-dd} is named twice.");
                }
            }
        }

        foreach (var day in makeUp)
        {
            if (!seen.Add(day.Date))
            {
                throw new FormatException($"{about}: {day.Date:yyyy-MM-dd} is named twice.");
            }

            if (day.Date.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            {
                throw new FormatException($"{about}: make-up workday {day.Date:yyyy-MM-dd} isn't at a weekend.");
            }
        }
    }
}
