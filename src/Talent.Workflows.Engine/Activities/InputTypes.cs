using System.Globalization;
using System.Text.Json;

namespace Talent.Workflows.Engine.Activities;

/// <summary>
/// Reads values as the types that inputs declare. Studio writes literals as strings ("True", "3", "3.00:00:00"),
/// hand-written files as themselves; both are read. Invariant culture; instants without an offset are UTC.
/// </summary>
public static class InputTypes
{
    public static string AliasOf(Type type) =>
        type == typeof(string) ? "String"
        : type == typeof(bool) ? "Boolean"
        : type == typeof(int) ? "Int32"
        : type == typeof(long?) ? "Int64"
        : type == typeof(double) ? "Double"
        : type == typeof(TimeSpan) || type == typeof(TimeSpan?) ? "TimeSpan"
        : type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?) ? "DateTimeOffset"
        : type == typeof(IReadOnlyList<string>) ? "String[]"
        : type == typeof(IReadOnlyList<int>) ? "Int32[]"
        : type == typeof(IReadOnlyList<JsonElement>) ? "Object[]"
        : "Object";

    public static string EditorOf(Type type) =>
        type == typeof(bool) ? "checkbox"
        : type == typeof(IReadOnlyList<string>) ? "multitext"
        : type == typeof(IReadOnlyList<JsonElement>) ? "json-editor"
        : "singleline";

    /// <summary>Reads a value; false when it is not of that type. Null and undefined read as the type's default.</summary>
    public static bool TryRead<T>(JsonElement json, out T? value)
    {
        value = default;
        if (json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return true;
        object? read = Read(typeof(T), json);
        if (read is null)
            return false;
        value = (T)read;
        return true;
    }

    private static object? Read(Type type, JsonElement json)
    {
        if (type == typeof(JsonElement))
            return json;
        if (type == typeof(string))
            return json.ValueKind == JsonValueKind.String ? json.GetString() : json.GetRawText();
        if (type == typeof(IReadOnlyList<string>))
            return Items(json)?.Select(i => i.ValueKind == JsonValueKind.String ? i.GetString()! : i.GetRawText()).ToArray();
        if (type == typeof(IReadOnlyList<JsonElement>))
            return Items(json);
        if (type == typeof(IReadOnlyList<int>))
            return Items(json) is { } numbers && Array.ConvertAll(numbers, n => (int?)Read(typeof(int), n)) is var read && Array.TrueForAll(read, n => n is not null) ? Array.ConvertAll(read, n => n!.Value) : null;
        if (type == typeof(bool))
            return json.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.String when bool.TryParse(json.GetString(), out var b) => b,
                _ => null,
            };
        if (type == typeof(double))
            return json.ValueKind == JsonValueKind.Number ? json.GetDouble()
                : json.ValueKind == JsonValueKind.String && double.TryParse(json.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var d) ? d : null;
        if (type == typeof(int))
            return Read(typeof(double), json) is double number && number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue ? (int)number : null;
        if (type == typeof(long?))
            return Read(typeof(double), json) is double whole && whole == Math.Floor(whole) && Math.Abs(whole) <= 1L << 53 ? (long)whole : null;
        if (type == typeof(TimeSpan) || type == typeof(TimeSpan?))
            return json.ValueKind == JsonValueKind.String && TimeSpan.TryParse(json.GetString(), CultureInfo.InvariantCulture, out var t) ? t
                : json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var seconds) && Math.Abs(seconds) < 1e11 ? TimeSpan.FromSeconds(seconds) : null;
        if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
            return json.ValueKind == JsonValueKind.String && DateTimeOffset.TryParse(json.GetString(), CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
        throw new InvalidOperationException($"Inputs of type {type} are not supported.");
    }

    // Studio's editors write lists as the text of a JSON array.
    private static JsonElement[]? Items(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
            return [.. json.EnumerateArray()];
        if (json.ValueKind != JsonValueKind.String)
            return null;
        var text = json.GetString()!.Trim();
        if (text.Length == 0)
            return [];
        if (text[0] != '[')
            return [json];
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. document.RootElement.Clone().EnumerateArray()];
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
