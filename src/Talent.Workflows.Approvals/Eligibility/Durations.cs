using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Years of age and months of insurance. Pure and total.</summary>
/// <remarks>
/// Source: Civil Code of the PRC, articles 200 to 203. Years and months are counted by the calendar; the day on which a period begins by an
/// event isn't counted; it ends on the corresponding day of its last month or, where that month has none, on the month's last day. R-ELG-3:
/// "40周岁及以下" is somebody who hasn't reached the 41st birthday on the day.
/// </remarks>
public static class Durations
{
    private const int DaysOfMonth = 30;

    /// <summary>周岁: goes up on the birthday itself, which is 28 February in a common year for who was born on 29 February.</summary>
    /// <returns>Null: born after the day.</returns>
    public static int? Age(DateOnly born, DateOnly day)
    {
        if (born > day)
            return null;
        var birthday = new DateOnly(day.Year, born.Month, Math.Min(born.Day, DateTime.DaysInMonth(day.Year, born.Month)));
        return day.Year - born.Year - (day < birthday ? 1 : 0);
    }

    /// <summary>Whole months of insurance up to the day, which counts.</summary>
    /// <param name="after">Only days after this one count; null: all.</param>
    /// <param name="count">Of the longest time without a gap; or in sum, where 30 days that make no whole month by themselves make one together.</param>
    public static int InsuredMonths(IReadOnlyList<InsurancePeriod> periods, DateOnly? after, DateOnly day, MonthCount count)
    {
        var (longest, months, days) = (0, 0, 0);
        foreach (var (from, to) in Merged(periods, after, day))
        {
            var (whole, rest) = Months(from, to);
            longest = Math.Max(longest, whole);
            months += whole;
            // So many days of a longer month make no whole one by themselves.
            days += Math.Min(rest, DaysOfMonth - 1);
        }
        return count == MonthCount.Continuous ? longest : months + days / DaysOfMonth;
    }

    /// <summary>What counts of the periods, without overlaps, by their first days; those that touch are one.</summary>
    private static List<(DateOnly From, DateOnly To)> Merged(IReadOnlyList<InsurancePeriod> periods, DateOnly? after, DateOnly day)
    {
        var merged = new List<(DateOnly From, DateOnly To)>();
        if (after >= day)
            return merged;
        var first = after is { } date ? date.AddDays(1) : DateOnly.MinValue;
        foreach (var period in periods.OrderBy(p => p.From))
        {
            var (from, to) = (period.From < first ? first : period.From, period.To > day ? day : period.To);
            if (to < from)
                continue;
            if (merged.Count > 0 && from.DayNumber <= merged[^1].To.DayNumber + 1)
                merged[^1] = (merged[^1].From, to > merged[^1].To ? to : merged[^1].To);
            else
                merged.Add((from, to));
        }
        return merged;
    }

    private static (int Whole, int Days) Months(DateOnly from, DateOnly to)
    {
        var months = (to.Year - from.Year) * 12 + to.Month - from.Month + 1;
        while (months > 0 && LastDay(from, months) > to)
            months--;
        return (months, months == 0 ? to.DayNumber - from.DayNumber + 1 : to.DayNumber - LastDay(from, months).DayNumber);
    }

    /// <summary>The last day of so many months that begin with this day.</summary>
    private static DateOnly LastDay(DateOnly from, int months)
    {
        var index = from.Year * 12 + from.Month - 1 + months;
        var (year, month) = (index / 12, index % 12 + 1);
        if (year > DateOnly.MaxValue.Year)
            return DateOnly.MaxValue;
        var days = DateTime.DaysInMonth(year, month);
        return from.Day <= days ? new DateOnly(year, month, from.Day).AddDays(-1) : new DateOnly(year, month, days);
    }
}
