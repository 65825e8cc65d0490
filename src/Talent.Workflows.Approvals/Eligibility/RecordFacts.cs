using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Facts that the shared data says (R-INT-3), and what follows from an identity number.</summary>
internal static class RecordFacts
{
    private static readonly Dictionary<string, FactType> Types = new(StringComparer.Ordinal)
    {
        ["identity.birthDate"] = FactType.Date,
        ["degree.found"] = FactType.Boolean,
        ["degree.foundAbroad"] = FactType.Boolean,
        ["degree.foundFullTime"] = FactType.Boolean,
        ["degree.level"] = FactType.Code,
        ["degree.mode"] = FactType.Code,
        ["degree.school"] = FactType.Text,
        ["degree.certificateNumber"] = FactType.Text,
        ["degree.awardedOn"] = FactType.Date,
        ["title.found"] = FactType.Boolean,
        ["title.grade"] = FactType.Code,
        ["title.title"] = FactType.Text,
        ["title.certificateNumber"] = FactType.Text,
        ["title.awardedOn"] = FactType.Date,
        ["insurance.insured"] = FactType.Boolean,
        ["insurance.periods"] = FactType.Periods,
    };

    /// <summary>What a declaration may name.</summary>
    public static IEnumerable<string> Names => Types.Keys;

    public static FactType? TypeOf(string name) => Types.TryGetValue(name, out var type) ? type : null;

    /// <summary>What was found, by the names of the declarations. Of several degrees and titles the highest counts.</summary>
    /// <param name="skipped">The page of certificate numbers was skipped: degrees count as none.</param>
    /// <param name="abroad">The number is of a foreign degree: whether there is one of this country isn't known by it. One from abroad is found by its number alone.</param>
    public static Dictionary<string, KnownFact> Of(EligibilityFile file, SharedRecords records, bool skipped, bool abroad)
    {
        var (degree, title) = (RecordValues.Degree(records), RecordValues.Title(records));
        var facts = new Dictionary<string, KnownFact>(StringComparer.Ordinal);
        foreach (var fact in file.Facts.Where(f => f.Record is not null && f.From.Contains(FactSource.SharedData)))
        {
            var source = skipped && fact.Record!.StartsWith("degree.", StringComparison.Ordinal) ? FactSource.Skipped : FactSource.SharedData;
            if (abroad && (fact.Record is "degree.found" or "degree.foundFullTime"))
                continue;
            if (Value(fact.Record!, records, fact.Record == "degree.foundAbroad" && !abroad ? null : degree, title) is { } value && (fact.Type != FactType.Code || Knows(file, fact, value)))
                facts[fact.Key] = new KnownFact(value, source);
        }
        return facts;
    }

    /// <summary>The offices have nothing of it, which doesn't prove that there is nothing: the applicant's word goes before.</summary>
    public static bool IsAbsent(KnownFact fact) => fact is { Source: FactSource.SharedData or FactSource.Skipped, Value: FactValue.Boolean(false) or FactValue.Code(RulesBinder.OtherCode) };

    private static FactValue? Value(string record, SharedRecords records, DegreeRecord? degree, TitleRecord? title) => record switch
    {
        // 学士 or higher: an associate degree is none. A level that nobody knows says nothing.
        "degree.found" or "degree.foundAbroad" => degree is null ? new FactValue.Boolean(false) : RecordValues.Levels.Contains(degree.Level) ? new FactValue.Boolean(degree.Level != "associate") : null,
        // 普通高校全日制: any of them counts, so that a later degree beside work takes nothing away.
        "degree.foundFullTime" => RecordValues.HasFullTime(records) is { } has ? new FactValue.Boolean(has) : null,
        "title.found" => new FactValue.Boolean(title is not null),
        // Nobody without a title has a grade, and that is known.
        "title.grade" => new FactValue.Code(title?.Grade ?? RulesBinder.OtherCode),
        "insurance.insured" => new FactValue.Boolean(records.Insurance.Count > 0),
        "insurance.periods" => records.Insurance.Count == 0 ? null : new FactValue.Periods(records.Insurance),
        _ => RecordValues.Text(record, degree, title) is { } text ? FactValue.Read(Types[record], System.Text.Json.JsonSerializer.SerializeToElement(text)) : null,
    };

    // An office's code that our table doesn't have says nothing.
    private static bool Knows(EligibilityFile file, FactDeclaration fact, FactValue value) =>
        value is FactValue.Code(var code) && (code == RulesBinder.OtherCode || fact.CodeTable is { } table && file.CodeTables[table].Entries.Any(e => e.Code == code));
}
