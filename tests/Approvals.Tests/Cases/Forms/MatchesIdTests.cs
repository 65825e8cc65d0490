using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

/// <summary>Birth dates and sexes that have to be those of an identity number (R-CASE-2; GB 11643, GB/T 2261.1).</summary>
public sealed class MatchesIdTests
{
    private const string Fields = """
        { "key": "card", "type": "residentId", "zh": "公民身份号码", "en": "Identity number", "when": { "field": "abroad", "equals": false } },
        { "key": "abroad", "type": "boolean", "zh": "持其他证件", "en": "Another document" },
        { "key": "born", "type": "date", "zh": "出生日期", "en": "Date of birth" },
        { "key": "sex", "type": "choice", "zh": "性别", "en": "Sex", "codeTable": "sexes" },
        { "key": "name", "type": "text", "zh": "姓名", "en": "Name", "maxLength": 20 },
        { "key": "kind", "type": "choice", "zh": "证件类型", "en": "Document", "codeTable": "documentTypes" },
        { "key": "number", "type": "documentNumber", "zh": "证件号码", "en": "Document number", "kind": "kind" },
        { "key": "birthday", "type": "date", "zh": "生日", "en": "Birthday" },
        { "key": "family", "type": "group", "zh": "随迁人员", "en": "Family", "maxRows": 5, "fields": [
          { "key": "card", "type": "residentId", "zh": "身份证号码", "en": "Card" }, { "key": "born", "type": "date", "zh": "出生日期", "en": "Date of birth" },
          { "key": "sex", "type": "choice", "zh": "性别", "en": "Sex", "codeTable": "sexes" } ] }
        """;

    private const string Tables = """
        "sexes": [ { "code": "1", "zh": "男", "en": "Male" }, { "code": "2", "zh": "女", "en": "Female" }, { "code": "9", "zh": "未说明", "en": "Not said" } ]
        """;

    private static readonly Form Form = FormText.Of(Fields, """
        { "id": "born", "check": "matchesId", "at": "born", "number": "card", "zh": "与“公民身份号码”中的出生日期不一致", "en": "isn't that of the identity number" },
        { "id": "sex", "check": "matchesId", "at": "sex", "number": "card", "male": "1", "female": "2", "zh": "与“公民身份号码”中的性别不一致", "en": "isn't that of the identity number" },
        { "id": "birthday", "check": "matchesId", "at": "birthday", "number": "number", "zh": "与“证件号码”中的出生日期不一致", "en": "isn't that of the number" },
        { "id": "theirs", "check": "matchesId", "at": "family.born", "number": "card", "zh": "与“身份证号码”中的出生日期不一致", "en": "isn't that of the card" },
        { "id": "their", "check": "matchesId", "at": "family.sex", "number": "card", "male": "1", "female": "2", "zh": "与“身份证号码”中的性别不一致", "en": "isn't that of the card" }
        """, Tables);

    private static readonly Gen<(ResidentId Id, DateOnly Day)> Cases =
        from born in Gen.Choose(new DateOnly(1900, 1, 1).DayNumber, FormText.Today.DayNumber)
        from other in Gen.OneOf(Gen.Choose(-400, 400), Gen.Choose(-40_000, 40_000), Gen.Constant(0))
        from sequence in Gen.Choose(0, 999)
        from province in Gen.Elements(11, 12, 31, 44, 54, 65)
        select (ResidentId.Fictitious(DateOnly.FromDayNumber(born), sequence, province),
            DateOnly.FromDayNumber(Math.Clamp(born + other, new DateOnly(1900, 1, 1).DayNumber, new DateOnly(2100, 12, 31).DayNumber)));

    [Fact]
    public void Rule_WhenANumberIsValid_ThenItTakesExactlyTheDateAndTheSexThatTheNumberSays_R_CASE_2() => Property.Holds(Cases, drawn =>
    {
        var (id, day) = drawn;
        foreach (var born in new[] { day, id.DateOfBirth })
            foreach (var sex in new[] { "1", "2", "9" })
            {
                var said = new { card = id.Value, born = Text(born), sex };
                string[] wrong = [.. born != id.DateOfBirth ? ["born"] : (string[])[], .. sex != (id.Sex is Sex.Male ? "1" : "2") ? ["sex"] : (string[])[]];

                var own = Form.Validate(JsonSerializer.SerializeToElement(said), 1, FormMode.Submit, FormText.Today);
                var theirs = Form.Validate(JsonSerializer.SerializeToElement(new { family = new object[] { new { }, said } }), 1, FormMode.Submit, FormText.Today);

                Assert.Equal(wrong, own.Select(e => e.Path));
                Assert.Equal(wrong.Select(w => $"family[1].{w}"), theirs.Select(e => e.Path));
                Assert.All(own.Concat(theirs), e => Assert.False((e.Zh + e.En).Contains(id.Value, StringComparison.Ordinal)));
            }
    });

    [Theory]
    [InlineData("""{ "card": "110199198602140254", "born": "1986-02-15" }""", "born: rule: “出生日期”与“公民身份号码”中的出生日期不一致")]
    [InlineData("""{ "card": "110199198602140254", "sex": "2" }""", "sex: rule: “性别”与“公民身份号码”中的性别不一致")]
    [InlineData("""{ "family": [ { "card": "110199198602140254", "born": "1986-02-15" } ] }""", "family[0].born: rule: “出生日期”第1条：与“身份证号码”中的出生日期不一致")]
    // The applicant's own isn't that of a row, nor the other way round.
    [InlineData("""{ "card": "110199198602140254", "born": "1986-02-14", "family": [ { "born": "2018-06-01" }, { "card": "110199201806010421" } ] }""", null)]
    // A number or a date that is wrong by itself is told once, by its own check.
    [InlineData("""{ "card": "110199198602140255", "born": "1990-01-01" }""", "card: check_failed: “公民身份号码”校验不通过，请核对")]
    [InlineData("""{ "card": "1101991986021402", "born": "1990-01-01" }""", "card: bad_format: “公民身份号码”应为18位公民身份号码")]
    [InlineData("""{ "card": "110199198602140254", "born": "1990" }""", "born: bad_format: “出生日期”格式不正确，应如2026-05-31")]
    [InlineData("""{ "card": "110199198602140254", "sex": "3" }""", "sex: not_in_table: “性别”的选项无效，请重新选择")]
    [InlineData("""{ "abroad": true, "card": "110199198602140254", "born": "1990-01-01" }""", "card: not_applicable: “公民身份号码”在当前选择下不适用，请清空")]
    [InlineData("""{ "born": "1990-01-01", "sex": "1" }""", null)]
    [InlineData("""{ "card": "110199198602140254" }""", null)]
    [InlineData("""{ "kind": "residentId", "number": "110199198602140254", "birthday": "1986-02-14" }""", null)]
    [InlineData("""{ "kind": "residentId", "number": "110199198602140254", "birthday": "1990-01-01" }""", "birthday: rule: “生日”与“证件号码”中的出生日期不一致")]
    [InlineData("""{ "kind": "passport", "number": "E12345678", "birthday": "1990-01-01" }""", null)]
    [InlineData("""{ "kind": "foreignPermanentResident", "number": "911199198602140254", "birthday": "1990-01-01" }""", null)]
    public void Rule_WhenDataIsHandedIn_ThenTheMessageNamesBothFields_R_CASE_2(string data, string? error)
    {
        Assert.Equal(error is null ? [] : [error], Form.Submit(data));
        Assert.DoesNotContain(Form.Validate(FormText.Json(data), 1, FormMode.Draft, FormText.Today), e => e.Code == FormErrorCodes.Rule);
    }

    [Fact]
    public void Schema_WhenAFormHasTheRule_ThenItStandsInTheWordsAboutRulesAlone_R_CASE_2()
    {
        var (with, without) = (Schema(Form), Schema(FormText.Of(Fields, tables: Tables)));

        Assert.Equal("""{"id":"sex","check":"matchesId","at":"sex","zh":"与“公民身份号码”中的性别不一致","en":"isn't that of the identity number","number":"card","male":"1","female":"2"}""",
            JsonSerializer.Serialize(with["x-rules"]![1], Plain));
        with.Remove("x-rules");
        foreach (var version in (string[])["$id", "x-form-version"])
            with[version] = without[version]!.DeepClone();
        Assert.Equal(without.ToJsonString(), with.ToJsonString());
    }

    [Theory]
    [InlineData("\"at\": \"born\"")]
    [InlineData("\"at\": \"born\", \"number\": \"nosuch\"")]
    [InlineData("\"at\": \"born\", \"number\": \"name\"")]
    [InlineData("\"at\": \"born\", \"number\": \"card\", \"male\": \"1\", \"female\": \"2\"")]
    [InlineData("\"at\": \"name\", \"number\": \"card\"")]
    [InlineData("\"at\": \"sex\", \"number\": \"card\"")]
    [InlineData("\"at\": \"sex\", \"number\": \"card\", \"male\": \"1\"")]
    [InlineData("\"at\": \"sex\", \"number\": \"card\", \"male\": \"1\", \"female\": \"1\"")]
    [InlineData("\"at\": \"sex\", \"number\": \"card\", \"male\": \"1\", \"female\": \"3\"")]
    [InlineData("\"at\": \"family.born\", \"number\": \"number\"")]
    [InlineData("\"at\": \"born\", \"number\": \"card\", \"than\": \"today\"")]
    public void Rule_WhenItCannotBeChecked_ThenTheFormIsRefused(string rule) =>
        Assert.Throws<ContentException>(() => FormText.Of(Fields, $$"""{ "id": "one", "check": "matchesId", {{rule}}, "zh": "不对", "en": "wrong" }""", Tables));

    [Fact]
    public void Sexes_WhenAnotherCheckHasThem_ThenTheFormIsRefused() =>
        Assert.Throws<ContentException>(() => FormText.Of(Fields, """{ "id": "one", "check": "before", "at": "born", "than": "today", "male": "1", "female": "2", "zh": "不对", "en": "wrong" }""", Tables));

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonObject Schema(Form form) => FormSchema.Of(form, "service", "事项", "Service", 1, FormText.Today);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
