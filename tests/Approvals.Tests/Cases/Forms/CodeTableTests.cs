using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

public sealed class CodeTableTests
{
    private const string Colour = """{ "key": "colour", "type": "choice", "zh": "颜色", "en": "Colour", "codeTable": "colours" }""";

    [Fact]
    public void Tables_WhenShipped_ThenEachNamesItsStandardAndHasWhatThatSays_R_CASE_2()
    {
        var tables = ShippedContent.Tables;

        Assert.Equal(["countries", "degrees", "documentTypes", "educationLevels", "ethnicities", "familyRelations", "maritalStatuses", "politicalStatuses", "regions"], tables.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(56, tables["ethnicities"].Entries.Count(e => int.Parse(e.Code, System.Globalization.CultureInfo.InvariantCulture) <= 56));
        Assert.Contains("GB/T 3304", tables["ethnicities"].Source, StringComparison.Ordinal);
        Assert.Equal(("基诺族", "56"), (tables["ethnicities"].Entries[55].Zh, tables["ethnicities"].Entries[55].Code));
        Assert.Equal(34, tables["regions"].Entries.Count(e => e.Level == "province"));
        Assert.Equal("示例市", tables["regions"].Entries.Single(e => e.Code == tables["regions"].Entries.First(d => d.Zh == "海清区").Parent).Zh);
        Assert.All(tables["countries"].Entries, e => Assert.Matches(new Regex("^[A-Z]{3}$"), e.Code));
        Assert.All(tables["documentTypes"].Entries, e => Assert.NotNull(e.Pattern));
    }

    [Fact]
    public void Form_WhenItHasATableOfItsOwn_ThenThatGoesBeforeTheSharedOne_R_CASE_2()
    {
        const string Field = """{ "key": "status", "type": "choice", "zh": "婚姻状况", "en": "Marital status", "codeTable": "maritalStatuses" }""";

        Assert.Empty(FormText.Of(Field).Submit("""{ "status": "21" }"""));
        var own = FormText.Of(Field, tables: """ "maritalStatuses": [ { "code": "m", "zh": "已婚", "en": "Married" } ] """);
        Assert.Equal(["status: not_in_table: “婚姻状况”的选项无效，请重新选择"], own.Submit("""{ "status": "21" }"""));
        Assert.Empty(own.Submit("""{ "status": "m" }"""));
        Assert.Equal(["maritalStatuses"], FormText.Of(Field).Definition.CodeTables.Keys);
    }

    [Fact]
    public void Code_WhenItIsNotOfferedAnyMore_ThenOnlyTheCaseThatHasItKeepsIt_R_CASE_2()
    {
        var form = FormText.Of($$"""{{Colour}}, { "key": "all", "type": "choices", "zh": "颜色们", "en": "Colours", "codeTable": "colours" }, { "key": "rows", "type": "group", "zh": "列表", "en": "Rows", "maxRows": 5, "fields": [ {{Colour}} ] }""",
            tables: """ "colours": [ { "code": "r", "zh": "红", "en": "Red" }, { "code": "b", "zh": "蓝", "en": "Blue", "until": "2026-09-20" }, { "code": "g", "zh": "绿", "en": "Green", "until": "2026-09-21" } ] """);
        var data = FormText.Json("""{ "colour": "b", "all": [ "r", "b" ], "rows": [ { "colour": "g" }, { "colour": "b" } ] }""");
        const string Retired = "not_offered";

        foreach (var mode in (FormMode[])[FormMode.Draft, FormMode.Submit])
        {
            Assert.Equal([("colour", Retired), ("all", Retired), ("rows[1].colour", Retired)], form.Validate(data, 1, mode, FormText.Today).Select(e => (e.Path, e.Code)));
            Assert.Empty(form.Validate(data, 1, mode, FormText.Today, data));
            Assert.Equal(["all", "rows[1].colour"], form.Validate(data, 1, mode, FormText.Today, FormText.Json("""{ "colour": "b", "all": 3, "rows": { "colour": "b" } }""")).Select(e => e.Path));
        }
        Assert.Contains("“颜色”的选项“蓝”已停用，请重新选择", form.Submit("""{ "colour": "b" }""").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "code": "a", "zh": "甲", "en": "A" }, { "code": "a", "zh": "乙", "en": "B" }""", "stands twice")]
    [InlineData("""{ "code": "a", "zh": "甲", "en": "A", "parent": "b" }""", "which the table doesn't have")]
    [InlineData("""{ "code": "a", "zh": "甲", "en": "A", "parent": "b" }, { "code": "b", "zh": "乙", "en": "B", "parent": "a" }""", "lies under itself")]
    [InlineData("""{ "code": "a", "zh": "甲", "en": "A", "level": "country" }""", "use one of province")]
    [InlineData("""{ "code": "a", "zh": "甲", "en": "A", "level": "city" }, { "code": "b", "zh": "乙", "en": "B", "level": "province", "parent": "a" }""", "isn't of a higher level")]
    [InlineData("""{ "code": "", "zh": "甲", "en": "A" }""", "1 to 40 characters")]
    [InlineData("", "the table is empty")]
    public void Table_WhenItContradictsItself_ThenItIsRefusedByName(string entries, string flaw)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "sample.json"), $$"""{ "zh": "样例", "en": "Sample", "source": "GB/T 0", "entries": [ {{entries}} ] }""");

        var error = Assert.Throws<ContentException>(() => CodeTables.Read(folder.Path)).Errors[0];

        Assert.Equal("code-tables/sample.json", error.File);
        Assert.Contains(flaw, error.Message, StringComparison.Ordinal);
    }
}
