using System.Globalization;
using Talent.Workflows.Engine.Activities.Scheduling;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("* * * * *", "2026-09-21 09:00:30", "2026-09-21 09:01:00")]
    [InlineData("*/15 * * * * *", "2026-09-21 09:00:15", "2026-09-21 09:00:30")]
    [InlineData("0 9 * * MON-FRI", "2026-09-25 09:00:00", "2026-09-28 09:00:00")]
    [InlineData("30 8,17 * * *", "2026-09-21 08:30:00", "2026-09-21 17:30:00")]
    [InlineData("0 0 L * ?", "2026-02-01 00:00:00", "2026-02-28 00:00:00")]
    [InlineData("0 0 29 2 *", "2026-03-01 00:00:00", "2028-02-29 00:00:00")]
    [InlineData("0 0 1 JAN *", "2026-01-01 00:00:00", "2027-01-01 00:00:00")]
    [InlineData("5/20 10 * * *", "2026-09-21 10:05:00", "2026-09-21 10:25:00")]
    [InlineData("0 12 * * 7", "2026-09-21 00:00:00", "2026-09-27 12:00:00")]
    [InlineData("0 0 13 * 5", "2026-09-21 00:00:00", "2026-11-13 00:00:00")]
    [InlineData("59 59 23 31 12 *", "2026-12-31 23:59:59", "2027-12-31 23:59:59")]
    public void Next_WhenAskedAfterAnInstant_ThenTheFirstLaterOneThatMatches(string cron, string after, string next) =>
        Assert.Equal(Local(next), CronSchedule.Parse(cron).Next(Local(after)));

    [Fact]
    public void Next_WhenThereIsNone_ThenNull() => Assert.Null(CronSchedule.Parse("0 0 31 2 *").Next(Local("2026-09-21 00:00:00")));

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 8")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("1/2/3 * * * *")]
    [InlineData("a * * * *")]
    [InlineData("-1 * * * *")]
    [InlineData("* * 15W * *")]
    [InlineData("* * * * MON#2")]
    public void Parse_WhenItIsNone_ThenRefused(string cron) => Assert.Throws<FormatException>(() => CronSchedule.Parse(cron));

    [Fact]
    public void Next_WhenFollowed_ThenEveryMinuteOfTheRuleIsMetOnce()
    {
        var cron = CronSchedule.Parse("*/7 1-3,22 1-15/2 */5 *");
        var at = Local("2026-01-01 00:00:00");
        var met = new List<DateTimeOffset>();
        while (cron.Next(at) is { } next && next < Local("2026-12-01 00:00:00"))
            met.Add(at = next);

        var expected = Enumerable.Range(0, 334 * 24 * 60).Select(m => Local("2026-01-01 00:00:00").AddMinutes(m)).Where(t => t.ToOffset(TimeSpan.FromHours(8)) is var l
            && l.Minute % 7 == 0 && (l.Hour is 1 or 2 or 3 or 22) && l.Day <= 15 && l.Day % 2 == 1 && (l.Month - 1) % 5 == 0);
        Assert.Equal(expected, met);
    }

    private static DateTimeOffset Local(string text) => new DateTimeOffset(DateTime.Parse(text, CultureInfo.InvariantCulture), TimeSpan.FromHours(8)).ToUniversalTime();
}
