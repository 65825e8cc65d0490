using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>The evaluator over rules and facts by chance.</summary>
public sealed class RulesProperties
{
    [Fact]
    public void Evaluation_WhenFactsAreAnything_ThenEveryConditionIsAnsweredAndExplainedAndNothingIsThrown_R_ELG_5() =>
        Property.Holds(from file in RandomRules.File from facts in RandomRules.Known(sound: false, known: 60) from day in RandomRules.Day select (file, facts, day), c =>
        {
            var rules = EligibilityRules.Bind(c.file, null, null, "test");

            var answer = rules.Evaluate(c.facts, c.day);

            Assert.Equal(c.file.Conditions.Select(x => x.Id), answer.Conditions.Select(x => x.Id));
            Assert.All(answer.Conditions, x =>
            {
                Assert.Contains(x.State, (string[])["met", "not_met", "unknown"]);
                Assert.NotEmpty(x.ReasonZh);
                Assert.NotEmpty(x.ReasonEn);
                Assert.Equal(c.file.Conditions.Single(d => d.Id == x.Id).ByOffice, x.Rule is null);
                // What isn't known is named, unless an earlier row of the table may go first.
                Assert.True(x.State != "unknown" || x.Rule is null || x.Rule.GivesWay || x.Missing.Count > 0 || x.Rule.Facts.Any(f => f.State == "unknown"));
            });
            Assert.Equal(Written(answer), Written(rules.Evaluate(c.facts, c.day)));
        });

    [Fact]
    public void Evaluation_WhenMoreIsKnown_ThenWhatWasDecidedStaysDecided_R_ELG_3() =>
        Property.Holds(from file in RandomRules.File from facts in RandomRules.Known(sound: true, known: 100) from left in Gen.Choose(0, 100).ArrayOf(RandomRules.Facts.Count) from day in RandomRules.Day select (file, facts, left, day), c =>
        {
            var rules = EligibilityRules.Bind(c.file, null, null, "test");
            var some = c.facts.Where((_, i) => i >= c.left.Length || c.left[i] < 60).ToDictionary(f => f.Key, f => f.Value);

            var (before, after) = (rules.Evaluate(some, c.day), rules.Evaluate(c.facts, c.day));

            Assert.All(before.Conditions.Zip(after.Conditions), x => Assert.True(x.First.State == "unknown" || x.First.State == x.Second.State, $"{x.First.Id}: {x.First.State}, then {x.Second.State}"));
        });

    [Fact]
    public void Evaluation_WhenAllIsKnown_ThenItSaysWhatReadingTheRowsSays_R_ELG_3() =>
        Property.Holds(from file in RandomRules.File from facts in RandomRules.Known(sound: true, known: 100) from day in RandomRules.Day select (file, facts, day), c =>
        {
            var answer = EligibilityRules.Bind(c.file, null, null, "test").Evaluate(c.facts, c.day);

            foreach (var condition in answer.Conditions.Where(x => x.Rule is not null))
            {
                var met = Read(c.file, c.facts, c.day, condition.Id);
                if (met is { } known)
                    Assert.Equal(known ? "met" : "not_met", condition.State);
            }
        });

    /// <summary>The rows read one by one, in two values; null: an age or a time before birth is asked for.</summary>
    private static bool? Read(EligibilityFile file, Dictionary<string, KnownFact> facts, DateOnly day, string condition)
    {
        var met = false;
        foreach (var table in file.Tables.Where(t => t.Use == TableUse.Filing))
            foreach (var row in table.Rows)
            {
                var matches = true;
                foreach (var (key, cell) in row.When)
                {
                    if (Number(facts, key, day) is not { } value)
                        return null;
                    matches &= Holds(cell, value);
                }
                met |= matches && row.Then.Contains(condition);
                if (matches && table.Hit == HitPolicy.First)
                    break;
            }
        return met;
    }

    private static object? Number(Dictionary<string, KnownFact> facts, string key, DateOnly day) => key switch
    {
        "age" => Durations.Age(((FactValue.Date)facts["date0"].Value).Value, day) is { } age ? (decimal)age : null,
        "insured" => (decimal)Durations.InsuredMonths(((FactValue.Periods)facts["insurance"].Value).Value, ((FactValue.Date)facts["date1"].Value).Value, day, MonthCount.Sum),
        _ => facts[key].Value switch { FactValue.Number(var n) => n, FactValue.Months(var m) => (decimal)m, FactValue.Date(var d) => (decimal)d.DayNumber, var other => other.Plain },
    };

    private static bool Holds(CellFile cell, object value)
    {
        decimal Of(JsonElement json) => json.ValueKind == JsonValueKind.Number ? json.GetDecimal() : DateOnly.Parse(json.GetString()!, CultureInfo.InvariantCulture).DayNumber;
        return cell switch
        {
            { InTable: not null } => value is "a" or "b" or "c",
            { In: { } listed } => listed.Contains((string)value),
            { NotIn: { } listed } => !listed.Contains((string)value),
            { Is: { ValueKind: JsonValueKind.True or JsonValueKind.False } yes } => yes.GetBoolean() == (bool)value,
            { Is: { } same } => Of(same) == (decimal)value,
            { AtLeast: { } low } => (decimal)value >= Of(low),
            { AtMost: { } high } => (decimal)value <= Of(high),
            { Above: { } low } => (decimal)value > Of(low),
            { Below: { } high } => (decimal)value < Of(high),
            _ => throw new InvalidOperationException("An empty cell."),
        };
    }

    private static string Written(EligibilityAnswer answer) => JsonSerializer.Serialize(answer, JsonSerializerOptions.Web);
}
