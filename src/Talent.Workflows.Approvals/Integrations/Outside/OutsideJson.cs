using System.Globalization;
using System.Text.Json;

namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>Reads what a service of another office wrote: what isn't as it should be is null.</summary>
internal static class OutsideJson
{
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>ISO 8601 with its zone, as UTC.</summary>
    public static DateTimeOffset? Instant(this JsonElement json, string name) =>
        DateTimeOffset.TryParse(json.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;

    /// <summary>yyyy-MM-dd.</summary>
    public static DateOnly? Date(this JsonElement json, string name) =>
        DateOnly.TryParseExact(json.Text(name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    /// <summary>The items of a list, each read; null: it isn't a list, is longer than <paramref name="most"/>, or one of them can't be read.</summary>
    public static IReadOnlyList<T>? List<T>(this JsonElement json, string name, int most, Func<JsonElement, T?> read) where T : class
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > most)
            return null;
        var items = new List<T>();
        foreach (var item in list.EnumerateArray())
            if (read(item) is { } one)
                items.Add(one);
            else
                return null;
        return items;
    }
}
