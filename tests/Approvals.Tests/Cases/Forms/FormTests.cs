using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

public sealed class FormTests
{
    private static readonly DateOnly Today = new(2026, 9, 21);

    private const string Steps = """
        { "codeTables": { "colours": [ { "code": "r", "zh": "红", "en": "Red" }, { "code": "b", "zh": "蓝", "en": "Blue" } ] },
          "steps": [ { "key": "one", "zh": "一", "en": "One", "phase": 1, "fields": [
            { "key": "name", "type": "text", "zh": "姓名", "en": "Name", "required": true, "minLength": 2, "maxLength": 4, "personal": true },
            { "key": "story", "type": "text", "zh": "经过", "en": "Story", "maxLength": 20, "multiline": true },
            { "key": "serial", "type": "text", "zh": "编号", "en": "Serial", "maxLength": 10, "pattern": "[A-Z]{2}[0-9]+", "check": "even" },
            { "key": "age", "type": "number", "zh": "年龄", "en": "Age", "min": 18, "max": 60, "decimals": 0 },
            { "key": "colour", "type": "choice", "zh": "颜色", "en": "Colour", "codeTable": "colours" },
            { "key": "agreed", "type": "boolean", "zh": "同意", "en": "Agreed", "mustBe": true },
            { "key": "phone", "type": "phone", "zh": "联系电话", "en": "Phone" },
            { "key": "card", "type": "residentId", "zh": "证件号码", "en": "Identity number" },
            { "key": "born", "type": "date", "zh": "出生日期", "en": "Born", "notAfter": "today" },
            { "key": "exempt", "type": "boolean", "zh": "是否免考", "en": "Exempt" },
            { "key": "reason", "type": "text", "zh": "免考原因", "en": "Reason", "required": true, "maxLength": 50, "when": { "field": "exempt", "equals": true } },
            { "key": "jobs", "type": "group", "zh": "工作经历", "en": "Jobs", "minRows": 1, "maxRows": 3, "fields": [
              { "key": "from", "type": "month", "zh": "开始时间", "en": "From", "required": true, "notBefore": "born" },
              { "key": "to", "type": "month", "zh": "结束时间", "en": "To", "notBefore": "from" },
              { "key": "proof", "type": "file", "zh": "证明材料", "en": "Proof" } ] } ] },
          { "key": "two", "zh": "二", "en": "Two", "phase": 2, "when": { "field": "colour", "in": ["r"] }, "fields": [
            { "key": "summary", "type": "text", "zh": "总结", "en": "Summary", "required": true, "maxLength": 100 } ] } ] }
        """;

    private static readonly Dictionary<string, TextCheck> Checks = new()
    {
        ["residentId"] = text => text.EndsWith('X'),
        ["even"] = text => (text[^1] - '0') % 2 == 0,
    };

    private static readonly Form Form = Form.Bind(Parse(Steps), Checks);

    private const string Good = """{ "name": "李示例", "jobs": [ { "from": "2020-01" } ] }""";

    [Fact]
    public void Form_WhenDataIsGood_ThenThereAreNoErrors_R_CASE_2() => Assert.Empty(Submit(Good));

    [Theory]
    [InlineData("\"name\": \"李\"", "name", "too_short", "“姓名”不能少于2个字")]
    [InlineData("\"name\": \"李示例李示例\"", "name", "too_long", "“姓名”不能超过4个字")]
    [InlineData("\"name\": 5", "name", "wrong_type", "“姓名”应为文字")]
    [InlineData("\"name\": \"李\\n例\"", "name", "bad_text", "“姓名”含有无法保存的字符")]
    [InlineData("\"story\": \"a\\u0000b\"", "story", "bad_text", "“经过”含有无法保存的字符")]
    [InlineData("\"story\": \"\\ud800\"", "story", "bad_text", "“经过”含有无法保存的字符")]
    [InlineData("\"serial\": \"A12\"", "serial", "bad_format", "“编号”格式不正确")]
    [InlineData("\"serial\": \"AB13\"", "serial", "check_failed", "“编号”校验不通过，请核对")]
    [InlineData("\"age\": 17", "age", "out_of_range", "“年龄”应在18至60之间")]
    [InlineData("\"age\": 18.5", "age", "bad_format", "“年龄”最多0位小数")]
    [InlineData("\"age\": 1e400", "age", "wrong_type", "“年龄”应为数字")]
    [InlineData("\"age\": \"20\"", "age", "wrong_type", "“年龄”应为数字")]
    [InlineData("\"colour\": \"g\"", "colour", "not_in_table", "“颜色”的选项无效，请重新选择")]
    [InlineData("\"agreed\": false", "agreed", "must_confirm", "请确认“同意”")]
    [InlineData("\"phone\": \"12900000001\"", "phone", "bad_format", "“联系电话”应为11位手机号码")]
    [InlineData("\"phone\": \"１９９００００００００\"", "phone", "bad_format", "“联系电话”应为11位手机号码")]
    [InlineData("\"card\": \"11019919860214025\"", "card", "bad_format", "“证件号码”应为18位公民身份号码")]
    [InlineData("\"card\": \"110199198602140251\"", "card", "check_failed", "“证件号码”校验不通过，请核对")]
    [InlineData("\"born\": \"2026-02-30\"", "born", "bad_format", "“出生日期”格式不正确，应如2026-05-31")]
    [InlineData("\"exempt\": true", "reason", "required", "请填写“免考原因”")]
    [InlineData("\"exempt\": false, \"reason\": \"x\"", "reason", "not_applicable", "“免考原因”在当前选择下不适用，请清空")]
    [InlineData("\"born\": \"2021-01-01\"", "jobs[0].from", "wrong_order", "“开始时间”不能早于2021年1月")]
    [InlineData("\"jobs\": []", "jobs", "required", "请填写“工作经历”")]
    [InlineData("\"jobs\": {}", "jobs", "wrong_type", "“工作经历”应为列表")]
    [InlineData("\"jobs\": [3]", "jobs[0]", "wrong_type", "“工作经历”第1条格式不正确")]
    [InlineData("\"jobs\": [{\"from\":\"2020-05\",\"to\":\"2020-04\"}]", "jobs[0].to", "wrong_order", "“结束时间”不能早于2020年5月")]
    [InlineData("\"jobs\": [{\"from\":\"2020-05\",\"proof\":\"../etc\"}]", "jobs[0].proof", "bad_format", "“证明材料”不是有效的附件编号，请重新上传")]
    [InlineData("\"jobs\": [{\"from\":\"2020-05\",\"nosuch\":1}]", "jobs[0].nosuch", "unknown_field", "表单中没有字段“nosuch”")]
    [InlineData("\"jobs\": [{},{},{},{}]", "jobs", "too_many_rows", "“工作经历”最多3条")]
    [InlineData("\"nosuch\": null", "nosuch", "unknown_field", "表单中没有字段“nosuch”")]
    [InlineData("\"summary\": \"x\"", "summary", "not_open_yet", "“总结”在完善材料阶段填写，现阶段不能提交")]
    public void Form_WhenAValueIsWrong_ThenOneErrorNamesTheFieldInChinese_R_CASE_2(string member, string path, string code, string zh)
    {
        string name = member.Split('"')[1];
        Dictionary<string, JsonElement> data = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Good)!;
        data.Remove(name);
        string rest = string.Join(',', data.Select(d => $"\"{d.Key}\":{d.Value.GetRawText()}"));

        FormError error = Assert.Single(Submit($"{{{member},{rest}}}"));

        Assert.Equal((path, code, zh), (error.Path, error.Code, error.Zh));
        Assert.NotEmpty(error.En);
    }

    [Fact]
    public void Form_WhenADateLiesAfterToday_ThenItSaysWhichDayIsTheLast() =>
        Assert.Contains(new FormError("born", "wrong_order", "“出生日期”不能晚于2026年9月21日", "Born can't be after 2026-09-21"), Submit("""{ "born": "2026-09-22" }"""));

    [Fact]
    public void Form_WhenAFieldIsGivenTwice_ThenThatIsAnError() =>
        Assert.Equal("duplicate_field", Assert.Single(Submit("""{ "name": "王样本", "name": "李示例", "jobs": [ { "from": "2020-01" } ] }""")).Code);

    [Fact]
    public void Form_WhenDataIsTooLarge_ThenItSaysSoAndLooksNoFurther() =>
        Assert.Equal("too_large", Assert.Single(Submit($"{{\"name\":\"{new string('长', 90_000)}\",\"nosuch\":1}}")).Code);

    [Fact]
    public void Form_WhenThereAreThousandsOfErrors_ThenAtMostTwoHundredAreListed()
    {
        IReadOnlyList<FormError> errors = Submit($"{{{string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"x{i}\":1"))}}}");

        Assert.Equal(200, errors.Count);
        Assert.Equal("too_many_errors", errors[^1].Code);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{ "name": "李", "phone": "199", "card": "11", "born": "2026", "serial": "A", "age": 3, "exempt": false, "reason": "x", "jobs": [ {} ] }""")]
    public void Form_WhenADraftIsHalfFilledIn_ThenItCanBeKept_R_CASE_1(string draft)
    {
        Assert.Empty(Form.Validate(Json(draft), 1, FormMode.Draft, Today));
        Assert.NotEmpty(Submit(draft));
    }

    [Theory]
    [InlineData("""{ "nosuch": 1 }""")]
    [InlineData("""{ "name": 1 }""")]
    [InlineData("""{ "name": "五个字以上" }""")]
    [InlineData("""{ "phone": "19900000001199000000011990000000119900000001199000000011990000000119900000001" }""")]
    [InlineData("""{ "colour": "g" }""")]
    [InlineData("""{ "jobs": [ {}, {}, {}, {} ] }""")]
    public void Form_WhenADraftHoldsWhatCannotBeKept_ThenItIsRefused(string draft) =>
        Assert.Single(Form.Validate(Json(draft), 1, FormMode.Draft, Today));

    [Fact]
    public void Form_WhenTheSecondPhaseOpens_ThenItsFieldsAreRequiredWhereTheStepApplies()
    {
        string red = """{ "name": "李示例", "colour": "r", "jobs": [ { "from": "2020-01" } ] }""";

        Assert.Empty(Submit(red));
        Assert.Equal("summary", Assert.Single(Form.Validate(Json(red), 2, FormMode.Submit, Today)).Path);
        Assert.Empty(Form.Validate(Json(Good), 2, FormMode.Submit, Today));
    }

    [Fact]
    public void Form_WhenAskedForFilesAndPersonalFields_ThenItNamesThem()
    {
        Assert.Equal(["f1", "f2"], Form.FileReferences(Json("""{ "jobs": [ { "proof": "f1" }, { "proof": "f2" }, { "proof": "f1" }, { "proof": 3 } ] }""")));
        Assert.Equal(["name"], Form.PersonalFields);
    }

    [Theory]
    [InlineData("\"maxLength\": 4", "\"maxLength\": 0")]
    [InlineData("\"maxLength\": 4", "\"maxLength\": 1")]
    [InlineData("\"type\": \"number\"", "\"type\": \"phone\"")]
    [InlineData("\"codeTable\": \"colours\"", "\"helpZh\": \"x\"")]
    [InlineData("\"mustBe\": true", "\"decimals\": 1")]
    [InlineData("\"minRows\": 1, \"maxRows\": 3", "\"minRows\": 1")]
    [InlineData("\"in\": [\"r\"]", "\"in\": [\"r\"], \"present\": true")]
    [InlineData("\"phase\": 2", "\"phase\": 7")]
    [InlineData("\"key\": \"two\"", "\"key\": \"one\"")]
    [InlineData("\"key\": \"serial\"", "\"key\": \"Serial No\"")]
    [InlineData("\"type\": \"file\"", "\"type\": \"group\", \"maxRows\": 1, \"fields\": []")]
    [InlineData("\"check\": \"even\"", "\"check\": \"odd\"")]
    public void Form_WhenItsDefinitionContradictsItself_ThenItIsRefused(string old, string with)
    {
        Assert.Contains(old, Steps, StringComparison.Ordinal);

        Assert.Throws<ContentException>(() => Form.Bind(Parse(Steps.Replace(old, with, StringComparison.Ordinal)), Checks));
    }

    private static FormDefinition Parse(string json) => ContentFile.Parse<FormDefinition>("form.json", System.Text.Encoding.UTF8.GetBytes(json));

    private static IReadOnlyList<FormError> Submit(string json) => Form.Validate(Json(json), 1, FormMode.Submit, Today);

    private static JsonElement Json(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
