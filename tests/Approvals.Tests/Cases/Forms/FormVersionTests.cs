using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

/// <summary>A form's version is that of its content, and the text that is kept makes the same form again.</summary>
public sealed class FormVersionTests
{
    private const string Field = """{ "key": "colour", "type": "choice", "zh": "颜色", "en": "Colour", "codeTable": "colours" }""";
    private const string Rule = """{ "id": "one", "check": "anyOf", "at": "colour", "fields": [ "colour", "mail" ], "zh": "至少填写一项", "en": "give one" }""";
    private const string Mail = """{ "key": "mail", "type": "email", "zh": "电子邮箱", "en": "E-mail", "hiddenFrom": [ "unit-review" ], "when": { "field": "colour", "equals": "r" } }""";
    private const string Colours = """ "colours": [ { "code": "r", "zh": "红", "en": "Red" }, { "code": "b", "zh": "蓝", "en": "Blue", "until": "2026-12-31" } ] """;

    public static TheoryData<string> Services => [.. ServiceFolders.All.Keys];

    [Theory]
    [MemberData(nameof(Services))]
    public void Form_WhenItIsMadeAgainFromItsText_ThenItIsTheSame_R_CASE_2(string service)
    {
        var package = ServicePackage.Load(ServiceFolders.All[service], ShippedContent.Shared);

        var again = Form.Of(package.Form.Text, ShippedContent.Checks);

        Assert.Equal(package.Form.Version, again.Version);
        Assert.Matches("^[0-9a-f]{64}$", again.Version);
        foreach (var sample in package.Samples)
            Assert.Equal(package.Form.Validate(sample.Phase1, 1, FormMode.Submit, ShippedContent.Today), again.Validate(sample.Phase1, 1, FormMode.Submit, ShippedContent.Today));
        Assert.All(package.Form.Definition.Decisions, d => Assert.NotNull(again.Decision(d.Stage, d.Outcome)));
    }

    [Fact]
    public void Service_WhenItIsTakenWithAnEarlierForm_ThenItsLettersNumbersAndConditionsAreAsBefore_R_CASE_2_R_DOC_1()
    {
        var package = ServicePackage.Load(ServiceFolders.All["in-service-settlement"], ShippedContent.Shared);

        var earlier = package.With(Form.Of(package.Form.Text, ShippedContent.Checks));

        Assert.NotSame(package.Form, earlier.Form);
        Assert.Equal(package.Letters.All.Select(l => l.Kind), earlier.Letters.All.Select(l => l.Kind));
        Assert.Equal("示人才", earlier.Letters.Codes["bureau"]);
        Assert.NotNull(earlier.Eligibility);
    }

    [Fact]
    public void Version_WhenOnlyTheWritingDiffers_ThenItStays_AndWhenTheContentDoesItChanges_R_CASE_2()
    {
        var form = FormText.Of($"{Field}, {Mail}", Rule, Colours);

        Assert.Equal(form.Version, FormText.Of($"{Field},\n\n  {Mail}", Rule, Colours).Version);
        foreach (var (old, with) in (IEnumerable<(string, string)>)[("\"红\"", "\"大红\""), ("2026-12-31", "2026-11-30"), ("至少填写一项", "必须填写一项"), ("\"unit-review\"", "\"bureau-review\""), ("\"equals\": \"r\"", "\"equals\": \"b\"")])
            Assert.NotEqual(form.Version, FormText.Of($"{Field}, {Mail}".Replace(old, with, StringComparison.Ordinal), Rule.Replace(old, with, StringComparison.Ordinal), Colours.Replace(old, with, StringComparison.Ordinal)).Version);
    }

    [Fact]
    public void Version_WhenASharedTableChanges_ThenOnlyFormsThatUseItChange_R_CASE_2()
    {
        var changed = ShippedContent.Tables.ToDictionary(t => t.Key, t => t.Key == "countries" ? t.Value with { Entries = [.. t.Value.Entries, new CodeEntry("PER", "秘鲁", "Peru")] } : t.Value);
        string Version(string field, IReadOnlyDictionary<string, CodeTable> tables) => Form.Bind(JsonForm(field), ShippedContent.Checks, "form.json", tables).Version;
        const string Country = """{ "key": "a", "type": "choices", "zh": "国家", "en": "Countries", "codeTable": "countries" }""";
        const string Region = """{ "key": "a", "type": "region", "zh": "地区", "en": "Region" }""";

        Assert.NotEqual(Version(Country, ShippedContent.Tables), Version(Country, changed));
        Assert.Equal(Version(Region, ShippedContent.Tables), Version(Region, changed));
    }

    private static FormDefinition JsonForm(string field) =>
        ContentFile.Parse<FormDefinition>("form.json", JsonSerializer.SerializeToUtf8Bytes(FormText.Json($$"""{ "steps": [ { "key": "one", "zh": "一", "en": "One", "phase": 1, "fields": [ {{field}} ] } ] }""")));
}
