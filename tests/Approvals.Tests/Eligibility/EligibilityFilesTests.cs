using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>What is wrong with conditions and questionnaires is found when they are loaded, by file and path.</summary>
public sealed class EligibilityFilesTests
{
    private static string Settled => Path.Combine(ShippedContent.Workflows, "in-service-settlement");

    [Theory]
    [InlineData("tables[0].inputs[1]", "\"agee\"", "tables[0].inputs", "there is no fact 'agee'")]
    [InlineData("tables[0].rows[0].when.nobody", "{\"is\": true}", "tables[0].rows[0].when.nobody", "no input")]
    [InlineData("tables[0].rows[0].then[0]", "\"Z9\"", "tables[0].rows[0].then", "no condition 'Z9'")]
    [InlineData("tables[0].rows[0].then", "[]", "tables[0].rows[0].then", "no result")]
    [InlineData("tables[1].rows[1].when.titleGrade", "{\"is\": \"senior\"}", "tables[1].rows[1]", "overlaps with rows[0]")]
    [InlineData("tables[1].rows[1].when.titleGrade", "{\"is\": \"principal\"}", "tables[1].rows[1].when.titleGrade", "'principal' isn't in the code table")]
    [InlineData("tables[1].rows[0].when.age", "{\"atLeast\": 50, \"below\": 50}", "tables[1].rows[0].when.age", "nothing lies between")]
    [InlineData("tables[1].rows[0].when.age", "{\"atMost\": \"old\"}", "tables[1].rows[0].when.age", "is no Number")]
    [InlineData("tables[1].rows[0].when.age", "{}", "tables[1].rows[0].when.age", "exactly one of")]
    [InlineData("tables[2].rows[0].when.occupation", "{\"inTable\": \"trades\"}", "tables[2].rows[0].when.occupation", "no code table 'trades'")]
    [InlineData("conditions[10].byOffice", "false", "conditions[10]", "no row of a table for filing")]
    [InlineData("conditions[0].byOffice", "true", "conditions[0]", "a table says it")]
    [InlineData("conditions[0].category", "\"Z\"", "conditions[0].category", "no category 'Z'")]
    [InlineData("derived[0].ageOf", "\"titleGrade\"", "derived[0].ageOf", "is of type Code, and has to be Date")]
    [InlineData("derived[3].firstKnown[0]", "\"insuredMonths\"", "derived[3].firstKnown", "no fact 'insuredMonths' before it")]
    [InlineData("facts[0].record", "\"identity.shoeSize\"", "facts[0].record", "isn't known")]
    [InlineData("facts[4].codeTable", "\"grades\"", "facts[4].codeTable", "no code table 'grades'")]
    [InlineData("facts[4].fieldCodes.B1", "\"principal\"", "facts[4].fieldCodes.B1", "not in its code table")]
    [InlineData("facts[1].key", "\"birthDate\"", "facts[1].key", "used twice")]
    public void Conditions_WhenSomethingIsWrong_ThenFileAndPathAreNamed_R_ELG_3(string path, string value, string at, string says) =>
        Assert.Contains(Errors("conditions.json", path, value), e => e.File == "conditions.json" && e.Path == at && e.Message.Contains(says, StringComparison.Ordinal));

    [Theory]
    [InlineData("questions[2].options[2].next", "\"degree\"", "questions[2].options", "would never end")]
    [InlineData("questions[2].options[2].next", "\"nowhere\"", "questions[2].options[2].next", "no question 'nowhere'")]
    [InlineData("questions[1].options[4].next", "\"talent\"", "questions[2]", "no way leads to this question")]
    [InlineData("questions[1].options[0].result", "\"b1\"", "results[0]", "no way leads to this result")]
    [InlineData("questions[1].options[0].result", "null", "questions[1].options[0]", "leads nowhere")]
    [InlineData("questions[1].options[0].next", "\"title\"", "questions[1].options[0]", "to two places")]
    [InlineData("questions[1].options[0].facts", "{\"titleGrade\": \"principal\"}", "questions[1].options[0].facts.titleGrade", "not in its code table")]
    [InlineData("questions[1].options[0].facts", "{\"insurance\": []}", "questions[1].options[0].facts.insurance", "doesn't come from the applicant")]
    [InlineData("results[0].conditions[0]", "\"Z9\"", "results[0].conditions", "no condition 'Z9'")]
    [InlineData("first", "\"hello\"", "first", "no question 'hello'")]
    public void Questionnaire_WhenSomethingIsWrong_ThenFileAndPathAreNamed_R_ELG_2(string path, string value, string at, string says) =>
        Assert.Contains(Errors("questionnaire.json", path, value), e => e.File == "questionnaire.json" && e.Path == at && e.Message.Contains(says, StringComparison.Ordinal));

    [Fact]
    public void Any_WhenRowsOverlapAndDiffer_ThenItIsRefusedAndElseNot_R_ELG_3()
    {
        var errors = Errors("conditions.json", "tables[3].hit", "\"any\"");

        Assert.Contains(errors, e => e.Path == "tables[3].rows[1]" && e.Message.Contains("says something else", StringComparison.Ordinal));
    }

    [Fact]
    public void Questionnaire_WhenThereAreNoConditions_ThenItIsRefused_R_ELG_2()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Settled, "questionnaire.json"), Path.Combine(folder.Path, "questionnaire.json"));

        Assert.Equal("questionnaire.json", Assert.Throws<ContentException>(() => EligibilityFiles.Read(folder.Path, null, new Dictionary<string, byte[]>())).Errors.Single().File);
    }

    [Theory]
    [InlineData("conditionField", "\"talentClasses\"", "conditionField", "no choice 'talentClasses'")]
    [InlineData("conditionField", "\"talentClass\"", "conditionField", "has no code 'A1'")]
    [InlineData("facts[4].field", "\"nationalAwards\"", "facts[4].field", "no field 'nationalAwards'")]
    [InlineData("facts[4].field", "\"degreeLevel\"", "facts[4].field", "says nothing of type Boolean")]
    public void Conditions_WhenTheFormDoesntFit_ThenThatIsAnErrorOfTheService_R_ELG_3(string path, string value, string at, string says)
    {
        using var copy = new TemporaryFolder();
        var folder = Path.Combine(copy.Path, "high-level-talent");
        Directory.CreateDirectory(Path.Combine(folder, "samples"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(ServiceFolders.Examples, "high-level-talent"), "*.json"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Change(Path.Combine(folder, "conditions.json"), path, value);

        var errors = Assert.Throws<ContentException>(() => ServicePackage.Load(folder, ShippedContent.Shared)).Errors;

        Assert.Contains(errors, e => e.File == "conditions.json" && e.Path == at && e.Message.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Form_WhenItSaysFacts_ThenTheyAreReadAndWhatIsKnownFillsItIn_R_ELG_4()
    {
        var package = ServicePackage.Load(Path.Combine(ServiceFolders.Examples, "high-level-talent"), ShippedContent.Shared);
        var rules = package.Eligibility!;
        var data = package.Samples.Single(s => s.Name == "01-li").Phase1;

        var facts = FormFacts.Read(rules, data, ShippedContent.Today);

        Assert.Equal(new FactValue.Date(new DateOnly(1986, 2, 14)), facts["birthDate"].Value);
        Assert.Equal(new FactValue.Number(3), facts["achievements"].Value);
        Assert.Equal(["A2", "B2"], rules.Evaluate(facts, ShippedContent.Today).Met);
        var filled = FieldFill.Fill(package.Form, FormFacts.Offers(rules, package.Form, facts, "A2"), JsonSerializer.SerializeToElement(new { }), own => own, 1, replaces: false, ShippedContent.Today).Data;
        Assert.Equal(["condition", "talentClass", "degreeLevel", "titleGrade", "nationalAward", "insuredMonths"], filled.EnumerateObject().Select(p => p.Name));
        // Shared data keeps its word where the form says the same.
        var before = new Dictionary<string, KnownFact> { ["degreeLevel"] = new(new FactValue.Code("master"), FactSource.SharedData), ["titleGrade"] = new(new FactValue.Code("none"), FactSource.SharedData) };
        var at = FormFacts.AtFiling(rules, facts, before);
        Assert.Equal((FactSource.SharedData, FactSource.Applicant), (at["degreeLevel"].Source, at["titleGrade"].Source));
    }

    [Fact]
    public void First_WhenAnEarlierRowMatches_ThenALaterOneGivesWayAndSaysSo_R_ELG_3_R_ELG_5()
    {
        var rules = EligibilityFiles.Read(Path.Combine(ServiceFolders.Examples, "high-level-talent"), null, new Dictionary<string, byte[]>())!;
        ConditionAnswer A2(string award) => rules.Evaluate(Settlement.Facts($$"""{ "titleGrade": "senior", "achievements": 3, "birthDate": "1980-01-01"{{award}} }""", rules), ShippedContent.Today).Conditions.Single(c => c.Id == "A2");

        Assert.Equal(("met", false), (A2(", \"nationalAward\": false").State, A2(", \"nationalAward\": false").Rule!.GivesWay));
        Assert.Equal(("not_met", true), (A2(", \"nationalAward\": true").State, A2(", \"nationalAward\": true").Rule!.GivesWay));
        Assert.Contains("其前面的规则优先适用", A2(", \"nationalAward\": true").ReasonZh, StringComparison.Ordinal);
        // Whether there is an award isn't known, so neither is whether this row counts.
        Assert.Equal("unknown", A2("").State);
    }

    [Fact]
    public void Masked_WhenTheReaderIsBlind_ThenNoValueIsLeftAndElsePersonalOnesAre_R_ELG_5_R_AUD_2()
    {
        var answer = Settlement.Rules.Evaluate(Settlement.Facts("""{ "birthDate": "1986-02-14", "titleGrade": "senior", "qualifiedOn": "2020-01-02", "worksInCity": true }"""), ShippedContent.Today);
        object?[] Values(EligibilityAnswer of) => [.. of.Conditions.SelectMany(c => (c.Rule is null ? [] : (RuleTrace[])[c.Rule]).Concat(c.Hints)).SelectMany(r => r.Facts).SelectMany(f => f.From.Select(g => g.Value).Append(f.Value)).Where(v => v is not null).Distinct()];

        Assert.Equal(["***"], Values(MaskedAnswer.Of(answer, blind: true)));
        Assert.Equal(["***", "1986-**-**", "2020-**-**", "True", "senior"], Values(MaskedAnswer.Of(answer, blind: false)).Select(v => v!.ToString()).Order(StringComparer.Ordinal));
    }

    private static IReadOnlyList<ContentError> Errors(string file, string path, string value)
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["conditions.json", "questionnaire.json"])
            File.Copy(Path.Combine(Settled, name), Path.Combine(folder.Path, name));
        Change(Path.Combine(folder.Path, file), path, value);
        return Assert.Throws<ContentException>(() => EligibilityFiles.Read(folder.Path, null, new Dictionary<string, byte[]>())).Errors;
    }

    /// <summary>Sets what a path such as <c>tables[0].rows[1].then</c> names.</summary>
    private static void Change(string file, string path, string value)
    {
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var (at, parts) = (root, path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in parts[..^1])
            at = part[0] == '[' ? at[int.Parse(part[1..^1], System.Globalization.CultureInfo.InvariantCulture)]! : at[part]!;
        if (parts[^1][0] == '[')
            at[int.Parse(parts[^1][1..^1], System.Globalization.CultureInfo.InvariantCulture)] = JsonNode.Parse(value);
        else
            at[parts[^1]] = JsonNode.Parse(value);
        File.WriteAllText(file, root.ToJsonString());
    }
}
