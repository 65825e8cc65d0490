using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

/// <summary>
/// JSON Schema 2020-12 as far as forms use it, worked out here on its own. A keyword that it doesn't know fails the test, so that
/// nothing is taken for checked that wasn't; <c>format</c> is an annotation, as the standard has it.
/// </summary>
internal sealed class SchemaCheck(JsonObject root)
{
    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal) { "$schema", "$id", "$defs", "title", "description", "format", "then", "else" };

    /// <summary>Paths of what isn't valid, each with the keyword that it breaks; empty: it is valid.</summary>
    public IReadOnlyList<string> Errors(JsonElement data)
    {
        var errors = new List<string>();
        Check(root, data, "", errors);
        return errors;
    }

    private bool Holds(JsonNode schema, JsonElement data)
    {
        var errors = new List<string>();
        Check(schema, data, "", errors);
        return errors.Count == 0;
    }

    private void Check(JsonNode schema, JsonElement data, string path, List<string> errors)
    {
        if (schema is JsonValue truth)
        {
            if (!truth.GetValue<bool>())
                errors.Add($"{path}: false");
            return;
        }
        var rules = schema.AsObject();
        foreach (var (keyword, value) in rules)
        {
            if (Annotations.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal))
                continue;
            var before = errors.Count;
            if (!Keyword(rules, keyword, value!, data, path, errors) && errors.Count == before)
                errors.Add($"{path}: {keyword}");
        }
    }

    private bool Keyword(JsonObject rules, string keyword, JsonNode value, JsonElement data, string path, List<string> errors)
    {
        var (isText, isNumber, isArray, isObject) = (data.ValueKind == JsonValueKind.String, data.ValueKind == JsonValueKind.Number, data.ValueKind == JsonValueKind.Array, data.ValueKind == JsonValueKind.Object);
        switch (keyword)
        {
            case "$ref":
                Check(root["$defs"]![value.GetValue<string>()["#/$defs/".Length..]]!, data, path, errors);
                return errors.Count == 0;
            case "type":
                return value.GetValue<string>() switch
                {
                    "object" => isObject, "array" => isArray, "string" => isText, "number" => isNumber, "null" => data.ValueKind == JsonValueKind.Null,
                    "boolean" => data.ValueKind is JsonValueKind.True or JsonValueKind.False, var other => throw new NotSupportedException(other),
                };
            case "const":
                return Same(value, data);
            case "enum":
                return value.AsArray().Any(v => Same(v!, data));
            case "pattern":
                return !isText || Regex.IsMatch(data.GetString()!, value.GetValue<string>(), RegexOptions.ECMAScript | RegexOptions.CultureInvariant);
            case "minLength":
                return !isText || data.GetString()!.EnumerateRunes().Count() >= Number(value);
            case "maxLength":
                return !isText || data.GetString()!.EnumerateRunes().Count() <= Number(value);
            case "minimum":
                return !isNumber || data.GetDecimal() >= Number(value);
            case "maximum":
                return !isNumber || data.GetDecimal() <= Number(value);
            case "multipleOf":
                return !isNumber || data.GetDecimal() % Number(value) == 0;
            case "minItems":
                return !isArray || data.GetArrayLength() >= Number(value);
            case "maxItems":
                return !isArray || data.GetArrayLength() <= Number(value);
            case "uniqueItems":
                return !isArray || data.EnumerateArray().Select(i => i.GetRawText()).Distinct().Count() == data.GetArrayLength();
            case "items":
                for (var i = 0; isArray && i < data.GetArrayLength(); i++)
                    Check(value, data[i], $"{path}[{i}]", errors);
                return true;
            case "contains":
                return !isArray || data.EnumerateArray().Any(item => Holds(value, item));
            case "properties":
                foreach (var (name, inner) in value.AsObject())
                    if (isObject && data.TryGetProperty(name, out var member))
                        Check(inner!, member, path.Length == 0 ? name : $"{path}.{name}", errors);
                return true;
            case "required":
                return !isObject || value.AsArray().All(name => data.TryGetProperty(name!.GetValue<string>(), out _));
            case "additionalProperties":
                Assert.False(value.GetValue<bool>());
                return !isObject || data.EnumerateObject().All(p => rules["properties"]!.AsObject().ContainsKey(p.Name));
            case "allOf":
                foreach (var part in value.AsArray())
                    Check(part!, data, path, errors);
                return true;
            case "anyOf":
                return value.AsArray().Any(part => Holds(part!, data));
            case "not":
                return !Holds(value, data);
            case "if":
                if (rules[Holds(value, data) ? "then" : "else"] is { } branch)
                    Check(branch, data, path, errors);
                return true;
            default:
                throw new NotSupportedException($"The schema uses '{keyword}', which this check doesn't know.");
        }
    }

    private static decimal Number(JsonNode value) => decimal.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    private static bool Same(JsonNode value, JsonElement data) => JsonElement.DeepEquals(JsonSerializer.SerializeToElement(value), data);
}
