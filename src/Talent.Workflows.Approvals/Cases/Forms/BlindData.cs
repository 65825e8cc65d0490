using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Case data for who judges without knowing whom (盲审): personal fields are left out, and names are struck wherever they stand in a text.</summary>
internal static class BlindData
{
    private const string Struck = "＊＊＊";

    /// <param name="names">The applicant's and the employer's; empty ones count for nothing.</param>
    public static JsonElement Of(Form form, JsonElement data, IEnumerable<string?> names)
    {
        if (data.ValueKind != JsonValueKind.Object)
            return data;
        var copy = JsonObject.Create(data)!;
        foreach (var step in form.Definition.Steps)
            Hide(copy, step.Fields);
        var struck = names.OfType<string>().Where(n => n.Length > 1).OrderByDescending(n => n.Length).ToArray();
        return JsonSerializer.SerializeToElement(Strike(copy, struck));
    }

    private static void Hide(JsonObject row, IReadOnlyList<FormField> fields)
    {
        foreach (var field in fields)
            if (field.Personal || field.IsDocumentNumber || field.Type is FieldType.Phone or FieldType.Email)
                row.Remove(field.Key);
            else if (field.Type == FieldType.Group && field.Fields is { } inner && row[field.Key] is JsonArray rows)
                foreach (var item in rows.OfType<JsonObject>())
                    Hide(item, inner);
    }

    private static JsonNode? Strike(JsonNode? node, string[] names) => node switch
    {
        JsonObject row => new JsonObject(row.Select(p => KeyValuePair.Create(p.Key, Strike(p.Value, names)))),
        JsonArray rows => new JsonArray([.. rows.Select(r => Strike(r, names))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => names.Aggregate(value.GetValue<string>(), (text, name) => text.Replace(name, Struck, StringComparison.Ordinal)),
        _ => node?.DeepClone(),
    };
}
