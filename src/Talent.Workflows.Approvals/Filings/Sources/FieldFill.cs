using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.Filings.Sources;

/// <summary>What a source has for a field.</summary>
/// <param name="Said">As the source says it: a choice by its code or its word, a month by a date too. Undefined: nothing.</param>
/// <param name="From">Where it is from.</param>
internal sealed record FieldOffer(FormField Field, JsonElement Said, OfferSource From)
{
    /// <summary>The group whose row it is for; null: the field stands by itself.</summary>
    public string? Group { get; init; }

    /// <inheritdoc cref="Group"/>
    public int? Row { get; init; }

    public string Path => Row is { } at ? $"{Group}[{at}].{Field.Key}" : Field.Key;

    public static FieldOffer Of(FormField field, string? said, OfferSource from) => new(field, said is null ? default : JsonSerializer.SerializeToElement(said), from);
}

/// <param name="Source">One of <see cref="ValueSources"/>.</param>
/// <param name="Slot">The material that it was read on; null: on none.</param>
/// <param name="Material">Its id.</param>
internal sealed record OfferSource(string Source, string? Slot = null, Guid? Material = null);

/// <summary>A form with what sources have for it.</summary>
/// <param name="Fits">What the form takes of the offers, filled in or not: path → value.</param>
/// <param name="Filled">What was filled in: path → where it is from.</param>
/// <param name="Replaced">What stood there before, and was another: path → value.</param>
internal sealed record FilledForm(JsonElement Data, IReadOnlyDictionary<string, JsonElement> Fits, IReadOnlyDictionary<string, OfferSource> Filled, IReadOnlyDictionary<string, JsonElement> Replaced);

/// <summary>
/// How what a source says becomes a field: the same for a profile, shared data, documents that were read, and the facts of a test. What the form
/// doesn't take is left out, and nobody declares anything for the applicant. Pure.
/// </summary>
/// <remarks>Source: R-CASE-5, R-ELG-4; docs/adr/0039, 0040.</remarks>
internal static class FieldFill
{
    private const int LongestValue = 500;

    /// <summary>Fills in the fields of a phase. Of several offers for one field the first that fits goes in.</summary>
    /// <param name="data">The form of the phase.</param>
    /// <param name="whole">The form of all phases, given that of this one.</param>
    /// <param name="replaces">Whether an offer takes the place of what is there (重新获取); else only empty fields are filled in.</param>
    public static FilledForm Fill(Form form, IEnumerable<FieldOffer> offers, JsonElement data, Func<JsonElement, JsonElement> whole, int phase, bool replaces, DateOnly today)
    {
        var (fits, filled, replaced) = (new SortedDictionary<string, JsonElement>(StringComparer.Ordinal), new Dictionary<string, OfferSource>(StringComparer.Ordinal), new SortedDictionary<string, JsonElement>(StringComparer.Ordinal));
        var open = offers.Where(o => form.PhaseOf(o.Group ?? o.Field.Key) == phase).ToList();
        // A field may apply only once another is filled in, whatever their order: as long as something goes in, the rest is tried again.
        for (var more = data.ValueKind == JsonValueKind.Object; more;)
        {
            more = false;
            foreach (var offer in open.ToArray())
            {
                if (Value(form, offer.Field, offer.Said) is not { } value || (Taken(Put(data, offer, value, [])) ?? Taken(Put(data, offer, value, Open(data, offer)))) is not var (with, paths))
                    continue;
                open.Remove(offer);
                fits.TryAdd(offer.Path, value);
                var there = SourceMap.Values(data).TryGetValue(offer.Path, out var old);
                if (there && (!replaces || filled.ContainsKey(offer.Path)))
                    continue;
                if (there && !JsonElement.DeepEquals(old, value))
                    replaced[offer.Path] = old;
                data = with;
                foreach (var path in paths)
                    filled[path] = offer.From;
                more = true;
            }
        }
        return new FilledForm(data, fits, filled, replaced);

        (JsonElement Data, string[] Paths)? Taken((JsonElement Data, string[] Paths)? put) =>
            put is var (with, paths) && !form.Validate(whole(with), phase, FormMode.Submit, today).Any(e => paths.Contains(e.Path)) ? (with, paths) : null;
    }

    /// <summary>Null: the field can't have it.</summary>
    private static JsonElement? Value(Form form, FormField field, JsonElement said)
    {
        if (FormData.IsEmpty(said) || field.MustBe is not null || field.Type == FieldType.Group)
            return null;
        if (FormData.Text(said)?.Trim() is not { } text)
            return said;
        if (text.Length > LongestValue && !field.Multiline || text.Any(c => char.IsControl(c) && !(field.Multiline && c == '\n')))
            return null;
        return field.Type switch
        {
            FieldType.Choice => form.Definition.CodeTables[field.CodeTable!].FirstOrDefault(e => e.Code == text || e.Zh == text) is { } entry ? JsonSerializer.SerializeToElement(entry.Code) : null,
            FieldType.Month when text.Length == "2026-09-21".Length => JsonSerializer.SerializeToElement(text[.."2026-09".Length]),
            _ => JsonSerializer.SerializeToElement(text),
        };
    }

    /// <summary>The choices that an offer makes where they are open.</summary>
    private static KeyValuePair<string, string>[] Open(JsonElement data, FieldOffer offer) =>
        [.. (offer.Field.FilledWith ?? new Dictionary<string, string>()).Where(w => FormData.Find(data, w.Key) is not { } there || FormData.IsEmpty(there))];

    /// <returns>With the paths that were put; null: there is no such row.</returns>
    private static (JsonElement Data, string[] Paths)? Put(JsonElement data, FieldOffer offer, JsonElement value, KeyValuePair<string, string>[] choices)
    {
        var copy = JsonObject.Create(data)!;
        foreach (var (key, code) in choices)
            copy[key] = code;
        var at = offer.Group is null ? copy : copy[offer.Group] is JsonArray rows && offer.Row < rows.Count ? rows[offer.Row.Value] as JsonObject : null;
        if (at is null)
            return null;
        at[offer.Field.Key] = JsonNode.Parse(value.GetRawText());
        return (JsonSerializer.SerializeToElement(copy), [.. choices.Select(c => c.Key), offer.Path]);
    }
}
