using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.Filings.Sources;

/// <summary>Fields of a new draft that the applicant's profile fills in: <c>"prefill": "profile.general.gender"</c>. Pure.</summary>
internal static class Prefill
{
    /// <summary>Before the step of the profile and the field in it; <c>identity</c> has <c>name</c>, <c>residentId</c>, <c>phone</c> and <c>email</c>.</summary>
    public const string Prefix = "profile.";

    public static bool Asks(Form form, int phase) => Fields(form, phase).Any();

    /// <summary>The fields of a phase that have such a path.</summary>
    public static IEnumerable<FormField> Fields(Form form, int phase) => form.Definition.Steps.Where(s => s.Phase == phase).SelectMany(s => s.Fields).Where(f => f.Prefill is not null);

    /// <summary>The data with what the profile says in fields that are empty, apply, and take it.</summary>
    /// <returns>The keys that were filled in, too.</returns>
    public static (JsonElement Data, IReadOnlySet<string> Filled) Fill(Form form, JsonElement data, ProfileContent profile, DateOnly today)
    {
        var filled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in Fields(form, 1))
        {
            if (data.ValueKind != JsonValueKind.Object || FormData.Find(data, field.Key) is { } there && !FormData.IsEmpty(there) || ValueAt(profile, field.Prefill!) is not { } value)
                continue;
            var more = Put(data, field.Key, value);
            if (form.Validate(more, 1, FormMode.Submit, today).Any(e => e.Path == field.Key))
                continue;
            data = more;
            filled.Add(field.Key);
        }
        return (data, filled);
    }

    /// <summary>What a profile has at a path such as <c>profile.general.gender</c>; null: nothing.</summary>
    public static JsonElement? ValueAt(ProfileContent profile, string path) => path.Split('.') is [_, var step, var field]
        && FormData.Find(step == "identity" ? profile.Identity : profile.Steps.TryGetValue(step, out var data) ? data : null, field) is { } value && !FormData.IsEmpty(value) ? value : null;

    private static JsonElement Put(JsonElement data, string key, JsonElement value)
    {
        var copy = JsonObject.Create(data)!;
        copy[key] = JsonNode.Parse(value.GetRawText());
        return JsonSerializer.SerializeToElement(copy);
    }
}
