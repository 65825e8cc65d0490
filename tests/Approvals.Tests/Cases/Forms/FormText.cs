using System.Text;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

/// <summary>Forms that a test writes down, bound with the shipped code tables.</summary>
internal static class FormText
{
    public static readonly DateOnly Today = new(2026, 9, 21);

    /// <param name="fields">The fields of its one step, as JSON.</param>
    /// <param name="rules">As JSON, without the brackets.</param>
    public static Form Of(string fields, string rules = "", string tables = "") => Parse($$"""
        { "codeTables": { {{tables}} }, "steps": [ { "key": "one", "zh": "一", "en": "One", "phase": 1, "fields": [ {{fields}} ] } ], "rules": [ {{rules}} ] }
        """);

    public static Form Parse(string json) => Form.Bind(ContentFile.Parse<FormDefinition>("form.json", Encoding.UTF8.GetBytes(json)), ShippedContent.Checks, "form.json", ShippedContent.Tables);

    /// <summary>"path: code: Chinese" of each error at submission.</summary>
    public static string[] Submit(this Form form, string data, DateOnly? filedOn = null) =>
        [.. form.Validate(Json(data), 1, FormMode.Submit, Today, filedOn: filedOn).Select(e => $"{e.Path}: {e.Code}: {e.Zh}")];

    public static JsonElement Json(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
