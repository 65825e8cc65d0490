using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>
/// One text for one JSON value, so that a store that writes JSON its own way (PostgreSQL's jsonb does) doesn't break a hash:
/// no spaces, property names in ordinal order, the shortest escapes, numbers without exponent or idle zeros.
/// </summary>
public static class CanonicalJson
{
    /// <exception cref="FormatException">Not JSON; a property twice; a number of more than 28 digits; half a surrogate pair.</exception>
    public static string Of(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var text = new StringBuilder(json.Length);
            Write(document.RootElement, text);
            return text.ToString();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"This isn't JSON that can be kept: {e.Message}", e);
        }
    }

    private static void Write(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var properties = value.EnumerateObject().Select(p => (p.Name, p.Value)).OrderBy(p => p.Name, StringComparer.Ordinal).ToArray();
                text.Append('{');
                for (var i = 0; i < properties.Length; i++)
                {
                    if (i > 0 && properties[i].Name == properties[i - 1].Name)
                    {
                        throw new FormatException($"Property \"{properties[i].Name}\" is there twice.");
                    }

                    text.Append(i > 0 ? "," : "");
                    Write(properties[i].Name, text);
                    text.Append(':');
                    Write(properties[i].Value, text);
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(first ? "" : ",");
                    first = false;
                    Write(item, text);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                Write(value.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value.GetRawText()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static string Number(string raw)
    {
        // A decimal is exact; what it would have to round is refused rather than changed.
        var parts = raw.Split('e', 'E');
        var exponent = parts.Length == 1 ? 0 : int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var e) ? e : int.MaxValue;
        var digits = parts[0].TrimStart('-', '0', '.').Count(char.IsAsciiDigit);
        var decimals = parts[0].Contains('.', StringComparison.Ordinal) ? parts[0].Length - parts[0].IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        if (digits > 28 || exponent is > 28 or < -28 || decimals - exponent > 28 || !decimal.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            throw new FormatException($"The number {raw} has too many digits to be kept exactly; write it as a text.");
        }

        var text = number.ToString("0.############################", CultureInfo.InvariantCulture);
        return text == "-0" ? "0" : text;
    }

    private static void Write(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
