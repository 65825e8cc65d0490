using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Testing;
using static Talent.Workflows.Approvals.Tests.Eligibility.Settlement;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>周岁 and months of insurance, at their edges.</summary>
public sealed class DurationsTests
{
    [Theory]
    [InlineData("1985-09-21", "2026-09-20", 40)]
    [InlineData("1985-09-21", "2026-09-21", 41)]
    [InlineData("1986-09-21", "2026-09-21", 40)]
    [InlineData("1984-02-29", "2025-02-27", 40)]
    [InlineData("1984-02-29", "2025-02-28", 41)]
    [InlineData("1984-02-29", "2024-02-28", 39)]
    [InlineData("1984-02-29", "2024-02-29", 40)]
    [InlineData("1985-02-28", "2024-02-28", 39)]
    [InlineData("1985-03-01", "2024-02-29", 38)]
    [InlineData("2026-09-21", "2026-09-21", 0)]
    public void Age_WhenTheBirthdayComes_ThenItGoesUpOnThatDay_R_ELG_3(string born, string day, int age) => Assert.Equal(age, Durations.Age(Date(born), Date(day)));

    [Fact]
    public void Age_WhenBornAfterTheDay_ThenItIsUnknown_R_ELG_3() => Assert.Null(Durations.Age(Date("2026-09-22"), Date("2026-09-21")));

    [Theory]
    // The certificate's own day doesn't count, and the corresponding day ends the period.
    [InlineData("2025-03-15", "2025-09-14", 5)]
    [InlineData("2025-03-15", "2025-09-15", 6)]
    [InlineData("2025-08-30", "2026-02-27", 5)]
    [InlineData("2025-08-30", "2026-02-28", 6)]
    [InlineData("2025-08-31", "2026-02-28", 6)]
    [InlineData("2023-08-31", "2024-02-28", 5)]
    [InlineData("2023-08-31", "2024-02-29", 6)]
    public void Months_WhenInsuredAllTheTime_ThenTheyAreCountedFromTheCertificateByTheCalendar_R_ELG_3(string certificate, string day, int months)
    {
        foreach (var count in Enum.GetValues<MonthCount>())
            Assert.Equal(months, Durations.InsuredMonths([Period("2010-01-01", "2030-12-31")], Date(certificate), Date(day), count));
    }

    [Theory]
    [InlineData("2024-01-01/2024-03-31 2024-05-01/2024-07-31", null, 6, 3)]
    [InlineData("2024-01-01/2024-03-31 2024-04-01/2024-06-30", null, 6, 6)]
    [InlineData("2024-01-01/2024-04-30 2024-03-01/2024-06-30", null, 6, 6)]
    [InlineData("2024-01-01/2024-06-30", "2024-06-30", 0, 0)]
    [InlineData("2024-01-01/2024-06-30", "2023-12-31", 6, 6)]
    [InlineData("2024-01-01/2024-06-29", null, 5, 5)]
    [InlineData("2024-01-01/2024-01-15 2024-03-01/2024-03-15", null, 1, 0)]
    [InlineData("2026-01-01/2030-12-31", null, 8, 8)]
    [InlineData("", null, 0, 0)]
    public void Months_WhenThereAreGaps_ThenSumAndRunDiffer_R_ELG_3(string periods, string? after, int sum, int run)
    {
        InsurancePeriod[] list = [.. periods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => Period(p[..10], p[11..]))];
        DateOnly? from = after is null ? null : Date(after);

        Assert.Equal((sum, run), (Durations.InsuredMonths(list, from, Date("2026-09-21"), MonthCount.Sum), Durations.InsuredMonths(list, from, Date("2026-09-21"), MonthCount.Continuous)));
    }

    [Fact]
    public void Months_WhenMoreIsInsured_ThenTheyNeverGoDown_R_ELG_3()
    {
        var day = from offset in Gen.Choose(0, 4000) select new DateOnly(2015, 1, 1).AddDays(offset);
        var period = from first in day from length in Gen.Choose(0, 900) select new InsurancePeriod(first, first.AddDays(length));
        var cases = from periods in period.ListOf(6) from more in period from after in day from at in day select (Periods: periods.ToArray(), more, after, at);

        Property.Holds(cases, c =>
        {
            var counts = Enum.GetValues<MonthCount>();
            foreach (var count in counts)
            {
                var before = Durations.InsuredMonths(c.Periods, c.after, c.at, count);
                Assert.True(Durations.InsuredMonths([.. c.Periods, c.more], c.after, c.at, MonthCount.Continuous) >= Durations.InsuredMonths(c.Periods, c.after, c.at, MonthCount.Continuous));
                Assert.Equal(before, Durations.InsuredMonths([.. c.Periods.Reverse()], c.after, c.at, count));
                Assert.True(Durations.InsuredMonths(c.Periods, c.after.AddDays(1), c.at, MonthCount.Continuous) <= Durations.InsuredMonths(c.Periods, c.after, c.at, MonthCount.Continuous));
            }
            Assert.True(Durations.InsuredMonths(c.Periods, c.after, c.at, MonthCount.Continuous) <= Durations.InsuredMonths(c.Periods, c.after, c.at, MonthCount.Sum));
        });
    }

    [Fact]
    public void Durations_WhenDatesAreAtTheEndsOfTime_ThenNothingIsThrown_R_ELG_3()
    {
        var ends = new[] { DateOnly.MinValue, new DateOnly(1, 2, 28), new DateOnly(2024, 2, 29), new DateOnly(9999, 11, 30), DateOnly.MaxValue };

        foreach (var from in ends)
            foreach (var to in ends.Where(e => e >= from))
                foreach (var after in ends)
                    foreach (var day in ends)
                    {
                        Assert.InRange(Durations.InsuredMonths([new(from, to)], after, day, MonthCount.Sum), 0, 120_000);
                        Assert.InRange(Durations.Age(from, day) ?? 0, 0, 10_000);
                    }
    }

    private static DateOnly Date(string text) => DateOnly.Parse(text, CultureInfo.InvariantCulture);
}
