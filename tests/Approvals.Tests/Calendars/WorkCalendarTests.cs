using FsCheck.Fluent;
using Talent.Workflows.Approvals.Calendars;
using static Talent.Workflows.Approvals.Tests.Calendars.ChineseCalendars;

namespace Talent.Workflows.Approvals.Tests.Calendars;

public sealed class WorkCalendarTests
{
    [Theory]
    [InlineData("2026-02-13", true)]
    [InlineData("2026-02-14", true)] // Saturday, made up
    [InlineData("2026-02-15", false)]
    [InlineData("2026-02-23", false)] // Monday, Spring Festival
    [InlineData("2026-02-24", true)]
    [InlineData("2026-02-28", true)] // Saturday, made up
    [InlineData("2026-03-01", false)]
    [InlineData("2026-09-20", true)] // Sunday, made up
    [InlineData("2026-09-30", true)]
    [InlineData("2026-10-01", false)]
    [InlineData("2026-10-07", false)]
    [InlineData("2026-10-08", true)]
    [InlineData("2026-10-10", true)] // Saturday, made up
    [InlineData("2026-10-11", false)]
    [InlineData("2022-12-31", false)] // named by the notice for 2023
    [InlineData("2027-02-08", false)] // statutory, the notice isn't out
    [InlineData("2027-02-09", true)]
    public void IsWorkday_WhenTheNoticeNamesTheDate_ThenItWins_R_REV_4(string date, bool workday) =>
        Assert.Equal(workday, Shipped.IsWorkday(Day(date)));

    [Theory]
    [InlineData(2023)]
    [InlineData(2024)]
    [InlineData(2025)]
    [InlineData(2026)]
    public void CountWorkdays_WhenAWholeYear_ThenEqualsItsDaysCountedOneByOne_R_REV_4(int year)
    {
        var notice = Years.Single(y => y.Year == year);
        var off = notice.DaysOff.SelectMany(d => Enumerable.Range(d.From.DayNumber, d.To.DayNumber - d.From.DayNumber + 1)).ToHashSet();
        var madeUp = notice.MakeUpWorkdays.Select(d => d.Date.DayNumber).ToHashSet();
        var (first, last) = (new DateOnly(year, 1, 1).DayNumber, new DateOnly(year, 12, 31).DayNumber);
        var counted = Enumerable.Range(first, last - first + 1).Count(d =>
            madeUp.Contains(d) || (!off.Contains(d) && DateOnly.FromDayNumber(d).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)));

        Assert.Equal(counted, Shipped.CountWorkdays(new DateOnly(year - 1, 12, 31), new DateOnly(year, 12, 31)));
        Assert.InRange(counted, 247, 252);
    }

    [Fact]
    public void AddWorkdays_WhenAnyDateAndNumber_ThenAgreesWithWalkingDayByDay_R_REV_4() =>
        Property.Holds(Gen.Zip(Dates, Gen.Choose(-300, 300)), pair =>
        {
            var (date, workdays) = pair;
            var walked = date;
            if (workdays == 0)
            {
                for (; !Shipped.IsWorkday(walked); walked = walked.AddDays(1))
                {
                }
            }

            for (var left = Math.Abs(workdays); left > 0;)
            {
                walked = walked.AddDays(Math.Sign(workdays));
                left -= Shipped.IsWorkday(walked) ? 1 : 0;
            }

            Assert.Equal(walked, Shipped.AddWorkdays(date, workdays));
        });

    [Fact]
    public void CountWorkdays_WhenWorkdaysWereAdded_ThenCountsThem_R_REV_4() =>
        Property.Holds(Gen.Zip(Dates, Gen.Choose(1, 400)), pair =>
        {
            var end = Shipped.AddWorkdays(pair.Item1, pair.Item2);

            Assert.Equal(pair.Item2, Shipped.CountWorkdays(pair.Item1, end));
            Assert.Equal(-pair.Item2, Shipped.CountWorkdays(end, pair.Item1));
            Assert.True(Shipped.IsWorkday(end));
        });

    [Theory]
    [InlineData("2026-12-24", false)]
    [InlineData("2026-12-25", true)] // the notice for 2027 may still move the last week
    [InlineData("2025-12-31", false)]
    [InlineData("2027-06-01", true)]
    [InlineData("2031-06-01", true)]
    public void IsProvisional_WhenNoNoticeIsOutForTheYear_ThenTrue_R_REV_4(string date, bool provisional) =>
        Assert.Equal(provisional, Shipped.IsProvisional(Day(date)));

    [Fact]
    public void IsProvisional_WhenARangeTouchesAProvisionalYear_ThenTrue_R_REV_4()
    {
        Assert.False(Shipped.IsProvisional(Day("2024-11-01"), Day("2026-12-01")));
        Assert.True(Shipped.IsProvisional(Day("2026-11-01"), Day("2027-01-05")));
        Assert.True(Shipped.IsProvisional(Day("2022-06-01"), Day("2023-06-01")));
    }

    [Fact]
    public void Of_WhenAYearHasNoData_ThenHasItsStatutoryDays_R_REV_4()
    {
        var calendar = WorkCalendar.Of([]);

        // 2028: Spring Festival is 26 January, 端午 28 May (a Sunday), 中秋 3 October, 清明 4 April.
        Assert.All(["2028-01-25", "2028-01-26", "2028-01-28", "2028-04-04", "2028-05-01", "2028-05-28", "2028-10-02", "2028-10-03"], d => Assert.False(calendar.IsWorkday(Day(d)), d));
        Assert.All(["2028-01-24", "2028-04-05", "2028-05-03", "2028-10-04"], d => Assert.True(calendar.IsWorkday(Day(d)), d));
    }

    [Fact]
    public void StatutoryDays_WhenTheYearIsPublished_ThenAllAreInsideItsHolidays_R_REV_4()
    {
        foreach (var year in Years)
        {
            var off = year.DaysOff.SelectMany(d => Enumerable.Range(d.From.DayNumber, d.To.DayNumber - d.From.DayNumber + 1)).ToHashSet();
            var statutory = StatutoryDays.Of(year.Year).DaysOff.Select(d => d.From.DayNumber).ToHashSet();

            // The eve of the Spring Festival became statutory in 2025; in 2024 offices were only asked to give it.
            statutory.RemoveWhere(d => year.Year == 2024 && DateOnly.FromDayNumber(d) == new DateOnly(2024, 2, 9));
            Assert.Subset(off, statutory);
            Assert.True(year.Status == CalendarStatus.Official || off.SetEquals(statutory), "a provisional file has exactly the statutory days");
        }
    }

    [Fact]
    public void Of_WhenARegionHasItsOwnDays_ThenTheyWinAndTheVersionNamesIt_R_REV_4()
    {
        var region = WorkCalendarReader.ReadRegion("""
            { "region": "999900", "daysOff": [ { "name": "地方节日", "from": "2026-04-20", "to": "2026-04-21" } ],
              "makeUpWorkdays": [ { "name": "地方节日", "date": "2026-04-18" } ] }
            """);
        var calendar = WorkCalendar.Of(Years, region);

        Assert.False(calendar.IsWorkday(Day("2026-04-20")));
        Assert.True(calendar.IsWorkday(Day("2026-04-18")));
        Assert.True(Shipped.IsWorkday(Day("2026-04-20")));
        Assert.Contains("999900", calendar.Version, StringComparison.Ordinal);
        Assert.False(calendar.IsProvisional(Day("2026-04-20")));
    }

    [Theory]
    [InlineData("450102", "450100")]
    [InlineData("450302", "450000")]
    [InlineData("440100", null)]
    [InlineData(null, null)]
    public void For_WhenAPlaceHasDaysOfItsOwn_ThenTheNearestRegionCounts_R_REV_4(string? place, string? region)
    {
        CalendarRegion[] regions = [Off("450000", "2026-04-20"), Off("450100", "2026-04-21")];
        var calendar = WorkCalendar.Of(Years, regions).For(place);

        Assert.Equal(region, calendar.Region);
        Assert.Equal(region == "450100", !calendar.IsWorkday(Day("2026-04-21")));
        Assert.Throws<FormatException>(() => WorkCalendar.Of(Years, [regions[0], regions[0]]));

        static CalendarRegion Off(string code, string day) => new() { Region = code, DaysOff = [new DaysOff("三月三", Day(day), Day(day))], MakeUpWorkdays = [] };
    }

    [Fact]
    public void Version_WhenADateChanges_ThenChanges_AndOnlyThen_R_REV_4()
    {
        var changed = Years.Select(y => y.Year == 2026 ? y with { MakeUpWorkdays = y.MakeUpWorkdays.RemoveAt(0) } : y);

        Assert.StartsWith("cn-2026.", Shipped.Version, StringComparison.Ordinal);
        Assert.Equal(Shipped.Version, WorkCalendar.Of(Years.Reverse()).Version);
        Assert.NotEqual(Shipped.Version, WorkCalendar.Of(changed).Version);
    }

    [Fact]
    public void Describe_WhenADayIsOff_ThenSaysWhy_R_REV_4()
    {
        Assert.Equal(new CalendarDay(Day("2026-10-05"), CalendarDayKind.Holiday, "国庆节"), Shipped.Describe(Day("2026-10-05")));
        Assert.Equal(new CalendarDay(Day("2026-10-10"), CalendarDayKind.MakeUpWorkday, "国庆节"), Shipped.Describe(Day("2026-10-10")));
        Assert.Equal(new CalendarDay(Day("2026-10-11"), CalendarDayKind.Weekend, "星期日"), Shipped.Describe(Day("2026-10-11")));
        Assert.Equal(new CalendarDay(Day("2026-10-12"), CalendarDayKind.Workday, null), Shipped.Describe(Day("2026-10-12")));
    }

    [Fact]
    public void Everything_WhenOutsideTheCalendar_ThenRefusedWithTheDate()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Shipped.IsWorkday(new DateOnly(1999, 12, 31)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shipped.AddWorkdays(new DateOnly(2099, 12, 30), 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shipped.AddWorkdays(new DateOnly(2000, 1, 5), -10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shipped.AddWorkdays(new DateOnly(2026, 1, 5), int.MaxValue));
        Assert.True(Shipped.IsProvisional(new DateOnly(2099, 12, 31)));
    }
}
