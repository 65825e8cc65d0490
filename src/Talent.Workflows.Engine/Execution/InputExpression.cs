using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>The value of an input as the definition writes it: a literal, an object, a variable, a workflow input, a script or a text with scripts in it.</summary>
public sealed class InputExpression
{
    private InputExpression(string type, JsonElement value) => (Type, Value) = (type, value);

    /// <summary>Syntax: Literal, Object (Json), Variable, Input, JavaScript, Template, or one that this server keeps but doesn't run.</summary>
    public string Type { get; }

    public JsonElement Value { get; }

    public Script? Script { get; private init; }

    /// <summary>A text with scripts in it.</summary>
    internal TextTemplate? Template { get; private init; }

    /// <summary>Why the expression can't be evaluated; null when it can.</summary>
    public WorkflowException? Problem { get; private init; }

    internal bool ReadsResults => (Script is { } script ? [script] : Template?.Scripts ?? [])
        .Any(s => s.Source.Contains("getLastResult", StringComparison.Ordinal) || (s.Source.Contains("get", StringComparison.Ordinal) && s.Source.Contains("From", StringComparison.Ordinal)));

    public static InputExpression Literal(JsonElement value) => new("Literal", value);

    /// <summary>Reads Elsa's wrapped input, or a bare value as a literal.</summary>
    public static InputExpression Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("expression", out var expression))
            return Literal(json);
        if (expression.ValueKind != JsonValueKind.Object)
            return Literal(default);
        return ReadExpression(expression);
    }

    /// <summary>Reads <c>{"type": …, "value": …}</c>.</summary>
    public static InputExpression ReadExpression(JsonElement expression)
    {
        var type = DefinitionReader.Text(expression, "type") is { Length: > 0 } text ? text : "Literal";
        var value = expression.TryGetProperty("value", out var v) ? v : default;
        switch (type)
        {
            case "Literal" or "Variable" or "Input":
                return new(type, type == "Literal" ? value : Reference(value));
            case "Object" or "Json":
                return ReadObject(value);
            case "JavaScript":
                return ReadScript(value);
            case "Template":
                return ReadTemplate(value);
            default:
                return new(type, value)
                {
                    Problem = new WorkflowException(ErrorCodes.ExpressionNotSupported,
                        $"Expressions of type '{type}' are kept but not run here. Write it as JavaScript, Template, Literal, Object, Variable or Input.",
                        $"本系统不执行 {type} 表达式，请改用 JavaScript、Template、Literal、Object、Variable 或 Input。"),
                };
        }
    }

    /// <summary>A script, given as its text.</summary>
    internal static InputExpression ReadScript(JsonElement value)
    {
        try
        {
            return new("JavaScript", value) { Script = Script.Parse(TextFunctions.Text(value)) };
        }
        catch (ScriptException e)
        {
            return new("JavaScript", value) { Problem = DoesNotParse(e) };
        }
    }

    private static InputExpression ReadTemplate(JsonElement value)
    {
        try
        {
            return new("Template", value) { Template = TextTemplate.Parse(TextFunctions.Text(value)) };
        }
        catch (ScriptException e)
        {
            return new("Template", value) { Problem = DoesNotParse(e) };
        }
    }

    private static WorkflowException DoesNotParse(ScriptException e) =>
        new(ErrorCodes.ExpressionFailed, $"The script does not parse: {e.Message}", $"脚本有语法错误：{e.Message}", e);

    // Studio writes objects as text; what is not JSON is taken as it stands.
    private static InputExpression ReadObject(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return new("Object", value);
        var text = value.GetString()!;
        if (string.IsNullOrWhiteSpace(text))
            return new("Object", default);
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DefinitionLimits.MaxJsonDepth });
            return new("Object", document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            return new("Object", value)
            {
                Problem = new WorkflowException(ErrorCodes.ExpressionFailed, $"The object is not valid JSON: {e.Message}", "对象不是有效的 JSON。", e),
            };
        }
    }

    /// <summary>A reference is an object with an id or name, the JSON text of one, or the bare name.</summary>
    private static JsonElement Reference(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String || !value.GetString()!.TrimStart().StartsWith('{'))
            return value;
        try
        {
            using var document = JsonDocument.Parse(value.GetString()!);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return value;
        }
    }

    /// <summary>The id or name that a Variable or Input expression refers to.</summary>
    internal string ReferenceName()
    {
        if (Value.ValueKind == JsonValueKind.Object)
        {
            var id = DefinitionReader.Text(Value, "id");
            return id.Length > 0 && Type == "Variable" ? id : DefinitionReader.Text(Value, "name");
        }
        return Value.ValueKind == JsonValueKind.String ? Value.GetString()! : "";
    }
}
