using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using static Talent.Workflows.Approvals.Tests.Calendars.ChineseCalendars;

namespace Talent.Workflows.Approvals.Tests.Clocks;

/// <summary>The pure rules of the legal clock, over random dates.</summary>
public sealed class ClockRuleTests
{
    private static readonly OfficeHours Office = new(new TimeOnly(9, 0), new TimeOnly(17, 30));

    private static readonly Gen<DateTimeOffset> Filings = Gen.Choose(0, 700 * 24 * 60).Select(m => Local("2024-01-02 00:00").AddMinutes(m));

    /// <summary>Up to five pauses in the first hundred days, some of which overlap.</summary>
    private static readonly Gen<(DateTimeOffset Filed, DeadlineRule Rule, ClockPause[] Pauses)> Cases =
        from filed in Filings
        from amount in Gen.Choose(1, 40)
        from count in Gen.Choose(0, 5)
        from spans in Gen.Choose(0, 100 * 24 * 60).Two().ArrayOf(count)
        select (filed, DeadlineRule.Workdays(amount), spans.Select(s => new ClockPause(Guid.NewGuid(), filed.AddMinutes(Math.Min(s.Item1, s.Item2)), filed.AddMinutes(Math.Max(s.Item1, s.Item2)), "supplement")).ToArray());

    [Fact]
    public void Limit_WhenItStoodStill_ThenItEndsWhereACountDayByDayEndsIt_R_REV_4() => Property.Holds(Cases, c =>
    {
        var deadline = ClockSpans.Union(c.Pauses, c.Filed).Apply(Deadline.Compute(c.Rule, c.Filed, Shipped), Shipped);

        Assert.Equal(Recount.End(c.Filed, c.Rule.Amount, c.Pauses.Select(p => (p.At, p.Until!.Value))), deadline.DueAt);
        Assert.True(Shipped.IsWorkday(deadline.LastDay));
    }, count: 100);

    /// <summary>Short limits stopped again and again around their ends, weekends and holidays.</summary>
    private static readonly Gen<(DateTimeOffset Filed, DeadlineRule Rule, ClockPause[] Pauses)> OftenStopped =
        from filed in Filings
        from amount in Gen.Choose(1, 5)
        from count in Gen.Choose(1, 6)
        from spans in Gen.Choose(0, 15 * 24 * 60).Zip(Gen.Choose(0, 3 * 24 * 60)).ArrayOf(count)
        select (filed, DeadlineRule.Workdays(amount), spans.Select(s => new ClockPause(Guid.NewGuid(), filed.AddMinutes(s.Item1), filed.AddMinutes(s.Item1 + s.Item2), "supplement")).ToArray());

    [Fact]
    public void Limit_WhenItStoodStillAgainAndAgainAroundItsEnd_ThenItEndsWhereACountDayByDayEndsIt_R_REV_4() => Property.Holds(OftenStopped, c =>
    {
        var deadline = ClockSpans.Union(c.Pauses, c.Filed).Apply(Deadline.Compute(c.Rule, c.Filed, Shipped), Shipped);

        Assert.Equal(Recount.End(c.Filed, c.Rule.Amount, c.Pauses.Select(p => (p.At, p.Until!.Value))), deadline.DueAt);
    }, count: 1000);

    // Carried to Monday because the case came back on a Saturday; Monday is no held day of time that was used up on Thursday.
    [Fact]
    public void Limit_WhenStoppedAgainAfterItsEndWasCarriedOverAWeekend_ThenItEndsOnMonday_R_REV_4()
    {
        var whole = Deadline.Compute(DeadlineRule.Parse("5wd"), Local("2024-03-07 10:00"), Shipped);
        Assert.Equal(Local("2024-03-15 00:00"), whole.DueAt);

        var deadline = new[] { (Local("2024-03-14 11:00"), Local("2024-03-16 10:00")), (Local("2024-03-17 10:00"), Local("2024-03-18 09:00")) }.Apply(whole, Shipped);

        Assert.Equal(Local("2024-03-19 00:00"), deadline.DueAt);
    }

    [Fact]
    public void Limit_WhenInDaysAndStoppedAfterItsEndWasCarriedOverAWeekend_ThenTheDayOffIsntCountedTwice_R_REV_4()
    {
        var whole = Deadline.Compute(DeadlineRule.Parse("15d"), Local("2024-03-01 10:00"), Shipped);
        Assert.Equal(Local("2024-03-19 00:00"), whole.DueAt); // Saturday the 16th, carried to Monday

        var deadline = new[] { (Local("2024-03-15 11:00"), Local("2024-03-16 10:00")) }.Apply(whole, Shipped);

        Assert.Equal(Local("2024-03-19 00:00"), deadline.DueAt); // Sunday the 17th, carried to Monday
    }

    [Fact]
    public void Pauses_WhenTheyOverlap_ThenTheirTimeCountsOnce_R_REV_4() => Property.Holds(Cases, c =>
    {
        var spans = ClockSpans.Union(c.Pauses, c.Filed);

        Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.True(pair.First.To < pair.Second.From));
        Assert.All(c.Pauses, p => Assert.Contains(spans, s => s.From <= p.At && p.Until <= s.To));
        ClockPause[] twice = [.. c.Pauses, .. c.Pauses];
        Assert.Equal(spans.AsEnumerable(), ClockSpans.Union(twice, c.Filed));
    }, count: 100);

    [Fact]
    public void Extension_WhenGranted_ThenTheLimitEndsThatManyWorkingDaysLater_R_REV_4() => Property.Holds(
        from filed in Filings
        from amount in Gen.Choose(1, 60)
        from more in Gen.Choose(1, 30)
        select (filed, amount, more), c =>
    {
        var rule = DeadlineRule.Of(c.amount, DeadlineUnit.Workdays, extension: c.more);
        var (before, after) = (Deadline.Compute(rule, c.filed, Shipped), Deadline.Compute(rule.Extended(), c.filed, Shipped));

        Assert.Equal(c.more, Shipped.CountWorkdays(before.LastDay, after.LastDay));
    }, count: 100);

    [Fact]
    public void Reminder_WhenPutIntoOfficeHours_ThenPeopleAreThereAndItIsntPutPastTheLimit_R_REV_5() => Property.Holds(
        from opened in Filings
        from amount in Gen.Choose(1, 20)
        from before in Gen.Choose(1, 100)
        select (opened, amount, before), c =>
    {
        var deadline = Deadline.Compute(DeadlineRule.Workdays(c.amount), c.opened, Shipped);
        var at = deadline.DueAt.AddHours(-c.before);

        var said = Office.Speak(at, deadline.DueAt, c.opened, Shipped);

        Assert.Equal(said, Office.NextOpen(said, Shipped));
        Assert.True(said < deadline.DueAt || at < c.opened, $"{said:O} is after {deadline.DueAt:O}");
    }, count: 100);

    [Theory]
    [InlineData("2026-09-29 00:00", "2026-09-29 09:00")] // at midnight: at the next opening
    [InlineData("2026-09-29 16:00", "2026-09-29 16:00")]
    [InlineData("2026-09-29 20:00", "2026-09-29 09:00")] // the next opening is past the limit: at the last one before
    [InlineData("2026-10-03 10:00", "2026-10-08 09:00")] // 国庆
    public void Reminder_WhenTheOfficeIsClosed_ThenItGoesOutWhenItIsOpen_R_REV_5(string at, string said) =>
        Assert.Equal(Local(said), Office.Speak(Local(at), Local("2026-09-30 00:00"), Local("2026-09-21 09:00"), Shipped));

    [Theory]
    [InlineData("80%", "5wd", "1wd before")]
    [InlineData("80%", "20wd+10wd", "4wd before")]
    [InlineData("80%", "2wd", "due")] // 80 % of two days is the end of the second
    [InlineData("2wd before", "5wd", "2wd before")]
    [InlineData("75%", "48h", "12h before")]
    public void Yellow_WhenItIsAShareOrAMoment_ThenItIsToldFromTheEnd_R_REV_5(string yellow, string rule, string offset) =>
        Assert.Equal(DeadlineOffset.Parse(offset), new MarkRule { Yellow = yellow }.Offset(DeadlineRule.Parse(rule)));

    [Fact]
    public void Promise_WhenACaseStoodStill_ThenItSaysWhatWasExcludedAndCountsTheRest_R_REV_4()
    {
        var filed = Local("2026-09-21 09:00");
        var pause = new ClockPause(Guid.NewGuid(), Local("2026-09-23 10:00"), Local("2026-10-12 10:00"), "supplement");

        var promise = Promise.Explain(DeadlineRule.Parse("20wd+10wd"), false, filed, [(pause, new Worded("supplement", "补正", "correction"))], Local("2026-10-13 09:00"), Shipped);

        // 22 and 23 September are counted, 24 September to 12 October aren't, and the 18 days left begin on the 13th.
        Assert.Equal((new DateOnly(2026, 11, 5), false, 3, 20), (promise.Date, promise.Provisional, promise.Counted.Used, promise.Counted.Of));
        Assert.Equal("自2026年9月21日收件次日起20个工作日；不计入：补正（2026年9月23日至2026年10月12日）；顺延：中秋节、国庆节；承诺于2026年11月5日前办结。", promise.Zh);
        Assert.Equal("20 working days after 2026-09-21; not counted: correction (2026-09-23 to 2026-10-12); promised by 2026-11-05.", promise.En);
    }

    [Fact]
    public void Promise_WhenItsEndLiesInAYearWithoutACalendar_ThenItIsProvisional_R_REV_4() =>
        Assert.True(Promise.Explain(DeadlineRule.Workdays(30), false, Local("2026-12-01 09:00"), [], Local("2026-12-02 09:00"), Shipped).Provisional);
}
