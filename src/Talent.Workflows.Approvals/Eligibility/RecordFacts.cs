using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Facts that the shared data says (R-INT-3), and what follows from an identity number.</summary>
internal static class RecordFacts
{
    private static readonly Dictionary<string, FactType> Types = new(StringComparer.Ordinal)
    {
        ["identity.birthDate"] = FactType.Date,
        ["degree.found"] = FactType.Boolean,
        ["degree.level"] = FactType.Code,
        ["degree.school"] = FactType.Text,
        ["degree.certificateNumber"] = FactType.Text,
        ["degree.awardedOn"] = FactType.Date,
        ["title.found"] = FactType.Boolean,
        ["title.grade"] = FactType.Code,
        ["title.name"] = FactType.Text,
        ["title.certificateNumber"] = FactType.Text,
        ["title.awardedOn"] = FactType.Date,
        ["insurance.insured"] = FactType.Boolean,
        ["insurance.periods"] = FactType.Periods,
    };

    private static readonly string[] Grades = ["junior", "intermediate", "senior"];
    private static readonly string[] Levels = ["associate", "bachelor", "master", "doctor"];

    /// <summary>What a declaration may name.</summary>
    public static IEnumerable<string> Names => Types.Keys;

    public static FactType? TypeOf(string name) => Types.TryGetValue(name, out var type) ? type : null;

    /// <summary>What was found, by the names of the declarations. Of several degrees and titles the highest counts.</summary>
    /// <param name="skipped">The page of certificate numbers was skipped: degrees count as none.</param>
    /// <param name="abroad">The number is of a foreign degree: whether there is one of this country isn't known by it.</param>
    public static Dictionary<string, KnownFact> Of(EligibilityFile file, SharedRecords records, bool skipped, bool abroad)
    {
        var (degree, title) = (records.Degrees.MaxBy(d => (Array.IndexOf(Levels, d.Level), d.AwardedOn)), records.Titles.MaxBy(t => (Array.IndexOf(Grades, t.Grade), t.AwardedOn)));
        var facts = new Dictionary<string, KnownFact>(StringComparer.Ordinal);
        foreach (var fact in file.Facts.Where(f => f.Record is not null && f.From.Contains(FactSource.SharedData)))
        {
            var source = skipped && fact.Record!.StartsWith("degree.", StringComparison.Ordinal) ? FactSource.Skipped : FactSource.SharedData;
            if (abroad && fact.Record == "degree.found")
                continue;
            if (Value(fact.Record!, degree, title, records.Insurance) is { } value && (fact.Type != FactType.Code || Knows(file, fact, value)))
                facts[fact.Key] = new KnownFact(value, source);
        }
        return facts;
    }

    /// <summary>The offices have nothing of it, which doesn't prove that there is nothing: the applicant's word goes before.</summary>
    public static bool IsAbsent(KnownFact fact) => fact is { Source: FactSource.SharedData or FactSource.Skipped, Value: FactValue.Boolean(false) or FactValue.Code(RulesBinder.OtherCode) };

    private static FactValue? Value(string record, DegreeRecord? degree, TitleRecord? title, IReadOnlyList<InsurancePeriod> insurance) => record switch
    {
        // 学士 or higher: an associate degree is none. A level that nobody knows says nothing.
        "degree.found" => degree is null ? new FactValue.Boolean(false) : Array.IndexOf(Levels, degree.Level) is >= 0 and var level ? new FactValue.Boolean(level >= Array.IndexOf(Levels, "bachelor")) : null,
        "degree.level" => degree is null ? null : new FactValue.Code(degree.Level),
        "degree.school" => degree is null ? null : new FactValue.Text(degree.School),
        "degree.certificateNumber" => degree is null ? null : new FactValue.Text(degree.CertificateNumber),
        "degree.awardedOn" => degree is null ? null : new FactValue.Date(degree.AwardedOn),
        "title.found" => new FactValue.Boolean(title is not null),
        // Nobody without a title has a grade, and that is known.
        "title.grade" => new FactValue.Code(title?.Grade ?? RulesBinder.OtherCode),
        "title.name" => title is null ? null : new FactValue.Text(title.Title),
        "title.certificateNumber" => title is null ? null : new FactValue.Text(title.CertificateNumber),
        "title.awardedOn" => title is null ? null : new FactValue.Date(title.AwardedOn),
        "insurance.insured" => new FactValue.Boolean(insurance.Count > 0),
        "insurance.periods" => insurance.Count == 0 ? null : new FactValue.Periods(insurance),
        _ => null,
    };

    // An office's code that our table doesn't have says nothing.
    private static bool Knows(EligibilityFile file, FactDeclaration fact, FactValue value) =>
        value is FactValue.Code(var code) && (code == RulesBinder.OtherCode || fact.CodeTable is { } table && file.CodeTables[table].Entries.Any(e => e.Code == code));
}
