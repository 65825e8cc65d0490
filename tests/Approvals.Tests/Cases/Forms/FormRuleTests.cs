using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

/// <summary>Rules across fields as data (R-CASE-2).</summary>
public sealed class FormRuleTests
{
    private const string Fields = """
        { "key": "born", "type": "date", "zh": "出生日期", "en": "Born" },
        { "key": "joined", "type": "month", "zh": "参加工作时间", "en": "Joined" },
        { "key": "card", "type": "residentId", "zh": "证件号码", "en": "Identity number" },
        { "key": "young", "type": "boolean", "zh": "青年项目", "en": "Youth programme" },
        { "key": "phone", "type": "phone", "zh": "联系电话", "en": "Phone" },
        { "key": "mail", "type": "email", "zh": "电子邮箱", "en": "E-mail" },
        { "key": "jobs", "type": "group", "zh": "工作经历", "en": "Jobs", "maxRows": 9, "fields": [
          { "key": "from", "type": "month", "zh": "开始时间", "en": "From" }, { "key": "to", "type": "month", "zh": "结束时间", "en": "To" },
          { "key": "at", "type": "text", "zh": "单位", "en": "At", "maxLength": 20 }, { "key": "share", "type": "number", "zh": "占比", "en": "Share" } ] },
        { "key": "trips", "type": "group", "zh": "出境记录", "en": "Trips", "maxRows": 9, "fields": [
          { "key": "out", "type": "date", "zh": "出境日期", "en": "Out" }, { "key": "back", "type": "date", "zh": "入境日期", "en": "Back" } ] }
        """;

    [Theory]
    [InlineData("\"before\", \"at\": \"born\", \"than\": \"joined\"", """{ "born": "1990-05-31", "joined": "2015-07" }""", null)]
    [InlineData("\"before\", \"at\": \"born\", \"than\": \"joined\"", """{ "born": "2015-07-01", "joined": "2015-07" }""", "born: “出生日期”不对")]
    [InlineData("\"after\", \"at\": \"joined\", \"than\": \"born\"", """{ "born": "1990-05-31", "joined": "1990-05" }""", "joined: “参加工作时间”不对")]
    [InlineData("\"after\", \"at\": \"joined\", \"than\": \"born\"", """{ "joined": "1990-05" }""", null)]
    [InlineData("\"before\", \"at\": \"born\", \"than\": \"today\"", """{ "born": "2026-09-21" }""", "born: “出生日期”不对")]
    [InlineData("\"after\", \"at\": \"jobs.from\", \"than\": \"born\"", """{ "born": "1990-05-31", "jobs": [ { "from": "2010-01" }, { "from": "1989-01" } ] }""", "jobs[1].from: “开始时间”第2条：不对")]
    [InlineData("\"after\", \"at\": \"jobs.to\", \"than\": \"from\"", """{ "jobs": [ { "from": "2010-01", "to": "2010-01" }, { "from": "2010-02" } ] }""", "jobs[0].to: “结束时间”第1条：不对")]
    [InlineData("\"unique\", \"at\": \"jobs\", \"by\": [ \"at\", \"from\" ]", """{ "jobs": [ { "at": "甲", "from": "2010-01" }, { "at": "甲", "from": "2011-01" }, { "at": " 甲", "from": "2010-01" } ] }""", "jobs[2].at: “工作经历”第3条：不对")]
    [InlineData("\"unique\", \"at\": \"jobs\", \"by\": [ \"share\" ]", """{ "jobs": [ { "share": 1 }, { "share": 1.0 } ] }""", "jobs[1].share: “工作经历”第2条：不对")]
    [InlineData("\"unique\", \"at\": \"jobs\", \"by\": [ \"at\" ]", """{ "jobs": [ { "from": "2010-01" }, { "from": "2011-01" } ] }""", null)]
    [InlineData("\"noOverlap\", \"at\": \"jobs\", \"from\": \"from\", \"to\": \"to\"", """{ "jobs": [ { "from": "2012-01" }, { "from": "2010-01", "to": "2012-01" } ] }""", null)]
    [InlineData("\"noOverlap\", \"at\": \"jobs\", \"from\": \"from\", \"to\": \"to\"", """{ "jobs": [ { "from": "2012-01" }, { "from": "2010-01", "to": "2012-02" } ] }""", "jobs[0].from: “工作经历”第1条：不对")]
    [InlineData("\"noOverlap\", \"at\": \"jobs\", \"from\": \"from\", \"to\": \"to\"", """{ "jobs": [ { "from": "2010-01" }, { "from": "2015-03", "to": "2015-03" } ] }""", "jobs[1].from: “工作经历”第2条：不对")]
    [InlineData("\"noGap\", \"at\": \"jobs\", \"from\": \"from\", \"to\": \"to\", \"months\": 2", """{ "jobs": [ { "from": "2010-01", "to": "2010-05" }, { "from": "2010-08" } ] }""", null)]
    [InlineData("\"noGap\", \"at\": \"jobs\", \"from\": \"from\", \"to\": \"to\", \"months\": 2", """{ "jobs": [ { "from": "2010-09" }, { "from": "2010-01", "to": "2010-05" } ] }""", "jobs[0].from: “工作经历”第1条：不对")]
    [InlineData("\"noGap\", \"at\": \"jobs\", \"from\": \"from\", \"to\": \"to\", \"months\": 0", """{ "jobs": [ { "from": "2010-01", "to": "2014-05" }, { "from": "2011-01", "to": "2011-02" }, { "from": "2014-06" } ] }""", null)]
    [InlineData("\"noGap\", \"at\": \"trips\", \"from\": \"out\", \"to\": \"back\", \"months\": 1", """{ "trips": [ { "out": "2020-01-01", "back": "2020-01-31" }, { "out": "2020-03-01", "back": "2020-03-05" } ] }""", null)]
    [InlineData("\"noGap\", \"at\": \"trips\", \"from\": \"out\", \"to\": \"back\", \"months\": 1", """{ "trips": [ { "out": "2020-01-01", "back": "2020-01-31" }, { "out": "2020-03-02", "back": "2020-03-05" } ] }""", "trips[1].out: “出境记录”第2条：不对")]
    [InlineData("\"sum\", \"at\": \"jobs\", \"field\": \"share\", \"min\": 100, \"max\": 100", """{ "jobs": [ { "share": 30.5 }, { "share": 69.5 } ] }""", null)]
    [InlineData("\"sum\", \"at\": \"jobs\", \"field\": \"share\", \"max\": 100", """{ "jobs": [ { "share": 30.5 }, { "share": 70 } ] }""", "jobs: “工作经历”不对")]
    [InlineData("\"sum\", \"at\": \"jobs\", \"field\": \"share\", \"max\": 100", """{ "jobs": [ { "share": 79228162514264337593543950335 }, { "share": 79228162514264337593543950335 } ] }""", "jobs: “工作经历”不对")]
    [InlineData("\"ageAtFiling\", \"at\": \"born\", \"max\": 40", """{ "born": "1985-09-22" }""", null)]
    [InlineData("\"ageAtFiling\", \"at\": \"born\", \"max\": 40", """{ "born": "1985-09-21" }""", "born: “出生日期”不对")]
    [InlineData("\"ageAtFiling\", \"at\": \"card\", \"min\": 41", """{ "card": "110199198602140254" }""", "card: “证件号码”不对")]
    [InlineData("\"anyOf\", \"at\": \"phone\", \"fields\": [ \"phone\", \"mail\" ]", """{ "phone": " " }""", "phone: “联系电话”不对")]
    [InlineData("\"anyOf\", \"at\": \"phone\", \"fields\": [ \"phone\", \"mail\" ]", """{ "mail": "a@talent.example.org" }""", null)]
    public void Rule_WhenDataIsHandedIn_ThenItHoldsOrTheErrorNamesTheField_R_CASE_2(string check, string data, string? error)
    {
        var form = FormText.Of(Fields, $$"""{ "id": "one", "check": {{check}}, "zh": "不对", "en": "wrong" }""");

        var errors = form.Validate(FormText.Json(data), 1, FormMode.Submit, FormText.Today);

        Assert.Equal(error is null ? [] : [error], errors.Select(e => $"{e.Path}: {e.Zh}"));
        Assert.All(errors, e => Assert.Equal(("rule", "one"), (e.Code, e.Rule)));
        Assert.Empty(form.Validate(FormText.Json(data), 1, FormMode.Draft, FormText.Today));
    }

    [Fact]
    public void Rule_WhenItHasACondition_ThenItCountsOnlyWhileThatHolds_R_CASE_2()
    {
        var form = FormText.Of(Fields, """{ "id": "young", "check": "ageAtFiling", "at": "born", "max": 35, "when": { "field": "young", "equals": true }, "zh": "申报青年项目时，“出生日期”应在35周岁以内", "en": "Born must be within 35 years for the youth programme" }""");

        Assert.Empty(form.Submit("""{ "born": "1980-01-01" }"""));
        Assert.Equal(["born: rule: 申报青年项目时，“出生日期”应在35周岁以内"], form.Submit("""{ "born": "1980-01-01", "young": true }"""));
    }

    [Fact]
    public void Age_WhenACorrectionComesAYearLater_ThenItIsThatOnTheDayOfFiling_R_CASE_2()
    {
        var form = FormText.Of(Fields, """{ "id": "age", "check": "ageAtFiling", "at": "born", "max": 40, "zh": "超过年龄", "en": "too old" }""");

        Assert.Single(form.Submit("""{ "born": "1985-06-01" }"""));
        Assert.Empty(form.Submit("""{ "born": "1985-06-01" }""", filedOn: new DateOnly(2026, 5, 31)));
    }

    [Fact]
    public void Date_WhenItHasPassedSinceTheFiling_ThenACorrectionIsStillTaken_R_CASE_2()
    {
        var form = FormText.Of("""{ "key": "until", "type": "date", "zh": "有效期至", "en": "Valid until", "notBefore": "today" }, { "key": "done", "type": "date", "zh": "完成日期", "en": "Done on", "notAfter": "today" }""");

        Assert.Equal(["until: wrong_order: “有效期至”不能早于2026年9月"], form.Submit("""{ "until": "2026-09-20" }"""));
        Assert.Empty(form.Submit("""{ "until": "2026-09-20", "done": "2026-09-21" }""", filedOn: new DateOnly(2026, 9, 20)));
    }

    [Theory]
    [InlineData("\"before\", \"at\": \"born\"")]
    [InlineData("\"before\", \"at\": \"phone\", \"than\": \"born\"")]
    [InlineData("\"before\", \"at\": \"born\", \"than\": \"nosuch\"")]
    [InlineData("\"before\", \"at\": \"nosuch\", \"than\": \"born\"")]
    [InlineData("\"before\", \"at\": \"born\", \"than\": \"joined\", \"months\": 3")]
    [InlineData("\"unique\", \"at\": \"born\", \"by\": [ \"born\" ]")]
    [InlineData("\"unique\", \"at\": \"jobs\", \"by\": [ \"nosuch\" ]")]
    [InlineData("\"noOverlap\", \"at\": \"jobs\", \"from\": \"from\"")]
    [InlineData("\"noOverlap\", \"at\": \"jobs\", \"from\": \"at\", \"to\": \"to\"")]
    [InlineData("\"noGap\", \"at\": \"jobs\", \"from\": \"from\", \"to\": \"to\", \"months\": 601")]
    [InlineData("\"sum\", \"at\": \"jobs\", \"field\": \"at\", \"max\": 1")]
    [InlineData("\"sum\", \"at\": \"jobs\", \"field\": \"share\"")]
    [InlineData("\"sum\", \"at\": \"jobs\", \"field\": \"share\", \"min\": 3, \"max\": 1")]
    [InlineData("\"ageAtFiling\", \"at\": \"phone\", \"max\": 1")]
    [InlineData("\"anyOf\", \"at\": \"phone\", \"fields\": [ \"phone\" ]")]
    [InlineData("\"anyOf\", \"at\": \"phone\", \"fields\": [ \"phone\", \"from\" ]")]
    [InlineData("\"nosuch\", \"at\": \"phone\"")]
    [InlineData("\"before\", \"at\": \"born\", \"than\": \"joined\", \"when\": { \"field\": \"nosuch\", \"present\": true }")]
    public void Rule_WhenItCannotBeChecked_ThenTheFormIsRefused(string check) =>
        Assert.Throws<ContentException>(() => FormText.Of(Fields, $$"""{ "id": "one", "check": {{check}}, "zh": "不对", "en": "wrong" }"""));
}
