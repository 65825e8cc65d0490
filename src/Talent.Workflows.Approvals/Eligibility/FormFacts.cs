using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Facts that a form says, and what facts fill in of a form.</summary>
public static class FormFacts
{
    /// <summary>The date of birth that an identity number holds.</summary>
    public const string BirthDate = "birthDate";

    /// <summary>How many rows a group has.</summary>
    public const string RowCount = "rows";

    /// <summary>How a field may say a fact where it isn't the value itself.</summary>
    public static readonly IReadOnlyList<string> Readings = [BirthDate, RowCount];

    /// <summary>Whether the field can say the fact.</summary>
    internal static bool Fits(FactDeclaration fact, FormField field) => fact.FieldCodes is not null ? fact.FieldAs is null && field.Type == FieldType.Choice : (fact.FieldAs, fact.Type, field.Type) switch
    {
        (BirthDate, FactType.Date, FieldType.ResidentId) => true,
        (BirthDate, FactType.Date, FieldType.Text) => field.Check == "residentId",
        (RowCount, FactType.Number, FieldType.Group) => true,
        (null, FactType.Boolean, FieldType.Boolean) or (null, FactType.Number or FactType.Months, FieldType.Number) or (null, FactType.Date, FieldType.Date)
            or (null, FactType.Code, FieldType.Choice) or (null, FactType.Text or FactType.Code, FieldType.Text) => true,
        _ => false,
    };

    /// <summary>What the form says, as the applicant's word. Any JSON at all may be given.</summary>
    public static Dictionary<string, KnownFact> Read(EligibilityRules rules, JsonElement form, DateOnly today)
    {
        var facts = new Dictionary<string, KnownFact>(StringComparer.Ordinal);
        foreach (var fact in rules.File.Facts)
            if (fact.Field is { } key && FormData.Find(form, key) is { } json && !FormData.IsEmpty(json) && Value(rules, fact, json, today) is { } value)
                facts[fact.Key] = new KnownFact(value, FactSource.Applicant);
        return facts;
    }

    /// <summary>
    /// What is known when a case is filed: the form, and what was found out before. Where both say the same it is the word of who was asked
    /// first, such as the shared data; where they differ, the form's. What is only claimed by choosing a condition doesn't go before what was found.
    /// </summary>
    public static Dictionary<string, KnownFact> AtFiling(EligibilityRules rules, IReadOnlyDictionary<string, KnownFact> form, IReadOnlyDictionary<string, KnownFact> before)
    {
        var facts = new Dictionary<string, KnownFact>(before, StringComparer.Ordinal);
        foreach (var (key, said) in form)
            if (!before.TryGetValue(key, out var earlier) || !earlier.Value.Equals(said.Value) && (rules.Fact(key)?.FieldCodes is null || earlier.Source == FactSource.Applicant || RecordFacts.IsAbsent(earlier)))
                facts[key] = said;
        return facts;
    }

    /// <summary>What facts have for the form: the condition to file by, fields that are the value itself, and choices of which one code alone says it.</summary>
    internal static IEnumerable<FieldOffer> Offers(EligibilityRules rules, Form form, IReadOnlyDictionary<string, KnownFact> facts, string? condition)
    {
        if (condition is not null && rules.File.ConditionField is { } choice && form.Field(choice) is { } conditions)
            yield return FieldOffer.Of(conditions, condition, new OfferSource(ValueSources.Typed));
        foreach (var fact in rules.File.Facts)
            if (fact is { Field: { } key, FieldAs: null } && key != rules.File.ConditionField && facts.TryGetValue(fact.Key, out var known) && !RecordFacts.IsAbsent(known) && form.Field(key) is { } field && Said(rules, fact, known.Value) is { } said)
                yield return new FieldOffer(field, said, new OfferSource(ValueSources.Of(known.Source)));
    }

    /// <summary>How the fact's field says a value; null: in no way, or in several.</summary>
    private static JsonElement? Said(EligibilityRules rules, FactDeclaration fact, FactValue value) => fact.FieldCodes is not { } codes ? JsonSerializer.SerializeToElement(value.Plain, JsonSerializerOptions.Web)
        : codes.Where(c => value.Equals(SaidFacts.Read(rules.File, fact, c.Value))).Select(c => c.Key).ToArray() is [var only] ? JsonSerializer.SerializeToElement(only) : null;

    private static FactValue? Value(EligibilityRules rules, FactDeclaration fact, JsonElement json, DateOnly today) => fact.FieldAs switch
    {
        BirthDate => FormData.Text(json) is { } number && BirthDateOf(number, today) is { } born ? new FactValue.Date(born) : null,
        RowCount => json.ValueKind == JsonValueKind.Array ? new FactValue.Number(json.GetArrayLength()) : null,
        _ when fact.FieldCodes is { } codes => FormData.Text(json) is { } chosen && codes.TryGetValue(chosen, out var said) ? SaidFacts.Read(rules.File, fact, said) : null,
        _ => SaidFacts.Read(rules.File, fact, json),
    };

    /// <summary>Null: no identity number.</summary>
    internal static DateOnly? BirthDateOf(string number, DateOnly today) => ResidentId.TryParse(number, today, out var id, out _) ? BirthDateOf(id) : null;

    internal static DateOnly BirthDateOf(ResidentId id) => DateOnly.ParseExact(id.Value.AsSpan(6, 8), "yyyyMMdd", CultureInfo.InvariantCulture);
}
