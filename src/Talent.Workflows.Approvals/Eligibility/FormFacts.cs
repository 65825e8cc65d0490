using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Forms;
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

    /// <summary>A form with what is known filled in. What the form doesn't take is left out.</summary>
    public static JsonElement Fill(EligibilityRules rules, Form form, IReadOnlyDictionary<string, KnownFact> facts, string? condition, DateOnly today)
    {
        var data = new JsonObject();
        if (condition is not null && rules.File.ConditionField is { } choice)
            data[choice] = condition;
        foreach (var fact in rules.File.Facts)
            if (fact is { Field: { } key, FieldAs: null, FieldCodes: null } && facts.TryGetValue(fact.Key, out var known) && !RecordFacts.IsAbsent(known) && form.Field(key) is { Type: not FieldType.Group } && form.PhaseOf(key) == 1)
                data[key] = JsonSerializer.SerializeToNode(known.Value.Plain);
        var filled = JsonSerializer.SerializeToElement(data);
        foreach (var error in form.Validate(filled, 1, FormMode.Draft, today))
            data.Remove(error.Path);
        // A field that another choice rules out would have to be cleared before the case can be handed in.
        filled = JsonSerializer.SerializeToElement(data);
        foreach (var error in form.Validate(filled, 1, FormMode.Submit, today).Where(e => e.Code == FormErrorCodes.NotApplicable))
            data.Remove(error.Path);
        return JsonSerializer.SerializeToElement(data);
    }

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
