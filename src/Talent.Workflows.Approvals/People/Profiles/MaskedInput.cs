using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.People.Profiles;

/// <summary>
/// Numbers are shown masked, and whoever edits a step sends back what they were shown: a number that is the mask of the stored one
/// means the stored one. Any other masked number is refused, so that no mask is ever kept for a number.
/// </summary>
internal static class MaskedInput
{
    /// <param name="given">The step's data as sent, checked as a draft.</param>
    /// <param name="stored">The step's data as kept; null: never saved.</param>
    public static (JsonElement Data, IReadOnlyList<FormError> Errors) Resolve(FormStep step, JsonElement given, JsonElement? stored)
    {
        var data = JsonObject.Create(given)!;
        var before = stored is { } kept ? JsonObject.Create(kept)! : [];
        var errors = new List<FormError>();
        foreach (var field in step.Fields)
            switch (field.Type, data[field.Key])
            {
                case (FieldType.Group, JsonArray rows):
                    var earlier = (before[field.Key] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [];
                    for (var i = 0; i < rows.Count; i++)
                        if (rows[i] is JsonObject row)
                            foreach (var inner in field.Fields!)
                                // The row may have moved: the one at the same place comes first, then the only one that fits.
                                Mend(inner, row, [.. earlier.Skip(i).Take(1), .. earlier.Where((_, at) => at != i)], $"{field.Key}[{i}].{inner.Key}", i < earlier.Length);
                    break;
                default:
                    Mend(field, data, [before], field.Key, sameFirst: true);
                    break;
            }
        return (JsonSerializer.SerializeToElement(data), errors);

        void Mend(FormField field, JsonObject row, JsonObject[] candidates, string path, bool sameFirst)
        {
            if (Masked(field) is not { } mask || row[field.Key] is not JsonValue value || !value.TryGetValue<string>(out var text) || !text.Contains('*', StringComparison.Ordinal))
                return;
            var fitting = candidates.Select((c, i) => (Full: c[field.Key] is JsonValue v && v.TryGetValue<string>(out var full) ? full : null, First: i == 0 && sameFirst))
                .Where(c => c.Full is not null && mask(c.Full) == text).ToArray();
            var full = fitting.FirstOrDefault(c => c.First).Full ?? (fitting.Select(c => c.Full).Distinct(StringComparer.Ordinal).ToArray() is [var only] ? only : null);
            if (full is not null)
                row[field.Key] = full;
            else
                errors.Add(new FormError(path, FormErrorCodes.BadFormat, $"“{field.Zh}”为脱敏号码，请填写完整号码", $"{field.En} is a masked number; give all of it"));
        }
    }

    private static Func<string, string>? Masked(FormField field) => field switch
    {
        { Type: FieldType.Phone } => text => Masking.Phone(text, MaskingProfile.Officer),
        { Type: FieldType.Email } => text => Masking.Email(text, MaskingProfile.Officer),
        { IsDocumentNumber: true } => text => Masking.ResidentId(text, MaskingProfile.Officer),
        _ => null,
    };
}
