using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>Conditions, questionnaire and form of a service say the same.</summary>
public sealed class SettlementContentTests
{
    private static readonly DateOnly Day = new(2026, 9, 21);

    private static readonly Dictionary<string, ServicePackage> Packages = Shipped();

    private static ServicePackage Settled => Packages["in-service-settlement"];

    public static TheoryData<string> Services => [.. Packages.Where(p => p.Value.Eligibility is not null).Select(p => p.Key)];

    /// <summary>Every way through the questionnaire, by the ids of its options, with each condition that it leads to.</summary>
    public static TheoryData<string, string> Ways
    {
        get
        {
            var (ways, tree) = (new TheoryData<string, string>(), Settled.Eligibility!.Questionnaire!);
            void Follow(GivenAnswer[] given)
            {
                var place = tree.Follow(given);
                foreach (var option in place.Open?.Options ?? [])
                    Follow([.. given, new GivenAnswer(place.Open!.Id, option.Id)]);
                foreach (var condition in place.Result?.Conditions ?? [])
                    ways.Add(string.Join(' ', given.Select(g => $"{g.Question}={g.Option}")), condition);
            }

            Follow([]);
            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Way_WhenItLeadsToACondition_ThenTheFormTakesTheAnswersAndTheConditionIsMet_R_ELG_2_R_ELG_3_R_ELG_4(string way, string condition)
    {
        var rules = Settled.Eligibility!;
        var session = new SessionData { Answers = [.. way.Split(' ').Select(a => a.Split('=')).Select(a => new GivenAnswer(a[0], a[1]))] };
        Assert.NotEqual(ConditionStates.NotMet, rules.Evaluate(session.Known(rules), Day).Conditions.Single(c => c.Id == condition).State);
        Assert.NotEqual("E", rules.Condition(condition)!.Category);

        var draft = SessionDraft.Of(Settled, rules, session, condition, ofNow: true, Day).Data;
        var complete = Completed(draft, condition);

        Assert.Equal("", string.Join("; ", Settled.Form.Validate(complete, 1, FormMode.Submit, Day).Select(e => $"{e.Path} {e.Code}")));
        Assert.All(draft.EnumerateObject(), field => Assert.True(JsonElement.DeepEquals(field.Value, complete.GetProperty(field.Name))));
        var facts = FormFacts.AtFiling(rules, FormFacts.Read(rules, complete, Day), session.Known(rules));
        var answer = rules.Evaluate(facts, Day).Conditions.Single(c => c.Id == condition);
        Assert.True(answer.State == ConditionStates.Met, answer.ReasonEn);
    }

    [Fact]
    public void Questionnaire_WhenTheDegreeIsFromAbroad_ThenItIsFiledByDegreeAsTheFormAndTheSampleDo_R_ELG_2_R_ELG_3()
    {
        var rules = Settled.Eligibility!;
        var abroad = new SessionData { Answers = [new GivenAnswer("insurance", "yes"), new GivenAnswer("degree", "abroad")] };
        var sample = Settled.Samples.Single(s => s.Name == "05-lin-completed").Phase1;

        Assert.Equal(["A1"], rules.Questionnaire!.Follow(abroad.Answers).Result!.Conditions);
        var draft = SessionDraft.Of(Settled, rules, abroad, "A1", ofNow: true, Day).Data;
        Assert.Equal((sample.GetProperty("condition").GetString(), sample.GetProperty("degreeOrigin").GetString()), (draft.GetProperty("condition").GetString(), draft.GetProperty("degreeOrigin").GetString()));
        Assert.Equal(["A1"], rules.Evaluate(FormFacts.Read(rules, sample, Day), Day).Met);
    }

    /// <summary>Each fact is tested by a rule, and each source that it names can supply it.</summary>
    [Theory]
    [MemberData(nameof(Services))]
    public void Facts_WhenTheyAreDeclared_ThenARuleUsesThemAndTheirSourcesSupplyThem_R_ELG_3_R_ELG_5(string service)
    {
        var rules = Packages[service].Eligibility!;
        var used = rules.File.Tables.SelectMany(t => t.Inputs).ToHashSet();
        foreach (var derived in rules.File.Derived.Reverse().Where(d => used.Contains(d.Key)))
            used.UnionWith(((string?[])[derived.AgeOf, derived.InsuredMonths?.Of, derived.InsuredMonths?.After, .. derived.FirstKnown ?? []]).OfType<string>());
        var said = rules.Questionnaire?.File.Questions.SelectMany(q => q.Options).SelectMany(o => o.Facts?.Keys ?? []).ToHashSet() ?? [];

        Assert.Equal("", string.Join(' ', rules.File.Facts.Select(f => f.Key).Concat(rules.File.Derived.Select(d => d.Key)).Except(used)));
        Assert.Equal("", string.Join(", ", from fact in rules.File.Facts from source in fact.From where !Supplies(fact, source) select $"{fact.Key} by {source}"));

        bool Supplies(FactDeclaration fact, FactSource source) => source switch
        {
            FactSource.Applicant => fact.Field is not null || said.Contains(fact.Key),
            FactSource.Recognition => fact.Recognised is not null,
            FactSource.Identity => fact.Record == "identity.birthDate",
            _ => fact.Record is not null and not "identity.birthDate",
        };
    }

    /// <summary>The form with whatever it still asks for, as somebody could fill it in who meets the condition.</summary>
    private static JsonElement Completed(JsonElement draft, string condition)
    {
        var form = JsonObject.Create(draft)!;
        for (var round = 0; round < 10; round++)
            foreach (var error in Settled.Form.Validate(JsonSerializer.SerializeToElement(form), 1, FormMode.Submit, Day).Where(e => e.Code == FormErrorCodes.Required && form[e.Path] is null))
                form[error.Path] = Value(Settled.Form.Field(error.Path)!, condition);
        return JsonSerializer.SerializeToElement(form);
    }

    private static JsonNode Value(FormField field, string condition) => (field.Key, field.Type) switch
    {
        ("hasCompanions", _) => false,
        ("occupation", _) when condition == "C5" => Settled.Eligibility!.File.CodeTables["shortageTrades"].Entries[0].Code,
        (_, FieldType.Boolean) => true,
        (_, FieldType.Choice) => Settled.Form.Definition.CodeTables[field.CodeTable!][0].Code,
        (_, FieldType.Number) => field.Min ?? 1,
        (_, FieldType.Date) => field.Key == "birthDate" ? "1995-03-04" : "2025-01-06",
        (_, FieldType.Month) => "2018-06",
        (_, FieldType.Phone) => "19900000054",
        (_, FieldType.ResidentId) => ResidentId.Fictitious(new DateOnly(1995, 3, 4), 25).Value,
        _ => string.Concat(Enumerable.Repeat("1234567890", 2))[..Math.Min(field.MaxLength ?? 20, Math.Max(field.MinLength ?? 0, 12))].ToString(CultureInfo.InvariantCulture),
    };

    private static Dictionary<string, ServicePackage> Shipped()
    {
        return ServiceFolders.All.Values.Where(f => f.StartsWith(ShippedContent.Workflows, StringComparison.Ordinal) && File.Exists(Path.Combine(f, "conditions.json")))
            .Select(f => ServicePackage.Load(f, ShippedContent.Shared)).ToDictionary(p => p.Service.Id);
    }
}
