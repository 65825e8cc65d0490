using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Values of variables by their Elsa type alias. Studio writes defaults as text.</summary>
internal static class VariableValues
{
    private static readonly HashSet<string> Numbers = new(StringComparer.Ordinal)
        { "Int16", "Int32", "Int64", "Single", "Double", "Decimal", "Byte" };

    public static Dictionary<string, JsonElement> Defaults(IReadOnlyList<VariableDefinition> variables)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var variable in variables)
            if (variable.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
                values[variable.Id] = Coerce(variable, variable.Value);
        return values;
    }

    /// <summary>Keeps a value by the variable's type. A variable without one isn't kept: JSON has no word for undefined.</summary>
    /// <exception cref="WorkflowException"><c>invalid_input</c>: the value is not of the variable's type.</exception>
    public static void Set(Dictionary<string, JsonElement> values, VariableDefinition variable, JsonElement value)
    {
        var coerced = Coerce(variable, value);
        if (coerced.ValueKind == JsonValueKind.Undefined)
            values.Remove(variable.Id);
        else
            values[variable.Id] = coerced;
    }

    /// <exception cref="WorkflowException"><c>invalid_input</c>: the value is not of the variable's type.</exception>
    public static JsonElement Coerce(VariableDefinition variable, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return default;
        if (value.ValueKind != JsonValueKind.String)
            return variable is { TypeName: "String", IsArray: false } && value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False && variable.TypeName == "String"
                ? JsonSerializer.SerializeToElement(value.GetRawText()) : value;
        var text = value.GetString()!;
        if (variable.IsArray || variable.TypeName is "Object" or "ObjectDictionary" or "JsonObject" or "JsonElement" or "ExpandoObject")
            return ParseIfJson(text) ?? value;
        if (Numbers.Contains(variable.TypeName))
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? JsonSerializer.SerializeToElement(number) : throw Wrong(variable, text);
        if (variable.TypeName == "Boolean")
            return bool.TryParse(text, out var flag) ? JsonSerializer.SerializeToElement(flag) : throw Wrong(variable, text);
        return value;
    }

    private static JsonElement? ParseIfJson(string text)
    {
        var trimmed = text.AsSpan().TrimStart();
        if (trimmed.IsEmpty || trimmed[0] is not ('{' or '['))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DefinitionLimits.MaxJsonDepth });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static WorkflowException Wrong(VariableDefinition variable, string text) =>
        new(ErrorCodes.InvalidInput, $"Variable '{variable.Name}' is {variable.TypeName} and cannot hold '{text}'.");
}
