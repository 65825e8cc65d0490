using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>
/// The working days of China from 2000 to 2099: weekends, statutory holidays, 调休. Immutable; every answer is a
/// look-up in two tables (about 130 KB a calendar), because each review stage asks.
/// </summary>
/// <remarks>Source: R-REV-4. A year without data has its weekends and statutory days (<see cref="StatutoryDays"/>) and is provisional.</remarks>
public sealed class WorkCalendar
{
    public const int FirstYear = 2000;
    public const int LastYear = 2099;

    private static readonly int FirstDay = new DateOnly(FirstYear, 1, 1).DayNumber;
    private static readonly int Days = new DateOnly(LastYear, 12, 31).DayNumber - FirstDay + 1;

    private readonly ushort[] _workdaysThrough = new ushort[Days];
    private readonly ushort[] _dayOfWorkday;
    private readonly Dictionary<DateOnly, CalendarDay> _named;
    private readonly bool[] _official = new bool[LastYear - FirstYear + 2];
    private WorkCalendar[] _regions = [];

    private WorkCalendar(Dictionary<DateOnly, CalendarDay> named, IEnumerable<int> officialYears, string? region, string version)
    {
        _named = named;
        Region = region;
        Version = version;
        foreach (var year in officialYears)
        {
            _official[year - FirstYear] = true;
        }

        var dayOfWorkday = new List<ushort>(Days) { 0 };
        for (var i = 0; i < Days; i++)
        {
            if (Describe(DateOnly.FromDayNumber(FirstDay + i)).IsWorkday)
            {
                dayOfWorkday.Add((ushort)i);
            }

            _workdaysThrough[i] = (ushort)(dayOfWorkday.Count - 1);
        }

        _dayOfWorkday = [.. dayOfWorkday];
    }

    /// <summary>The GB/T 2260 code of the region it is for; null: the whole country.</summary>
    public string? Region { get; }

    /// <summary>Names the data that it was made of, such as <c>cn-2026.5f0c3a9e</c>: the last official year and a hash. Same data, same version.</summary>
    public string Version { get; }

    /// <summary>Merges years, and a region's own days over them.</summary>
    /// <exception cref="FormatException">A year twice, or two years that disagree on a date.</exception>
    public static WorkCalendar Of(IEnumerable<CalendarYear> years, CalendarRegion? region = null)
    {
        var known = years.OrderBy(y => y.Year).ToArray();
        var named = new Dictionary<DateOnly, CalendarDay>();
        for (var year = FirstYear; year <= LastYear; year++)
        {
            var given = known.Where(y => y.Year == year).ToArray();
            if (given.Length > 1)
            {
                throw new FormatException($"The calendar of {year} is given twice.");
            }

            foreach (var day in Entries(given.Length == 1 ? given[0] : StatutoryDays.Of(year)))
            {
                if (named.TryGetValue(day.Date, out var other) && other.Kind != day.Kind)
                {
                    throw new FormatException($"The calendars disagree on {day.Date:yyyy-MM-dd}: {other.Name} and {day.Name}.");
                }

                named.TryAdd(day.Date, day);
            }
        }

        if (region is not null)
        {
            foreach (var day in Entries(region.DaysOff, region.MakeUpWorkdays))
            {
                named[day.Date] = day;
            }
        }

        var official = known.Where(y => y.Status == CalendarStatus.Official).Select(y => y.Year).ToArray();
        return new WorkCalendar(named, official, region?.Region, VersionOf(known, official, region));
    }

    /// <summary>The country's calendar with those of its regions behind it, for <see cref="For"/>.</summary>
    /// <exception cref="FormatException">As the other one, or a region twice.</exception>
    public static WorkCalendar Of(IReadOnlyCollection<CalendarYear> years, IEnumerable<CalendarRegion> regions)
    {
        var country = Of(years);
        country._regions = [.. regions.Select(r => Of(years, r)).OrderByDescending(c => c.Prefix.Length).ThenBy(c => c.Prefix, StringComparer.Ordinal)];
        return country._regions.GroupBy(c => c.Region).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new FormatException($"The calendar of region {twice.Key} is given twice.")
            : country;
    }

    /// <summary>The calendar that counts in a place: of its district, else its city, else its province, else the country's.</summary>
    /// <param name="region">GB/T 2260 code; null: nowhere in particular.</param>
    public WorkCalendar For(string? region) =>
        region is null || _regions.Length == 0 ? this : _regions.FirstOrDefault(c => region.StartsWith(c.Prefix, StringComparison.Ordinal)) ?? this;

    /// <summary>The calendars that places may have, each with the beginning of their codes; the country's has the empty one.</summary>
    public IEnumerable<(string Prefix, WorkCalendar Calendar)> Places => [("", this), .. _regions.Select(c => (c.Prefix, c))];

    /// <summary>How the codes of the region's places begin: 450000 is all of 45, 450100 all of 4501.</summary>
    private string Prefix => Region is null ? "" : Region.EndsWith("0000", StringComparison.Ordinal) ? Region[..2] : Region.EndsWith("00", StringComparison.Ordinal) ? Region[..4] : Region;

    /// <exception cref="ArgumentOutOfRangeException">Outside 2000 to 2099; so for every member.</exception>
    public bool IsWorkday(DateOnly date)
    {
        var i = Index(date);
        return _workdaysThrough[i] > (i == 0 ? 0 : _workdaysThrough[i - 1]);
    }

    /// <summary>
    /// For a positive number the n-th workday after <paramref name="date"/>, which itself isn't counted; for a negative one
    /// the n-th before it; for 0 the date itself, or the next workday when it isn't one.
    /// </summary>
    public DateOnly AddWorkdays(DateOnly date, int workdays)
    {
        var i = Index(date);
        var before = i == 0 ? 0 : _workdaysThrough[i - 1];
        var nth = workdays > 0 ? _workdaysThrough[i] + (long)workdays : before + 1L + workdays;
        if (nth < 1 || nth >= _dayOfWorkday.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(workdays), workdays, $"{workdays} workdays from {date:yyyy-MM-dd} leave the calendar ({FirstYear} to {LastYear}).");
        }

        return DateOnly.FromDayNumber(FirstDay + _dayOfWorkday[nth]);
    }

    /// <summary>Workdays after <paramref name="fromExclusive"/> up to and with <paramref name="toInclusive"/>; negative when they are the wrong way round.</summary>
    public int CountWorkdays(DateOnly fromExclusive, DateOnly toInclusive) =>
        _workdaysThrough[Index(toInclusive)] - _workdaysThrough[Index(fromExclusive)];

    /// <summary>
    /// Whether an official notice can still move this date: its year has none, or it lies in the last week of a year and
    /// the next year has none (the notices for 2019 and 2023 changed days at the end of December).
    /// </summary>
    public bool IsProvisional(DateOnly date)
    {
        Index(date);
        return !_official[date.Year - FirstYear]
            || (date is { Month: 12, Day: >= 25 } && !_official[date.Year + 1 - FirstYear]);
    }

    /// <summary>Whether any day from <paramref name="from"/> to <paramref name="to"/>, both included, is provisional.</summary>
    public bool IsProvisional(DateOnly from, DateOnly to)
    {
        for (var year = from.Year; year < to.Year; year++)
        {
            if (IsProvisional(new DateOnly(year, 12, 31)))
            {
                return true;
            }
        }

        return IsProvisional(from) || IsProvisional(to);
    }

    /// <summary>What a date is and why, for evidence and for people.</summary>
    public CalendarDay Describe(DateOnly date)
    {
        Index(date);
        return _named.TryGetValue(date, out var day)
            ? day
            : date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday
                ? new CalendarDay(date, CalendarDayKind.Weekend, date.DayOfWeek == DayOfWeek.Saturday ? "星期六" : "星期日")
                : new CalendarDay(date, CalendarDayKind.Workday, null);
    }

    private static int Index(DateOnly date)
    {
        var i = date.DayNumber - FirstDay;
        return i >= 0 && i < Days ? i : throw new ArgumentOutOfRangeException(nameof(date), date, $"{date:yyyy-MM-dd} is outside the calendar ({FirstYear} to {LastYear}).");
    }

    private static IEnumerable<CalendarDay> Entries(CalendarYear year) => Entries(year.DaysOff, year.MakeUpWorkdays);

    private static IEnumerable<CalendarDay> Entries(ImmutableArray<DaysOff> daysOff, ImmutableArray<MakeUpWorkday> makeUp) =>
        daysOff
            .SelectMany(range => Enumerable.Range(range.From.DayNumber, range.To.DayNumber - range.From.DayNumber + 1)
                .Select(day => new CalendarDay(DateOnly.FromDayNumber(day), CalendarDayKind.Holiday, range.Name)))
            .Concat(makeUp.Select(day => new CalendarDay(day.Date, CalendarDayKind.MakeUpWorkday, day.Name)));

    private static string VersionOf(CalendarYear[] years, int[] official, CalendarRegion? region)
    {
        var text = new StringBuilder();
        foreach (var year in years)
        {
            text.Append(CultureInfo.InvariantCulture, $"{year.Year} {year.Status}\n");
            Append(Entries(year));
        }

        if (region is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"region {region.Region}\n");
            Append(Entries(region.DaysOff, region.MakeUpWorkdays));
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..8];
        var last = official.Length == 0 ? "none" : official.Max().ToString(CultureInfo.InvariantCulture);
        return region is null ? $"cn-{last}.{hash}" : $"cn-{last}-{region.Region}.{hash}";

        void Append(IEnumerable<CalendarDay> days)
        {
            foreach (var day in days.OrderBy(d => d.Date))
            {
                text.Append(CultureInfo.InvariantCulture, $"{day.Date:yyyy-MM-dd} {day.Kind} {day.Name}\n");
            }
        }
    }
}
