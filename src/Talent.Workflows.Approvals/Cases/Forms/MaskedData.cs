using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Case data with the numbers by which a person can be found or impersonated masked (R-AUD-2): identity numbers and phones.</summary>
internal static class MaskedData
{
    /// <param name="data">Case data by field, as <see cref="FormDefinition"/> describes it.</param>
    public static JsonElement Of(Form form, JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object)
            return data;
        var copy = JsonObject.Create(data)!;
        foreach (var step in form.Definition.Steps)
            Mask(copy, step.Fields);
        return JsonSerializer.SerializeToElement(copy);
    }

    /// <summary>The same without what is shown masked.</summary>
    public static JsonElement Without(Form form, JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object)
            return data;
        var copy = JsonObject.Create(data)!;
        foreach (var step in form.Definition.Steps)
            Drop(copy, step.Fields);
        return JsonSerializer.SerializeToElement(copy);
    }

    private static void Drop(JsonObject row, IReadOnlyList<FormField> fields)
    {
        foreach (var field in fields)
            if (field.IsDocumentNumber || field.Type is FieldType.Phone or FieldType.Email)
                row.Remove(field.Key);
            else if (field.Fields is { } inner && row[field.Key] is JsonArray rows)
                foreach (var item in rows.OfType<JsonObject>())
                    Drop(item, inner);
    }

    /// <summary>The fields of the data that are shown masked where they aren't shown in full, such as <c>residentId</c> or <c>family.phone</c>.</summary>
    public static IEnumerable<string> FieldsOf(Form form, JsonElement data) =>
        data.ValueKind == JsonValueKind.Object ? form.Definition.Steps.SelectMany(s => FieldsOf(JsonObject.Create(data)!, s.Fields, "")).Distinct(StringComparer.Ordinal) : [];

    private static IEnumerable<string> FieldsOf(JsonObject row, IReadOnlyList<FormField> fields, string path)
    {
        foreach (var field in fields)
            switch (field.Type, row[field.Key])
            {
                case (_, JsonValue) when field.IsDocumentNumber:
                case (FieldType.Phone or FieldType.Email, JsonValue):
                    yield return path + field.Key;
                    break;
                case (FieldType.Group, JsonArray rows) when field.Fields is { } inner:
                    foreach (var name in rows.OfType<JsonObject>().SelectMany(item => FieldsOf(item, inner, $"{path}{field.Key}.")))
                        yield return name;
                    break;
            }
    }

    private static void Mask(JsonObject row, IReadOnlyList<FormField> fields)
    {
        foreach (var field in fields)
        {
            switch (field.Type, row[field.Key])
            {
                case (_, JsonValue id) when field.IsDocumentNumber && id.GetValueKind() == JsonValueKind.String:
                    row[field.Key] = Masking.ResidentId(id.GetValue<string>(), MaskingProfile.Officer);
                    break;
                case (FieldType.Phone, JsonValue phone) when phone.GetValueKind() == JsonValueKind.String:
                    row[field.Key] = Masking.Phone(phone.GetValue<string>(), MaskingProfile.Officer);
                    break;
                case (FieldType.Email, JsonValue address) when address.GetValueKind() == JsonValueKind.String:
                    row[field.Key] = Masking.Email(address.GetValue<string>(), MaskingProfile.Officer);
                    break;
                case (FieldType.Group, JsonArray rows) when field.Fields is { } inner:
                    foreach (var item in rows.OfType<JsonObject>())
                        Mask(item, inner);
                    break;
            }
        }
    }
}
