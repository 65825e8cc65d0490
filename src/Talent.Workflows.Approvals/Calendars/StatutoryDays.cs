using System.Collections.Immutable;
using System.Globalization;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>The thirteen statutory days off of any year, for years whose notice isn't out.</summary>
/// <remarks>
/// Source: 全国年节及纪念日放假办法 (2024 revision, in force from 2025). The lunar dates come from the lunar calendar
/// of the class library (until 2100), 清明 from the usual formula for this century, checked against the published years.
/// Days that a notice adds around them (bridges, 补假, 调休) can't be known: that is why such a year is provisional.
/// </remarks>
public static class StatutoryDays
{
    private static readonly ChineseLunisolarCalendar Lunar = new();

    public static CalendarYear Of(int year)
    {
        var newYear = FromLunar(year, 1, 1);
        var tombSweeping = new DateOnly(year, 4, TombSweepingDay(year));
        var dragonBoat = FromLunar(year, 5, 5);
        var midAutumn = FromLunar(year, 8, 15);
        var days = new Dictionary<DateOnly, string>();
        Name("元旦", new DateOnly(year, 1, 1), 1);
        Name("春节", newYear.AddDays(-1), 4);
        Name("清明节", tombSweeping, 1);
        Name("劳动节", new DateOnly(year, 5, 1), 2);
        Name("端午节", dragonBoat, 1);
        Name("国庆节", new DateOnly(year, 10, 1), 3);
        Name("中秋节", midAutumn, 1);
        return new CalendarYear
        {
            Year = year,
            Status = CalendarStatus.Provisional,
            Source = new CalendarSource("全国年节及纪念日放假办法（2024年修订）", null, null),
            DaysOff = [.. days.OrderBy(d => d.Key).Select(d => new DaysOff(d.Value, d.Key, d.Key))],
            MakeUpWorkdays = [],
        };

        // 中秋 can fall on a day of 国庆 (2001, 2020): the day is off once and keeps its first name.
        void Name(string name, DateOnly from, int count)
        {
            for (var i = 0; i < count; i++)
            {
                days.TryAdd(from.AddDays(i), name);
            }
        }
    }

    private static DateOnly FromLunar(int year, int month, int day)
    {
        // The lunar calendar numbers the leap month too: months after it are one further on.
        var leap = Lunar.GetLeapMonth(year);
        var numbered = leap > 0 && month >= leap ? month + 1 : month;
        return DateOnly.FromDateTime(Lunar.ToDateTime(year, numbered, day, 0, 0, 0, 0));
    }

    private static int TombSweepingDay(int year)
    {
        var y = year % 100;
        return (int)Math.Floor((y * 0.2422) + 4.81) - (y / 4);
    }
}
