using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Values of variables by their Elsa type alias. Studio writes defaults as text.</summary>
internal static class VariableValues
{
    private static readonly HashSet<string> Numbers = new(StringComparer.Ordinal)
        { "Int16", "Int32", "Int64", "Single", "Double", "Decimal", "Byte" };

    private static readonly HashSet<string> Scalars = new(StringComparer.Ordinal)
        { "Boolean", "Char", "DateOnly", "DateTime", "DateTimeOffset", "Guid", "TimeOnly", "TimeSpan", "Uri" };

    private static readonly HashSet<string> Structures = new(StringComparer.Ordinal)
        { "Object", "ObjectDictionary", "JsonObject", "JsonElement", "ExpandoObject" };

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

    /// <summary>A value as a variable keeps it: texts become what they are the text of, and what has no meaning as its type is refused.</summary>
    /// <remarks>Source of the conversions: Elsa's ObjectConverter.</remarks>
    /// <exception cref="WorkflowException"><c>invalid_input</c>: the value is not of the variable's type.</exception>
    public static JsonElement Coerce(VariableDefinition variable, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => default,
        JsonValueKind.String => FromText(variable, value),
        _ when variable.IsArray => value.ValueKind == JsonValueKind.Array ? value : throw Wrong(variable, value),
        JsonValueKind.Object or JsonValueKind.Array => variable.TypeName == "String" ? Json(value.GetRawText())
            : Numbers.Contains(variable.TypeName) || Scalars.Contains(variable.TypeName) ? throw Wrong(variable, value) : value,
        JsonValueKind.Number => variable.TypeName switch
        {
            "String" => Json(value.GetRawText()),
            "Boolean" => Json(value.GetDouble() != 0),
            _ when Scalars.Contains(variable.TypeName) && variable.TypeName != "TimeSpan" => throw Wrong(variable, value),
            _ => value,
        },
        _ when variable.TypeName == "String" => Json(value.GetRawText()),
        _ when Numbers.Contains(variable.TypeName) => Json(value.ValueKind == JsonValueKind.True ? 1 : 0),
        _ when variable.TypeName != "Boolean" && Scalars.Contains(variable.TypeName) => throw Wrong(variable, value),
        _ => value,
    };

    /// <summary>Why a variable can't begin with the value that its definition gives; null when it can.</summary>
    public static WorkflowException? ProblemOfDefault(VariableDefinition variable)
    {
        try
        {
            Coerce(variable, variable.Value);
            return null;
        }
        catch (WorkflowException e)
        {
            return e;
        }
    }

    private static JsonElement FromText(VariableDefinition variable, JsonElement value)
    {
        var text = value.GetString()!;
        if (variable is { TypeName: "String", IsArray: false })
            return value;
        var isScalar = Numbers.Contains(variable.TypeName) || Scalars.Contains(variable.TypeName);
        // What Studio writes for a field that was emptied.
        if (string.IsNullOrWhiteSpace(text) && (variable.IsArray || isScalar))
            return default;
        if (variable.IsArray)
            return ParseIfJson(text) is { ValueKind: JsonValueKind.Array } items ? items
                : variable.TypeName == "String" ? JsonSerializer.SerializeToElement(text.Split(',')) : throw Wrong(variable, value);
        if (Numbers.Contains(variable.TypeName))
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Json(number) : throw Wrong(variable, value);
        if (variable.TypeName == "Boolean")
            return bool.TryParse(text, out var flag) ? Json(flag) : throw Wrong(variable, value);
        return Structures.Contains(variable.TypeName) ? ParseIfJson(text) ?? value : value;
    }

    private static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value);

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

    private static WorkflowException Wrong(VariableDefinition variable, JsonElement value)
    {
        var type = variable.IsArray ? variable.TypeName + "[]" : variable.TypeName;
        var (what, zh) = value.ValueKind switch
        {
            JsonValueKind.Object => ("an object", "对象"),
            JsonValueKind.Array => ("a list", "列表"),
            _ => ($"'{DocumentCheck.Short(value.ToString())}'", $"“{DocumentCheck.Short(value.ToString())}”"),
        };
        return new(ErrorCodes.InvalidInput, $"Variable '{variable.Name}' is {type} and cannot hold {what}. Give it a value of its type, or change the type.",
            $"变量“{variable.Name}”的类型是 {type}，不能保存{zh}，请修改值或变量类型。");
    }
}
