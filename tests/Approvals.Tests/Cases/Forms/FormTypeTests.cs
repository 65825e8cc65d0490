using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

/// <summary>Regions, addresses, several choices, numbers of documents.</summary>
public sealed class FormTypeTests
{
    private const string Kind = """{ "key": "documentType", "type": "choice", "zh": "证件类型", "en": "Document", "codeTable": "documentTypes" }""";

    private static readonly Form Form = FormText.Of($$"""
        { "key": "birthplace", "type": "region", "zh": "籍贯", "en": "Birthplace", "level": "province" },
        { "key": "district", "type": "region", "zh": "落户地", "en": "District", "level": "district" },
        { "key": "anywhere", "type": "region", "zh": "所在地", "en": "Place" },
        { "key": "mail", "type": "email", "zh": "电子邮箱", "en": "E-mail" },
        { "key": "areas", "type": "choices", "zh": "专业领域", "en": "Areas", "codeTable": "countries", "min": 2, "max": 3 },
        {{Kind}},
        { "key": "number", "type": "documentNumber", "zh": "证件号码", "en": "Number", "kind": "documentType" },
        { "key": "family", "type": "group", "zh": "随迁人员", "en": "Family", "maxRows": 3, "fields": [ {{Kind}}, { "key": "number", "type": "documentNumber", "zh": "证件号码", "en": "Number", "kind": "documentType" } ] },
        { "key": "why", "type": "text", "zh": "理由", "en": "Why", "required": true, "maxLength": 9, "when": { "field": "areas", "in": [ "USA" ] } }
        """);

    [Theory]
    [InlineData("""{ "birthplace": "440000", "district": "119908", "anywhere": "119900" }""")]
    [InlineData("""{ "mail": "li.shili+work@talent.example.org" }""")]
    [InlineData("""{ "areas": [ "GBR", "JPN" ] }""")]
    [InlineData("""{ "areas": [ "GBR", "USA" ], "why": "留学" }""")]
    [InlineData("""{ "documentType": "residentId", "number": "110199198602140254" }""")]
    [InlineData("""{ "documentType": "passport", "number": "E12345678" }""")]
    [InlineData("""{ "documentType": "hmReturnPermit", "number": "H1234567800" }""")]
    [InlineData("""{ "family": [ { "documentType": "passport", "number": "E12345678" }, { "documentType": "residentId", "number": "110199198602140254" } ] }""")]
    [InlineData("""{ "areas": [], "mail": " ", "district": null }""")]
    public void Form_WhenTheNewKindsOfFieldsAreFilledInWell_ThenThereAreNoErrors_R_CASE_2(string data) => Assert.Empty(Form.Submit(data));

    [Theory]
    [InlineData("""{ "birthplace": "119908" }""", "birthplace: wrong_level: “籍贯”应选择到省（自治区、直辖市）")]
    [InlineData("""{ "district": "999999" }""", "district: not_in_table: “落户地”的选项无效，请重新选择")]
    [InlineData("""{ "district": 119908 }""", "district: wrong_type: “落户地”应为文字")]
    [InlineData("""{ "mail": "li@" }""", "mail: bad_format: “电子邮箱”应为有效的电子邮箱地址")]
    [InlineData("""{ "mail": "李@talent.example.org" }""", "mail: bad_format: “电子邮箱”应为有效的电子邮箱地址")]
    [InlineData("""{ "areas": [ "GBR" ] }""", "areas: too_few_choices: “专业领域”至少选择2项")]
    [InlineData("""{ "areas": [ "GBR", "JPN", "KOR", "DEU" ] }""", "areas: too_many_choices: “专业领域”最多选择3项")]
    [InlineData("""{ "areas": [ "GBR", "GBR" ] }""", "areas: duplicate_field: “专业领域”中“英国”重复选择")]
    [InlineData("""{ "areas": [ "GBR", "XXX" ] }""", "areas: not_in_table: “专业领域”的选项无效，请重新选择")]
    [InlineData("""{ "areas": [ "GBR", 3 ] }""", "areas: wrong_type: “专业领域”的选项应为文字")]
    [InlineData("""{ "areas": "GBR" }""", "areas: wrong_type: “专业领域”应为选项的列表")]
    [InlineData("""{ "areas": "" }""", "areas: wrong_type: “专业领域”应为列表")]
    [InlineData("""{ "areas": [ "GBR", "USA" ] }""", "why: required: 请填写“理由”")]
    [InlineData("""{ "documentType": "residentId", "number": "110199198602140255" }""", "number: check_failed: “证件号码”校验不通过，请与居民身份证核对")]
    [InlineData("""{ "documentType": "residentId", "number": "E12345678" }""", "number: bad_format: “证件号码”不符合居民身份证的号码格式：18位公民身份号码")]
    [InlineData("""{ "documentType": "hmtPermit", "number": "110199198602140254" }""", "number: bad_format: “证件号码”不符合港澳台居民居住证的号码格式：18位，以810000、820000或830000开头")]
    [InlineData("""{ "family": [ { "documentType": "passport", "number": "E1" } ] }""", "family[0].number: bad_format: “证件号码”不符合护照的号码格式：5至12位大写字母和数字")]
    public void Form_WhenOneOfThemIsWrong_ThenTheErrorNamesTheFieldInChinese_R_CASE_2(string data, string error) => Assert.Equal([error], Form.Submit(data));

    [Fact]
    public void Numbers_WhenTheyAreOfDocumentsOrAddresses_ThenTheyAreSealedAndShownMasked_R_AUD_2()
    {
        var data = FormText.Json("""{ "mail": "lishili@talent.example.org", "documentType": "passport", "number": "E12345678", "family": [ { "number": "110199198602140254" } ] }""");

        var shown = MaskedData.Of(Form, data).GetRawText();

        Assert.DoesNotContain("E12345678", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("110199198602140254", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("lishili@", shown, StringComparison.Ordinal);
        Assert.Equal(["mail", "number", "family.number"], MaskedData.FieldsOf(Form, data));
        Assert.All((string[])["mail", "number", "family"], key => Assert.True(Form.Field(key)!.IsSealed));
        Assert.Equal("""{"documentType":"passport","family":[{}]}""", BlindData.Of(Form, data, []).GetRawText());
    }

    [Theory]
    [InlineData("""{ "key": "a", "type": "region", "zh": "甲", "en": "A", "level": "street" }""")]
    [InlineData("""{ "key": "a", "type": "region", "zh": "甲", "en": "A", "codeTable": "countries" }""")]
    [InlineData("""{ "key": "a", "type": "choice", "zh": "甲", "en": "A", "codeTable": "countries", "level": "city" }""")]
    [InlineData("""{ "key": "a", "type": "choices", "zh": "甲", "en": "A" }""")]
    [InlineData("""{ "key": "a", "type": "choices", "zh": "甲", "en": "A", "codeTable": "countries", "min": 1.5 }""")]
    [InlineData("""{ "key": "a", "type": "choices", "zh": "甲", "en": "A", "codeTable": "nosuch" }""")]
    [InlineData("""{ "key": "a", "type": "email", "zh": "甲", "en": "A", "maxLength": 5 }""")]
    [InlineData("""{ "key": "a", "type": "documentNumber", "zh": "甲", "en": "A" }""")]
    [InlineData("""{ "key": "a", "type": "documentNumber", "zh": "甲", "en": "A", "kind": "b" }, { "key": "b", "type": "choice", "zh": "乙", "en": "B", "codeTable": "countries" }""")]
    [InlineData("""{ "key": "a", "type": "text", "zh": "甲", "en": "A", "maxLength": 5, "kind": "a" }""")]
    public void Field_WhenItSaysWhatItsTypeHasNoUseFor_ThenTheFormIsRefused(string fields) => Assert.Throws<ContentException>(() => FormText.Of(fields));
}
