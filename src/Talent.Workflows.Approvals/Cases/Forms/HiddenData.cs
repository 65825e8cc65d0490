using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Case data without the steps and fields that are hidden from some stages (<see cref="FormField.HiddenFrom"/>).</summary>
internal static class HiddenData
{
    /// <param name="hidden">Keys of fields, as <see cref="Fields"/> says them.</param>
    public static JsonElement Without(JsonElement data, IReadOnlySet<string> hidden)
    {
        if (data.ValueKind != JsonValueKind.Object || hidden.Count == 0)
            return data;
        var copy = JsonObject.Create(data)!;
        foreach (var field in hidden)
            copy.Remove(field);
        return JsonSerializer.SerializeToElement(copy);
    }

    /// <summary>Keys of the fields that are hidden from one of the stages at least.</summary>
    public static IReadOnlySet<string> Fields(Form form, IReadOnlyCollection<string> stages) => stages.Count == 0 ? new HashSet<string>()
        : form.Definition.Steps.SelectMany(s => s.Fields.Where(f => Meets(s.HiddenFrom, stages) || Meets(f.HiddenFrom, stages))).Select(f => f.Key).ToHashSet(StringComparer.Ordinal);

    private static bool Meets(IReadOnlyList<string>? hiddenFrom, IReadOnlyCollection<string> stages) => hiddenFrom?.Any(stages.Contains) == true;
}
