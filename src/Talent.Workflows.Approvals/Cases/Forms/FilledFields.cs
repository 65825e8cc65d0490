using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Fields that fill themselves in (自动带入): what the directory says of the employer, whatever is sent for them.</summary>
/// <remarks>Source: Chaoyang 二: “企业名称”会自动带入，不需填写.</remarks>
internal static class FilledFields
{
    /// <summary>What <see cref="FormField.FilledFrom"/> may name.</summary>
    public static readonly IReadOnlyList<string> Sources = ["employer.name", "employer.uscc"];

    /// <summary>The data of a phase with its fields filled in.</summary>
    public static async Task<JsonElement> FillAsync(NpgsqlDataSource database, Form form, short phase, JsonElement data, string employerId, CancellationToken cancellationToken)
    {
        var fields = Of(form, phase);
        if (fields.Length == 0 || data.ValueKind != JsonValueKind.Object)
            return data;
        var values = await database.SingleAsync("select name_zh, uscc from approvals.organisations where id = $1",
            r => new Dictionary<string, string?>(StringComparer.Ordinal) { ["employer.name"] = r.Text(0), ["employer.uscc"] = r.Text(1) }, cancellationToken, employerId);
        var filled = Without(data, fields);
        foreach (var field in fields)
            if (values?.GetValueOrDefault(field.FilledFrom!) is { } value)
                filled[field.Key] = value;
        return JsonSerializer.SerializeToElement(filled);
    }

    /// <summary>The data of a phase without what is sent for such fields: what they say already stays.</summary>
    public static JsonElement Strip(Form form, short phase, JsonElement data) =>
        Of(form, phase) is { Length: > 0 } fields && data.ValueKind == JsonValueKind.Object ? JsonSerializer.SerializeToElement(Without(data, fields)) : data;

    private static FormField[] Of(Form form, short phase) => [.. form.Definition.Steps.Where(s => s.Phase == phase).SelectMany(s => s.Fields).Where(f => f.FilledFrom is not null)];

    private static JsonObject Without(JsonElement data, FormField[] fields)
    {
        var rest = new JsonObject();
        foreach (var property in data.EnumerateObject())
            if (!Array.Exists(fields, f => f.Key == property.Name))
                rest[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        return rest;
    }
}
