using System.Collections.Frozen;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>
/// The conditions of a service, ready to be asked: pure, total, and bounded by the size of the tables. Facts that nobody declared, or of
/// another type than declared, are as good as unknown. Immutable; safe to share.
/// </summary>
/// <remarks>Source: R-ELG-3, R-ELG-5; docs/adr/0035.</remarks>
public sealed class EligibilityRules
{
    private readonly FrozenDictionary<string, int> slots;
    private readonly IReadOnlyList<DecisionTable> tables;
    private readonly (int Table, int Row)[][] filing;
    private readonly (int Table, int Row)[][] hints;

    internal EligibilityRules(EligibilityFile file, Questionnaire? questionnaire, string version, IReadOnlyDictionary<string, int> slots, IReadOnlyList<DecisionTable> tables)
    {
        (File, Questionnaire, Version, this.tables) = (file, questionnaire, version, tables);
        this.slots = slots.ToFrozenDictionary(StringComparer.Ordinal);
        filing = Rows(TableUse.Filing);
        hints = Rows(TableUse.Hint);
    }

    /// <summary>What the files say.</summary>
    public EligibilityFile File { get; }

    /// <summary>问答测试; null: the service has none.</summary>
    public Questionnaire? Questionnaire { get; }

    /// <summary>SHA-256 in lower-case hex over the files that the rules are made of.</summary>
    public string Version { get; }

    /// <summary>Checks the files and makes them ready.</summary>
    /// <param name="form">The service's form; null: fields aren't looked at.</param>
    /// <exception cref="Cases.Packages.ContentException">They can't be used; every error names file and path, and what to do.</exception>
    public static EligibilityRules Bind(EligibilityFile file, QuestionnaireFile? questionnaire, Form? form, string version) => new RulesBinder(file, form).Bind(questionnaire, version);

    public ConditionFile? Condition(string id) => File.Conditions.FirstOrDefault(c => c.Id == id);

    public FactDeclaration? Fact(string key) => File.Facts.FirstOrDefault(f => f.Key == key);

    /// <summary>Asks every condition. Never throws, whatever the facts.</summary>
    public EligibilityAnswer Evaluate(IReadOnlyDictionary<string, KnownFact> facts, DateOnly day)
    {
        var known = new KnownFact?[slots.Count];
        foreach (var (key, fact) in facts)
            if (slots.TryGetValue(key, out var slot) && slot < File.Facts.Count && Takes(File.Facts[slot].Type, fact.Value))
                known[slot] = fact;
        var values = new FactValue?[slots.Count];
        for (var i = 0; i < File.Facts.Count; i++)
            values[i] = known[i]?.Value;
        for (var i = 0; i < File.Derived.Count; i++)
            values[File.Facts.Count + i] = Derive(File.Derived[i], values, day);
        var tested = new (Truth[] Matches, Truth[] Hits)[tables.Count];
        for (var t = 0; t < tables.Count; t++)
            tested[t] = tables[t].Test(values);
        var explain = new Explanations(File, slots, known, values);
        var answers = new ConditionAnswer[File.Conditions.Count];
        for (var c = 0; c < answers.Length; c++)
        {
            RuleTrace[] told = hints[c].Length == 0 ? [] : new RuleTrace[hints[c].Length];
            for (var h = 0; h < told.Length; h++)
            {
                var (table, row, match, hit) = At(hints[c][h], tested);
                told[h] = explain.Trace(table, row, match, hit);
            }
            answers[c] = explain.Answer(File.Conditions[c], Nearest(filing[c], tested) is { } best ? At(best, tested) : null, told);
        }
        return new EligibilityAnswer(day, Version, answers);
    }

    /// <summary>The row that a condition is judged by: one that is met, else one that may be, else the first. Null: no row says it.</summary>
    private static (int Table, int Row)? Nearest((int Table, int Row)[] rows, (Truth[] Matches, Truth[] Hits)[] tested)
    {
        if (rows.Length == 0)
            return null;
        var best = rows[0];
        foreach (var row in rows)
            if (tested[row.Table].Hits[row.Row] > tested[best.Table].Hits[best.Row])
                best = row;
        return best;
    }

    private (DecisionTable Table, int Row, Truth Match, Truth Hit) At((int Table, int Row) at, (Truth[] Matches, Truth[] Hits)[] tested) =>
        (tables[at.Table], at.Row, tested[at.Table].Matches[at.Row], tested[at.Table].Hits[at.Row]);

    private FactValue? Derive(DerivedFact derived, FactValue?[] values, DateOnly day)
    {
        FactValue? Of(string key) => values[slots[key]];
        if (derived.AgeOf is { } born)
            return Of(born) is FactValue.Date(var date) && Durations.Age(date, day) is { } age ? new FactValue.Number(age) : null;
        if (derived.InsuredMonths is { } months)
            return Of(months.Of) is FactValue.Periods(var periods) && (months.After is null || Of(months.After) is FactValue.Date)
                ? new FactValue.Months(Durations.InsuredMonths(periods, months.After is null ? null : ((FactValue.Date)Of(months.After)!).Value, day, months.Count)) : null;
        foreach (var key in derived.FirstKnown ?? [])
            if (Of(key) is { } value)
                return value;
        return null;
    }

    private (int Table, int Row)[][] Rows(TableUse use) =>
        [.. File.Conditions.Select((_, c) => tables.SelectMany((table, t) => table.File.Use != use ? [] : table.Rows.Select((row, r) => (Row: row, At: (t, r))).Where(x => x.Row.Then.Contains(c)).Select(x => x.At)).ToArray())];

    internal static bool Takes(FactType type, FactValue value) => (type, value) switch
    {
        (FactType.Boolean, FactValue.Boolean) or (FactType.Number, FactValue.Number) or (FactType.Date, FactValue.Date) or (FactType.Code, FactValue.Code)
            or (FactType.Months, FactValue.Months) or (FactType.Text, FactValue.Text) => true,
        (FactType.Periods, FactValue.Periods(var periods)) => periods.Count <= FactValue.MostPeriods,
        _ => false,
    };
}
