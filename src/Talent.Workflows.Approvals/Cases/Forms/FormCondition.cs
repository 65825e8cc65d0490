using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>
/// When a step, a field or a material applies. Exactly one of: <c>all</c>, <c>any</c>, or a <c>field</c> with one of
/// <c>equals</c>, <c>in</c>, <c>present</c>. A field is looked up in the same row first, then in the form.
/// Of several choices, <c>in</c> holds when one of them is listed. An absent field equals nothing, and a boolean not answered yet counts as false.
/// </summary>
public sealed record FormCondition
{
    public IReadOnlyList<FormCondition>? All { get; init; }
    public IReadOnlyList<FormCondition>? Any { get; init; }
    public string? Field { get; init; }
    [JsonPropertyName("equals")]
    public JsonElement? EqualTo { get; init; }
    public IReadOnlyList<string>? In { get; init; }
    public bool? Present { get; init; }

    /// <param name="form">The case data.</param>
    /// <param name="row">The row that the condition stands in, if any.</param>
    public bool Holds(JsonElement form, JsonElement? row = null)
    {
        if (All is not null)
        {
            return All.All(c => c.Holds(form, row));
        }

        if (Any is not null)
        {
            return Any.Any(c => c.Holds(form, row));
        }

        JsonElement? value = FormData.Find(row, Field!) ?? FormData.Find(form, Field!);
        if (Present is bool present)
        {
            return (value is JsonElement v && !FormData.IsEmpty(v)) == present;
        }

        if (In is not null)
        {
            return value is { ValueKind: JsonValueKind.Array } several
                ? several.EnumerateArray().Any(item => FormData.Text(item) is string one && In.Contains(one, StringComparer.Ordinal))
                : FormData.Text(value) is string code && In.Contains(code, StringComparer.Ordinal);
        }

        JsonElement wanted = EqualTo!.Value;
        return value is JsonElement actual && !FormData.IsEmpty(actual)
            ? FormData.Same(actual, wanted)
            : wanted.ValueKind == JsonValueKind.False;
    }

    /// <summary>What is wrong with the condition itself, given the fields that may be named; null when nothing is.</summary>
    internal string? Flaw(Func<string, bool> knows)
    {
        int forms = (All is null ? 0 : 1) + (Any is null ? 0 : 1) + (Field is null ? 0 : 1);
        int tests = (EqualTo is null ? 0 : 1) + (In is null ? 0 : 1) + (Present is null ? 0 : 1);
        if (forms != 1 || tests != (Field is null ? 0 : 1))
        {
            return "a condition needs exactly one of all, any, or field with one of equals, in, present";
        }

        if (Field is not null)
        {
            return knows(Field) ? null : $"the condition names the field '{Field}', which the form doesn't have; correct the name";
        }

        return (All ?? Any)!.Select(c => c.Flaw(knows)).FirstOrDefault(f => f is not null);
    }
}
