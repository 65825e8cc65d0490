using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Filings.Readings;

/// <summary>What of a recognised document goes into a form (R-CASE-5). Pure.</summary>
internal static class ReadingFill
{
    private const int LongestValue = 500;

    /// <summary>What was read on a material.</summary>
    /// <param name="data">The form of the phase.</param>
    /// <param name="whole">The form of all phases, given that of this one.</param>
    /// <param name="replaces">Whether it takes the place of what is there (重新获取); else only empty fields are filled in.</param>
    /// <returns>The form with it, and what to keep of the reading.</returns>
    public static (JsonElement Data, ReadingContent Content) Of(ServicePackage package, MaterialSlot slot, Guid material, RecognisedDocument document, JsonElement data, Func<JsonElement, JsonElement> whole, short phase, bool replaces, DateOnly today)
    {
        var row = slot.Group is null ? null : slot.References(data).FirstOrDefault(r => r.Material == material)?.Row;
        var places = slot.Group is not null && row is null ? [] : slot.Material.Recognise!.Fields.OrderBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => new Place(slot.Group, row, Field(package.Form, slot.Group, f.Key), document.Fields.FirstOrDefault(said => said.Name == f.Value)?.Value));
        return Fill(package.Form, places, [.. document.Fields.Where(f => IsText(f.Value)).Select(f => new SaidField(f.Name, f.Value, f.Confidence))], data, whole, phase, replaces, today);
    }

    /// <summary>What other offices know of the applicant: it takes the place of what is there.</summary>
    public static (JsonElement Data, ReadingContent Content) Of(Form form, SharedRecords records, JsonElement data, Func<JsonElement, JsonElement> whole, short phase, DateOnly today)
    {
        Place[] places = [.. SharedFacts.Fields(form).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new Place(null, null, f, SharedFacts.ValueOf(f, records, form, whole(data))))];
        return Fill(form, places, [.. places.Where(p => p.Said is not null && IsText(p.Said)).Select(p => new SaidField(p.Field.Shared!, p.Said!, 1))], data, whole, phase, replaces: true, today);
    }

    private sealed record Place(string? Group, int? Row, FormField Field, string? Said);

    private static (JsonElement Data, ReadingContent Content) Fill(Form form, IEnumerable<Place> places, IReadOnlyList<SaidField> said, JsonElement data, Func<JsonElement, JsonElement> whole, short phase, bool replaces, DateOnly today)
    {
        var (fields, filled, replaced) = (new SortedDictionary<string, string>(StringComparer.Ordinal), new List<string>(), new SortedDictionary<string, string>(StringComparer.Ordinal));
        foreach (var (group, row, field, text) in places)
        {
            if (form.PhaseOf(group ?? field.Key) != phase || Value(form, field, text) is not { } value)
                continue;
            var path = row is { } at ? $"{group}[{at}].{field.Key}" : field.Key;
            var with = Put(data, group, row, field.Key, value);
            // What the form wouldn't take of it is no suggestion: a wrong check digit was misread.
            if (form.Validate(whole(with), phase, FormMode.Submit, today).Any(e => e.Path == path))
                continue;
            fields[path] = value;
            var there = SourceMap.Values(data).TryGetValue(path, out var old) ? FormData.Text(old) ?? old.GetRawText() : null;
            if (there is not null && !replaces)
                continue;
            if (there is not null && there != value)
                replaced[path] = there;
            data = with;
            filled.Add(path);
        }
        return (data, new ReadingContent(said, fields, filled, replaced));
    }

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

    /// <summary>A choice is read by its code or its word; null: it isn't one, or nothing was read.</summary>
    private static string? Value(Form form, FormField field, string? said) => said?.Trim() is not { Length: > 0 } text || !IsText(text) ? null
        : field.CodeTable is { } table ? form.Definition.CodeTables[table].FirstOrDefault(e => e.Code == text || e.Zh == text)?.Code
        : text;

    private static bool IsText(string text) => text.Length <= LongestValue && !text.Any(char.IsControl);

    private static JsonElement Put(JsonElement data, string? group, int? row, string key, string value)
    {
        var copy = JsonObject.Create(data)!;
        if (group is null)
            copy[key] = value;
        else
            copy[group]![row!.Value]![key] = value;
        return JsonSerializer.SerializeToElement(copy);
    }
}
