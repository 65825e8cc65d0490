using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Filings.Recognitions;

/// <summary>What of a recognised document goes into a form (R-CASE-5). Pure.</summary>
internal static class RecognitionFill
{
    private const int LongestValue = 500;

    /// <summary>What was read on a material.</summary>
    /// <param name="data">The form of the phase.</param>
    /// <param name="whole">The form of all phases, given that of this one.</param>
    /// <param name="replaces">Whether it takes the place of what is there (重新获取); else only empty fields are filled in.</param>
    /// <returns>The form with it, and what to keep of the recognition.</returns>
    public static (JsonElement Data, RecognitionContent Content) Of(ServicePackage package, MaterialSlot slot, Guid material, RecognisedDocument document, JsonElement data, Func<JsonElement, JsonElement> whole, short phase, bool replaces, DateOnly today) =>
        Of(FieldFill.Fill(package.Form, IsAsked(slot, material, data, whole) ? Offers(package.Form, slot, material, document, data) : [], data, whole, phase, replaces, today),
            document.Fields.Where(f => IsText(f.Value)).Select(f => new SaidField(f.Name, f.Value, f.Confidence)));

    /// <summary>What other offices know of the applicant: it takes the place of what is there.</summary>
    public static (JsonElement Data, RecognitionContent Content) Of(Form form, SharedRecords records, JsonElement data, Func<JsonElement, JsonElement> whole, short phase, DateOnly today)
    {
        FieldOffer[] offers = [.. SharedFacts.Offers(form, records, whole(data))];
        return Of(FieldFill.Fill(form, offers, data, whole, phase, replaces: true, today),
            offers.Select(o => (o.Field, Text: FormData.Text(o.Said))).Where(o => o.Text is { } text && IsText(text)).Select(o => new SaidField(o.Field.Shared!, o.Text!, 1)));
    }

    /// <summary>What was read on a material, for the fields that the service says: of the row that names it where it is a row's.</summary>
    /// <param name="data">The form of the phase.</param>
    public static IEnumerable<FieldOffer> Offers(Form form, MaterialSlot slot, Guid material, RecognisedDocument document, JsonElement data)
    {
        var row = slot.Group is null ? null : slot.References(data).FirstOrDefault(r => r.Material == material)?.Row;
        return slot.Group is not null && row is null ? [] : slot.Material.Recognise!.Fields.OrderBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => FieldOffer.Of(Field(form, slot.Group, f.Key), document.Fields.FirstOrDefault(said => said.Name == f.Value)?.Value, new OfferSource(ValueSources.Recognition, slot.Key, material)) with { Group = slot.Group, Row = row });
    }

    /// <summary>Whether the form asks for the material: what it doesn't any more, such as the certificate of a house that nobody moves to, suggests nothing.</summary>
    private static bool IsAsked(MaterialSlot slot, Guid material, JsonElement data, Func<JsonElement, JsonElement> whole) =>
        slot.Group is null ? slot.Applies(whole(data)) : slot.References(data).FirstOrDefault(r => r.Material == material)?.Row is { } row && slot.RowsAsked(data).Contains(row);

    private static (JsonElement Data, RecognitionContent Content) Of(FilledForm filled, IEnumerable<SaidField> said) =>
        (filled.Data, new RecognitionContent([.. said], Texts(filled.Fits), [.. filled.Filled.Keys], Texts(filled.Replaced)));

    private static SortedDictionary<string, string> Texts(IReadOnlyDictionary<string, JsonElement> values) =>
        new(values.ToDictionary(v => v.Key, v => FormData.Text(v.Value) ?? v.Value.GetRawText()), StringComparer.Ordinal);

    /// <summary>The form without the values at these paths.</summary>
    public static JsonElement Without(JsonElement data, IEnumerable<string> paths)
    {
        var copy = JsonObject.Create(data)!;
        foreach (var path in paths)
            if (path.Split('[', ']', '.') is [var group, var index, _, var key] && copy[group] is JsonArray rows && int.TryParse(index, out var at) && at < rows.Count && rows[at] is JsonObject row)
                row.Remove(key);
            else
                copy.Remove(path);
        return JsonSerializer.SerializeToElement(copy);
    }

    private static FormField Field(Form form, string? group, string key) => group is null ? form.Field(key)! : form.Field(group)!.Fields!.First(f => f.Key == key);

    private static bool IsText(string text) => text.Length <= LongestValue && !text.Any(char.IsControl);
}
