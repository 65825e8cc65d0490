using Talent.Workflows.Approvals.Eligibility;
using static Talent.Workflows.Approvals.Tests.Eligibility.Settlement;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>Every condition of 在职人才引进入户, at the edges of age and insurance (Guangzhou 1.2.2, 1.2.3).</summary>
public sealed class SettlementConditionTests
{
    private const string Day = "2026-09-21";
    private const string Skill = """ "occupation": "6-31-01-03", "worksInCity": true, "qualifiedOn": "2026-03-21", "insurance": [{"from": "2020-01-01", "to": "2026-12-31"}] """;

    public static TheoryData<string, string, int> Ages => new()
    {
        { "A1", """ "bachelorWithDegree": true """, 40 },
        { "B1", """ "titleGrade": "senior" """, 50 },
        { "B2", """ "titleGrade": "intermediate" """, 40 },
        { "C1", $""" "skillQualification": "professional", {Skill} """, 40 },
        { "C2", $""" "skillQualification": "senior-technician", {Skill} """, 45 },
        { "C3", $""" "skillQualification": "technician", {Skill} """, 40 },
        { "C4", $""" "skillQualification": "senior-worker", {Skill} """, 35 },
        { "C5", $""" {Skill.Replace("6-31-01-03", "6-31-07-01", StringComparison.Ordinal)} """, 40 },
    };

    [Theory]
    [MemberData(nameof(Ages))]
    public void Condition_WhenTheBirthdayAfterTheLimitComes_ThenItIsMetUntilTheDayBefore_R_ELG_3(string condition, string facts, int limit)
    {
        var day = new DateOnly(2026, 9, 21);
        string State(DateOnly born) => Ask(condition, $$"""{ {{facts}}, "birthDate": "{{born:yyyy-MM-dd}}" }""", Day).State;

        // On the day: the 40th birthday itself; the day before the 41st; the 41st itself; long past it.
        Assert.Equal(("met", "met", "not_met", "not_met"), (State(day.AddYears(-limit)), State(day.AddYears(-limit - 1).AddDays(1)), State(day.AddYears(-limit - 1)), State(day.AddYears(-limit - 9))));
        Assert.Equal("unknown", Ask(condition, $$"""{ {{facts}} }""", Day).State);
    }

    [Theory]
    [InlineData("2027-02-27", "met")]
    [InlineData("2027-02-28", "not_met")]
    public void Condition_WhenBornOn29February_ThenTheBirthdayInACommonYearIsThe28th_R_ELG_3(string day, string state) =>
        Assert.Equal(state, Ask("B1", """{ "titleGrade": "senior", "birthDate": "1976-02-29" }""", day).State);

    [Theory]
    [InlineData("C1", "professional", 6, 12)]
    [InlineData("C2", "senior-technician", 6, 6)]
    [InlineData("C3", "technician", 6, 12)]
    [InlineData("C4", "senior-worker", 6, 24)]
    public void Skill_WhenMonthsOfInsurancePass_ThenTheConditionPageDecidesAndTheQuestionnaireIsAHint_R_ELG_3(string condition, string qualification, int page, int item5)
    {
        var certificate = new DateOnly(2024, 3, 21);
        ConditionAnswer On(DateOnly day) => Ask(condition, $$"""
            { "birthDate": "2000-01-01", "occupation": "6-31-01-03", "worksInCity": true, "skillQualification": "{{qualification}}", "qualifiedOn": "2024-03-21", "insurance": [{"from": "2010-01-01", "to": "2030-12-31"}] }
            """, day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(("not_met", "met"), (On(certificate.AddMonths(page).AddDays(-1)).State, On(certificate.AddMonths(page)).State));
        Assert.Equal(("not_met", "met"), (On(certificate.AddMonths(item5).AddDays(-1)).Hints.Single().State, On(certificate.AddMonths(item5)).Hints.Single().State));
        var both = On(certificate.AddMonths(item5));
        Assert.Contains("申报条件页", both.Rule!.Source, StringComparison.Ordinal);
        Assert.Contains("问答测试第5项", both.Hints.Single().Source, StringComparison.Ordinal);
    }

    [Fact]
    public void Skill_WhenInsuranceHasAGap_ThenTheSumCountsForThePageAndTheRunForTheQuestionnaire_R_ELG_3()
    {
        var answer = Ask("C2", """
            { "birthDate": "1990-01-01", "occupation": "6-18-02-04", "worksInCity": true, "skillQualification": "senior-technician", "qualifiedOn": "2025-01-01",
              "insurance": [{"from": "2020-01-01", "to": "2025-05-01"}, {"from": "2026-01-01", "to": "2026-03-31"}] }
            """, Day);

        Assert.Equal(("met", "not_met"), (answer.State, answer.Hints.Single().State));
    }

    [Theory]
    [InlineData("other", "not_met")]
    [InlineData("2-02-10-03", "met")]
    public void Skill_WhenTheOccupationIsOrIsntInTheCatalogue_ThenThatDecides_R_ELG_3(string occupation, string state) => Assert.Equal(state, Ask("C1", $$"""
        { "birthDate": "1990-01-01", "occupation": "{{occupation}}", "worksInCity": true, "skillQualification": "professional", "insuredMonthsSaid": 6 }
        """, Day).State);

    [Fact]
    public void Shortage_WhenTheTradeIsInTheCatalogueButNotShort_ThenItIsntMet_R_ELG_3()
    {
        string Of(string trade) => Ask("C5", $$"""{ "birthDate": "1990-01-01", "occupation": "{{trade}}", "worksInCity": true, "insuredMonthsSaid": 6 }""", Day).State;

        Assert.Equal(("not_met", "met"), (Of("6-31-01-03"), Of("4-10-01-01")));
    }

    [Theory]
    [InlineData("D1", "highLevelTalent")]
    [InlineData("D2", "highSkillTalent")]
    public void Talent_WhenRecognised_ThenItIsMetAtAnyAge_R_ELG_3(string condition, string fact)
    {
        Assert.Equal("met", Ask(condition, $$"""{ "{{fact}}": true, "birthDate": "1940-01-01" }""", Day).State);
        Assert.Equal("not_met", Ask(condition, $$"""{ "{{fact}}": false }""", Day).State);
        Assert.Equal("unknown", Ask(condition, "{}", Day).State);
    }

    [Fact]
    public void Others_WhenNoTableSaysIt_ThenTheOfficeDecidesAndNobodyIsRefused_R_ELG_3()
    {
        var answer = Ask("E1", "{}", Day);

        Assert.Equal(("unknown", null), (answer.State, answer.Rule));
        Assert.Contains("审核认定", answer.ReasonZh, StringComparison.Ordinal);
    }

    [Fact]
    public void Explanation_WhenAConditionIsMet_ThenItNamesTheRuleTheFactsAndTheirSources_R_ELG_5()
    {
        var facts = Facts("""{ "birthDate": "1986-09-21", "titleGrade": "intermediate" }""");
        facts["titleGrade"] = facts["titleGrade"] with { Source = FactSource.SharedData };

        var answer = Rules.Evaluate(facts, new DateOnly(2026, 9, 21)).Conditions.Single(c => c.Id == "B2");

        Assert.Equal(("titles", 2, "met"), (answer.Rule!.Table, answer.Rule.Row, answer.Rule.State));
        Assert.Equal("符合：依据《职称类人才申报条件》第2行，职称级别为中级职称，年龄（周岁）不大于40。", answer.ReasonZh);
        var (grade, age) = (answer.Rule.Facts[0], answer.Rule.Facts[1]);
        Assert.Equal(("intermediate", "shared_data"), ((string)grade.Value!, grade.Source));
        Assert.Equal((40m, "applicant"), ((decimal)age.Value!, age.Source));
        Assert.Equal([("birthDate", "1986-09-21", "applicant")], age.From.Select(f => (f.Fact, (string)f.Value!, f.Source!)));
        Assert.True(age.Personal);
    }

    [Fact]
    public void Explanation_WhenSomethingIsMissing_ThenItSaysWhatAndRefusesNobody_R_ELG_5()
    {
        var answer = Ask("C3", """{ "skillQualification": "technician", "occupation": "6-18-02-04", "insurance": [] }""", Day);

        Assert.Equal("unknown", answer.State);
        Assert.Equal(["worksInCity", "qualifiedOn", "insuredMonthsSaid", "birthDate"], answer.Missing.Select(m => m.Fact));
        Assert.StartsWith("暂不能确定：依据《技能类人才申报条件》第3行，尚不掌握获证后在本市工作、获证后累计参保月数、年龄（周岁）", answer.ReasonZh, StringComparison.Ordinal);
        Assert.StartsWith("Not known yet by row 3 of “Conditions by skill”", answer.ReasonEn, StringComparison.Ordinal);
    }

    [Fact]
    public void Explanation_WhenItIsWrittenDown_ThenNoSentenceHoldsAValueOfAPerson_R_ELG_5()
    {
        var answer = Rules.Evaluate(Facts("""{ "birthDate": "1977-03-19", "titleGrade": "senior", "qualifiedOn": "2019-08-07", "insuredMonthsSaid": 77 }"""), new DateOnly(2026, 9, 21));

        Assert.All(answer.Conditions, c => Assert.DoesNotMatch("1977|2019|77|49", c.ReasonZh + c.ReasonEn));
    }

    private static readonly string Number = Approvals.People.ResidentId.Fictitious(new DateOnly(1990, 1, 1), 7).Value;

    [Theory]
    [InlineData("associate", "fullTime", false, "False")]
    [InlineData("bachelor", "fullTime", false, "True")]
    [InlineData("doctor", "fullTime", false, "True")]
    [InlineData("专升本", "fullTime", false, "unknown")]
    [InlineData("bachelor", "fullTime", true, "unknown")]
    [InlineData("bachelor", "partTime", false, "False")]
    [InlineData("master", "partTime", false, "False")]
    [InlineData("bachelor", "adult", false, "False")]
    [InlineData("bachelor", "distance", false, "False")]
    [InlineData("bachelor", "selfTaught", false, "False")]
    [InlineData("bachelor", null, false, "unknown")]
    [InlineData("bachelor", "夜大", false, "unknown")]
    [InlineData("associate", null, false, "False")]
    public void Records_WhenADegreeIsFound_ThenItCountsFromBachelorOnByFullTimeStudyForTheCountryThatWasAskedFor_R_ELG_1(string level, string? mode, bool abroad, string found) =>
        Assert.Equal(found, FullTime(abroad, (level, mode)));

    [Fact]
    public void Records_WhenThereAreSeveralDegrees_ThenOneByFullTimeStudyIsEnough_R_ELG_1()
    {
        Assert.Equal("True", FullTime(false, ("bachelor", "fullTime"), ("master", "partTime")));
        Assert.Equal("True", FullTime(false, ("bachelor", "fullTime"), ("master", null)));
        Assert.Equal("unknown", FullTime(false, ("bachelor", null), ("master", "partTime")));
        Assert.Equal("False", FullTime(false, ("associate", "fullTime"), ("bachelor", "selfTaught")));
        Assert.Equal("False", FullTime(false));
    }

    /// <summary>What such degrees say of A1's fact.</summary>
    private static string FullTime(bool abroad, params (string Level, string? Mode)[] degrees)
    {
        var records = new Approvals.Integrations.Records.SharedRecords([.. degrees.Select(d => new Approvals.Integrations.Records.DegreeRecord("119900200805000123", "示例大学", d.Level, new DateOnly(2008, 7, 1), d.Mode))], [], []);
        return RecordFacts.Of(Rules.File, records, skipped: false, abroad).TryGetValue("bachelorWithDegree", out var fact) ? ((FactValue.Boolean)fact.Value).Value.ToString() : "unknown";
    }

    [Fact]
    public void Form_WhenACaseIsFiledWithoutATest_ThenTheChosenConditionAndItsFieldsAreTheApplicantsWord_R_ELG_5()
    {
        // The age is that of the identity number, whatever else the form says.
        var form = System.Text.Json.JsonDocument.Parse($$"""
            { "condition": "C3", "occupation": "6-31-01-03", "skillCertificateDate": "2026-01-05", "insuredMonths": 8, "birthDate": "1960-01-01", "degreeOrigin": "domestic", "school": "示例大学", "residentId": "{{Number}}" }
            """).RootElement;
        var facts = FormFacts.Read(Rules, form, new DateOnly(2026, 9, 21));

        var answer = Rules.Evaluate(facts, new DateOnly(2026, 9, 21));

        Assert.Equal(["A1", "C3"], answer.Met);
        Assert.All(answer.Conditions.Single(c => c.Id == "C3").Rule!.Facts, f => Assert.Equal("applicant", f.Source));
        Assert.Equal("unknown", answer.Conditions.Single(c => c.Id == "B2").State);
    }

    [Theory]
    [InlineData("intermediate", "not_met", "shared_data")]
    [InlineData("other", "met", "applicant")]
    public void Form_WhenAConditionIsChosenAgainstWhatWasFound_ThenWhatWasFoundStays_R_ELG_5(string found, string state, string source)
    {
        var form = FormFacts.Read(Rules, System.Text.Json.JsonDocument.Parse($$"""{ "condition": "B1", "residentId": "{{Number}}" }""").RootElement, new DateOnly(2026, 9, 21));
        var before = new Dictionary<string, KnownFact> { ["titleGrade"] = new(new FactValue.Code(found), FactSource.SharedData) };

        var answer = Rules.Evaluate(FormFacts.AtFiling(Rules, form, before), new DateOnly(2026, 9, 21)).Conditions.Single(c => c.Id == "B1");

        Assert.Equal((state, source), (answer.State, answer.Rule!.Facts.Single(f => f.Fact == "titleGrade").Source));
    }

    [Fact]
    public void Content_WhenItIsRead_ThenAllConditionsOfTheManualAreThere_R_ELG_3()
    {
        Assert.Equal(["A1", "B1", "B2", "C1", "C2", "C3", "C4", "C5", "D1", "D2", "E1"], Rules.File.Conditions.Select(c => c.Id));
        Assert.Equal(["学历类人才", "职称类人才", "技能类人才", "高层次、高技能人才", "其他"], Rules.File.Categories.Select(c => c.Zh));
        Assert.Equal("condition", Rules.File.ConditionField);
    }
}
