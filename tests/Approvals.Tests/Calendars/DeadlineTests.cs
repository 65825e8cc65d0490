using FsCheck.Fluent;
using Talent.Workflows.Approvals.Calendars;
using static Talent.Workflows.Approvals.Tests.Calendars.ChineseCalendars;

namespace Talent.Workflows.Approvals.Tests.Calendars;

public sealed class DeadlineTests
{
    // Each line counted by hand on the published calendars.
    [Theory]
    [InlineData("5wd", "2026-09-28 10:00", "2026-10-11 00:00")] // 29, 30 Sep; 8, 9 and (made up) 10 Oct
    [InlineData("5wd", "2026-09-18 23:59", "2026-09-25 00:00")] // (made up) 20, 21, 22, 23, 24 Sep
    [InlineData("3wd", "2026-02-12 00:00", "2026-02-25 00:00")] // 13, (made up) 14, 24 Feb
    [InlineData("1wd", "2026-02-14 09:00", "2026-02-25 00:00")]
    [InlineData("5wd", "2026-11-21 09:00", "2026-11-28 00:00")] // a Saturday: 23 to 27 Nov
    [InlineData("2wd", "2025-09-27 12:00", "2025-09-30 00:00")] // (made up) Sun 28 and Mon 29 Sep
    [InlineData("5wd@17:00", "2026-09-28 10:00", "2026-10-10 17:00")]
    [InlineData("15d", "2026-11-02 10:00", "2026-11-18 00:00")]
    [InlineData("3d", "2026-09-30 10:00", "2026-10-09 00:00")] // would end in the holiday: the next working day
    [InlineData("48h", "2026-10-01 10:30", "2026-10-03 10:30")]
    [InlineData("5wd 09:00-17:00", "2026-09-28 17:00", "2026-10-13 00:00")] // after closing: counts as the 29th; 30, 8, 9, 10, 12
    [InlineData("5wd 09:00-17:00", "2026-09-28 16:59", "2026-10-11 00:00")]
    [InlineData("5wd 09:00-17:00", "2026-09-28 07:00", "2026-10-11 00:00")] // before opening: that day
    [InlineData("1wd 09:00-17:00", "2026-10-03 10:00", "2026-10-10 00:00")] // a holiday: counts as the 8th
    [InlineData("4h 09:00-17:00", "2026-10-03 10:00", "2026-10-08 13:00")]
    public void Compute_WhenCountedByHand_ThenAgrees_R_REV_4(string rule, string eventAt, string due) =>
        Assert.Equal(Local(due), Deadline.Compute(DeadlineRule.Parse(rule), Local(eventAt), Shipped).DueAt);

    [Fact]
    public void Compute_WhenAcrossTheNationalDay_ThenEvidenceNamesEachDaySkipped_R_REV_4()
    {
        var deadline = Deadline.Compute(DeadlineRule.Workdays(5), Local("2026-09-28 10:00"), Shipped);

        Assert.Equal((Day("2026-09-28"), Day("2026-09-29"), Day("2026-10-10")), (deadline.EventDay, deadline.FirstDay, deadline.LastDay));
        Assert.Equal(7, deadline.Skipped.Length);
        Assert.All(deadline.Skipped, d => Assert.Equal((CalendarDayKind.Holiday, "国庆节"), (d.Kind, d.Name)));
        Assert.Equal(TimeSpan.Zero, deadline.DueAt.Offset);
        Assert.Equal(Shipped.Version, deadline.CalendarVersion);
        Assert.False(deadline.Provisional);
    }

    [Fact]
    public void Compute_WhenTheEventIsGivenInAnotherZone_ThenTheDayIsThatOfShanghai_R_REV_4()
    {
        var utcEvening = new DateTimeOffset(2026, 11, 19, 16, 30, 0, TimeSpan.Zero); // 00:30 of Friday 20 Nov in Shanghai

        Assert.Equal(Day("2026-11-23"), Deadline.Compute(DeadlineRule.Workdays(1), utcEvening, Shipped).LastDay);
    }

    [Fact]
    public void Compute_WhenItReachesIntoAYearWithoutNotice_ThenProvisionalUntilTheDataArrives_R_REV_4()
    {
        var rule = DeadlineRule.Workdays(5);
        var before = Deadline.Compute(rule, Local("2026-12-30 10:00"), Shipped);
        var published = Years.Where(y => y.Year != 2027).Append(WorkCalendarReader.Read("""
            { "year": 2027, "status": "official", "daysOff": [ { "name": "元旦", "from": "2027-01-01", "to": "2027-01-03" } ],
              "makeUpWorkdays": [ { "name": "元旦", "date": "2027-01-09" } ] }
            """));
        var after = Deadline.Compute(rule, Local("2026-12-30 10:00"), WorkCalendar.Of(published));

        Assert.True(before.Provisional);
        Assert.Equal(Day("2027-01-07"), before.LastDay); // 31 Dec, 4, 5, 6, 7 Jan
        Assert.False(after.Provisional);
        Assert.NotEqual(before.CalendarVersion, after.CalendarVersion);
        Assert.False(Deadline.Compute(DeadlineRule.Parse("48h"), Local("2027-06-01 10:00"), Shipped).Provisional);
    }

    [Fact]
    public void Compute_WhenAnyEventAndWorkdays_ThenExactlyThatManyWorkdaysAreCounted_R_REV_4() =>
        Property.Holds(Gen.Zip(Instants, Gen.Choose(1, 120)), pair =>
        {
            var (at, days) = pair;

            var deadline = Deadline.Compute(DeadlineRule.Workdays(days), at, Shipped);

            Assert.Equal(days, Shipped.CountWorkdays(ChinaTime.DateOf(at), deadline.LastDay));
            Assert.True(Shipped.IsWorkday(deadline.FirstDay) && Shipped.IsWorkday(deadline.LastDay));
            Assert.Equal(ChinaTime.EndOf(deadline.LastDay), deadline.DueAt);
            Assert.Equal(deadline.LastDay.DayNumber - ChinaTime.DateOf(at).DayNumber - days, deadline.Skipped.Length);
            Assert.All(deadline.Skipped, d => Assert.False(Shipped.IsWorkday(d.Date)));
        });

    [Fact]
    public void Compute_WhenTheEventIsLater_ThenTheDeadlineIsNeverEarlier_R_REV_4()
    {
        var rules = new[] { "1wd", "5wd@17:00", "5wd 09:00-17:00", "15d", "30d@17:30", "48h", "8h 09:00-17:00" };
        Property.Holds(Gen.Zip(Gen.Elements(rules), Gen.Two(Instants)), pair =>
        {
            var rule = DeadlineRule.Parse(pair.Item1);
            var (a, b) = pair.Item2;
            var (early, late) = a <= b ? (a, b) : (b, a);

            Assert.True(Deadline.Compute(rule, early, Shipped).DueAt <= Deadline.Compute(rule, late, Shipped).DueAt);
            Assert.True(Deadline.Compute(rule, early, Shipped).DueAt > early);
        });
    }

    [Theory]
    [InlineData("5wd", "2026-11-02 10:00", "2026-11-04 15:00", "2026-11-04 18:00", "2026-11-10 00:00")] // within one day: unchanged
    [InlineData("5wd", "2026-11-02 10:00", "2026-11-04 15:00", "2026-11-11 09:00", "2026-11-17 00:00")] // 3 left: 12, 13, 16
    [InlineData("5wd@17:00", "2026-11-02 10:00", "2026-11-04 15:00", "2026-11-11 09:00", "2026-11-16 17:00")]
    [InlineData("5wd", "2026-11-02 10:00", "2026-11-09 15:00", "2026-11-12 09:00", "2026-11-13 00:00")] // paused on the last day
    [InlineData("5wd", "2026-11-02 10:00", "2026-11-10 09:00", "2026-11-12 09:00", "2026-11-10 00:00")] // it was over before
    [InlineData("5wd", "2026-11-02 10:00", "2026-11-09 15:00", "2026-11-14 09:00", "2026-11-17 00:00")] // paused on the last day, back on a Saturday
    [InlineData("48h", "2026-11-02 10:00", "2026-11-03 10:00", "2026-11-05 12:30", "2026-11-06 12:30")]
    [InlineData("15d", "2026-11-02 10:00", "2026-11-03 10:00", "2026-11-05 12:30", "2026-11-20 00:00")]
    public void AfterPauses_WhenTheApplicantWasAwaited_ThenTheTimeLeftRunsOn_R_REV_4(string rule, string eventAt, string paused, string resumed, string due)
    {
        var deadline = Deadline.Compute(DeadlineRule.Parse(rule), Local(eventAt), Shipped);

        Assert.Equal(Local(due), deadline.AfterPauses([(Local(paused), Local(resumed))], Shipped).DueAt);
    }

    [Fact]
    public void AfterPauses_WhenItEndsBeforeItBegins_ThenRefused()
    {
        var deadline = Deadline.Compute(DeadlineRule.Workdays(5), Local("2026-11-02 10:00"), Shipped);

        Assert.Throws<ArgumentException>(() => deadline.AfterPauses([(Local("2026-11-04 10:00"), Local("2026-11-03 10:00"))], Shipped));
    }

    [Theory]
    [InlineData("2026-11-02 10:00", false, "剩余 5 个工作日", "5 working days left")]
    [InlineData("2026-11-06 10:00", false, "剩余 1 个工作日", "1 working day left")]
    [InlineData("2026-11-09 21:30", false, "剩余 2 小时 30 分", "2 h 30 min left")]
    [InlineData("2026-11-10 00:00", true, "已超期 1 个工作日", "1 working day overdue")]
    [InlineData("2026-11-12 09:00", true, "已超期 3 个工作日", "3 working days overdue")]
    public void RemainingTime_WhenAsked_ThenSaysItInWorkingDaysOrHours_R_REV_4(string now, bool overdue, string zh, string en)
    {
        var deadline = Deadline.Compute(DeadlineRule.Workdays(5), Local("2026-11-02 10:00"), Shipped);

        var remaining = RemainingTime.Until(deadline, Local(now), Shipped);

        Assert.Equal((overdue, zh, en), (remaining.Overdue, remaining.Zh, remaining.En));
    }
}
