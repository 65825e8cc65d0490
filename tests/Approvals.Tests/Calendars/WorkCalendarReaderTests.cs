using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Tests.Calendars;

public sealed class WorkCalendarReaderTests
{
    [Theory]
    [InlineData("""{ "year": 2026, "status": "official" """, "can't be read")]
    [InlineData("null", "empty")]
    [InlineData("""{ "year": 2026, "status": "maybe", "daysOff": [], "makeUpWorkdays": [] }""", "status")]
    [InlineData("""{ "year": 2026, "status": "official", "daysOff": [] }""", "makeUpWorkdays")]
    [InlineData("""{ "year": 2026, "status": "official", "daysOff": null, "makeUpWorkdays": [] }""", "daysOff")]
    [InlineData("""{ "year": 2026, "status": "official", "daysoffs": [], "daysOff": [], "makeUpWorkdays": [] }""", "daysoffs")]
    [InlineData("""{ "year": 1900, "status": "official", "daysOff": [], "makeUpWorkdays": [] }""", "1900")]
    [InlineData("""{ "year": 2026, "status": "official", "daysOff": [{"name":"元旦","from":"2026-01-03","to":"2026-01-01"}], "makeUpWorkdays": [] }""", "元旦")]
    [InlineData("""{ "year": 2026, "status": "official", "daysOff": [{"name":"元旦","from":"2026-13-03","to":"2026-01-01"}], "makeUpWorkdays": [] }""", "daysOff[0].from")]
    [InlineData("""{ "year": 2026, "status": "official", "daysOff": [{"name":"元旦","from":"2026-01-03","to":"2026-01-04"}], "makeUpWorkdays": [{"name":"元旦","date":"2026-01-04"}] }""", "named twice")]
    [InlineData("""{ "year": 2026, "status": "official", "daysOff": [], "makeUpWorkdays": [{"name":"元旦","date":"2026-01-05"}] }""", "isn't at a weekend")]
    [InlineData("""{ "year": 2026, "status": "official", "daysOff": [{"name":"元旦","from":"2025-06-03","to":"2025-06-04"}], "makeUpWorkdays": [] }""", "2025-06-03")]
    public void Read_WhenTheFileIsWrong_ThenRefusedAndNamed_R_REV_4(string json, string named)
    {
        var refusal = Assert.Throws<FormatException>(() => WorkCalendarReader.Read(json));

        Assert.Contains(named, refusal.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("""{ "region": "1101", "daysOff": [], "makeUpWorkdays": [] }""", "1101")]
    [InlineData("""{ "region": "110105", "daysOff": [] }""", "makeUpWorkdays")]
    public void ReadRegion_WhenTheFileIsWrong_ThenRefusedAndNamed(string json, string named)
    {
        var refusal = Assert.Throws<FormatException>(() => WorkCalendarReader.ReadRegion(json));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenAYearIsGivenTwiceOrYearsDisagree_ThenRefused()
    {
        var year = WorkCalendarReader.Read("""{ "year": 2026, "status": "official", "daysOff": [], "makeUpWorkdays": [{"name":"元旦","date":"2027-01-02"}] }""");
        var next = WorkCalendarReader.Read("""{ "year": 2027, "status": "official", "daysOff": [{"name":"元旦","from":"2027-01-01","to":"2027-01-03"}], "makeUpWorkdays": [] }""");

        Assert.Contains("given twice", Assert.Throws<FormatException>(() => WorkCalendar.Of([year, year])).Message, StringComparison.Ordinal);
        Assert.Contains("2027-01-02", Assert.Throws<FormatException>(() => WorkCalendar.Of([year, next])).Message, StringComparison.Ordinal);
    }
}
