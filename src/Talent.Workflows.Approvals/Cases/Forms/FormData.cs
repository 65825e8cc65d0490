using System.Text.Json;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Reads case data that may be any JSON at all, without ever throwing.</summary>
internal static class FormData
{
    public static JsonElement? Find(JsonElement? parent, string key)
    {
        try
        {
            return parent is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(key, out JsonElement value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            // A sibling's name holds half of a surrogate pair; the walk over the names reports it.
            return null;
        }
    }

    /// <summary>Null, blank text and an empty list count as not filled in.</summary>
    public static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.String => Text(value) is string text && string.IsNullOrWhiteSpace(text),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };

    /// <summary>The string, or null when it is no string or holds half of a surrogate pair.</summary>
    public static string? Text(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.String } text)
        {
            return null;
        }

        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// One value as the text by which workflows, lists and messages know it: text as it is, numbers as they were written, what is ticked as
    /// <c>true</c> or <c>false</c>. Null: nothing is filled in, or it is a group or a file.
    /// </summary>
    public static string? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    /// <summary>The property's name, or null when it isn't text that can be kept.</summary>
    public static string? Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether every name and text in it can be read: what holds half of a surrogate pair can be judged, and not be taken apart.</summary>
    public static bool IsReadable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value) is not null,
        JsonValueKind.Array => value.EnumerateArray().All(IsReadable),
        JsonValueKind.Object => value.EnumerateObject().All(p => Name(p) is not null && IsReadable(p.Value)),
        _ => true,
    };

    public static bool Same(JsonElement a, JsonElement b) =>
        a.ValueKind == b.ValueKind && a.ValueKind switch
        {
            JsonValueKind.String => Text(a) is string text && text == Text(b),
            JsonValueKind.Number => a.TryGetDecimal(out decimal x) && b.TryGetDecimal(out decimal y) && x == y,
            JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => true,
            _ => false,
        };
}
