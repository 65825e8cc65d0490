using System.Text.Json;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Calendars;
using static Talent.Workflows.Approvals.Tests.Calendars.ChineseCalendars;

namespace Talent.Workflows.Approvals.Tests.Calendars;

public sealed class DeadlineRuleTests
{
    [Fact]
    public void Parse_WhenAnyRuleWasWritten_ThenGivesItBack_InBothForms_R_REV_4()
    {
        var rules =
            from amount in Gen.Choose(1, DeadlineRule.MostDays)
            from unit in Gen.Elements(DeadlineUnit.Workdays, DeadlineUnit.Days, DeadlineUnit.Hours)
            from closes in Gen.Choose(-600, 1439)
            from opens in Gen.Choose(-700, 1400)
            from more in Gen.Choose(-DeadlineRule.MostDays, DeadlineRule.MostDays)
            let hours = opens < 0 ? null : new OfficeHours(new TimeOnly(0).AddMinutes(opens), new TimeOnly(0).AddMinutes(opens + 30))
            select DeadlineRule.Of(amount, unit, closes < 0 || unit == DeadlineUnit.Hours ? null : new TimeOnly(0).AddMinutes(closes), hours, Math.Clamp(more, 0, DeadlineRule.MostDays - amount));
        Property.Holds(rules, rule =>
        {
            Assert.Equal(rule, DeadlineRule.Parse(rule.ToString()));
            Assert.Equal(rule, JsonSerializer.Deserialize<DeadlineRule>(JsonSerializer.Serialize(rule)));
        });
    }

    [Fact]
    public void Json_WhenWrittenAsAnObject_ThenReadsTheSameRule_R_REV_4()
    {
        const string Json = """{ "days": 5, "unit": "workdays", "closesAt": "17:00", "officeHours": { "opens": "09:00", "closes": "17:00" } }""";

        Assert.Equal(DeadlineRule.Parse("5wd@17:00 09:00-17:00"), JsonSerializer.Deserialize<DeadlineRule>(Json));
        Assert.Equal(DeadlineRule.Parse("15d"), JsonSerializer.Deserialize<DeadlineRule>("""{ "days": 15, "unit": "days", "closesAt": null, "officeHours": null }"""));
        Assert.Equal("\"48h\"", JsonSerializer.Serialize(JsonSerializer.Deserialize<DeadlineRule>("""{ "days": 48, "unit": "hours" }""")));
    }

    [Theory]
    [InlineData("20wd+10wd", "30wd")]
    [InlineData("45d+15d@17:00", "60d@17:00")]
    [InlineData("48h+24h", "72h")]
    [InlineData("20wd", "20wd")]
    public void Extended_WhenItsExtensionIsGranted_ThenItIsOneLimitWithoutAnother_R_REV_4(string rule, string extended) =>
        Assert.Equal(DeadlineRule.Parse(extended), DeadlineRule.Parse(rule).Extended());

    [Theory]
    [InlineData("20wd+10d")]
    [InlineData("20wd+0wd")]
    [InlineData("20wd+")]
    [InlineData("20wd+10wd+5wd")]
    [InlineData("3660wd+1wd")]
    [InlineData("5")]
    [InlineData("wd")]
    [InlineData("0wd")]
    [InlineData("-1wd")]
    [InlineData("5 wd")]
    [InlineData("3661d")]
    [InlineData("999999h")]
    [InlineData("5wd@24:00")]
    [InlineData("5wd@5pm")]
    [InlineData("48h@17:00")]
    [InlineData("5wd 17:00-09:00")]
    [InlineData("5wd;drop")]
    public void Parse_WhenNotADeadline_ThenRefused(string text) => Assert.Throws<FormatException>(() => DeadlineRule.Parse(text));

    [Theory]
    [InlineData("""{ "days": 5, "unit": "weeks" }""")]
    [InlineData("""{ "days": 5, "unit": "days", "closing": "17:00" }""")]
    [InlineData("""{ "days": 0, "unit": "days" }""")]
    [InlineData("""{ "unit": "days" }""")]
    [InlineData("\"soon\"")]
    [InlineData("5")]
    public void Json_WhenNotADeadline_ThenRefused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DeadlineRule>(json));

    [Theory]
    [InlineData("due", "2026-10-11 00:00")]
    [InlineData("1wd before", "2026-10-10 00:00")] // 24:00 of Friday the 9th
    [InlineData("3wd before", "2026-10-01 00:00")] // over the holiday: 24:00 of 30 Sep
    [InlineData("1wd before@09:00", "2026-10-09 09:00")]
    [InlineData("1wd after", "2026-10-13 00:00")]
    [InlineData("2wd after@10:30", "2026-10-13 10:30")]
    [InlineData("1d before", "2026-10-10 00:00")]
    [InlineData("4h before", "2026-10-10 20:00")]
    [InlineData("12h after", "2026-10-11 12:00")]
    public void DeadlineOffset_WhenToldFromADeadline_ThenIsThatInstant_AndRoundTrips_R_REV_5(string text, string expected)
    {
        var deadline = Deadline.Compute(DeadlineRule.Workdays(5), Local("2026-09-28 10:00"), Shipped);
        var offset = DeadlineOffset.Parse(text);

        Assert.Equal(Local(expected), offset.From(deadline, Shipped));
        Assert.Equal(text, offset.ToString());
        Assert.Equal(offset, JsonSerializer.Deserialize<DeadlineOffset>(JsonSerializer.Serialize(offset)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tomorrow")]
    [InlineData("0wd before")]
    [InlineData("1wd")]
    [InlineData("4h before@09:00")]
    public void DeadlineOffset_WhenNotOne_ThenRefused(string text) => Assert.Throws<FormatException>(() => DeadlineOffset.Parse(text));
}
