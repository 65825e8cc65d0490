using System.Globalization;
using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>Studio writes numbers and booleans as strings, hand-written files as themselves; both are read.</summary>
internal static class JsonLeniency
{
    public static bool TryGetInt32Lenient(this JsonElement json, out int value)
    {
        value = 0;
        return json.ValueKind switch
        {
            JsonValueKind.Number => json.TryGetInt32(out value),
            JsonValueKind.String => int.TryParse(json.GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out value),
            _ => false,
        };
    }
}
