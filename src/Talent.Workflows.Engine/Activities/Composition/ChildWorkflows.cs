using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Composition;

/// <summary>What the activities that start other workflows share: their inputs, the start, and how the end of children is told.</summary>
internal static class ChildWorkflows
{
    /// <summary>Children that one activity may start.</summary>
    public const int MaxChildren = 10_000;

    public static readonly Input<string> DefinitionId = new("workflowDefinitionId", "Workflow Definition", "The workflow to start; its published version.") { Required = true, UiHint = "workflow-definition-picker" };
    public static readonly Input<string> CorrelationId = new("correlationId", "Correlation ID", "The correlation id of the new instance.");
    public static readonly Input<JsonElement> Input = new("input", "Input", "Input of the new instance, by name.") { TypeName = "ObjectDictionary", UiHint = "dictionary" };
    public static readonly Input<string> ChannelName = new("channelName", "Channel", "Kept for other engines; deliveries here have one channel.");
    public static readonly Input<bool> StartNewTrace = new("startNewTrace", "Start new trace", "Kept for other engines.");

    // Elsa's name for the input by which a child knows who has started it.
    private const string ParentInput = "ParentInstanceId";

    public static readonly Output Result = new("result", "Object", "Result");

    /// <summary>Starts one child.</summary>
    /// <param name="number">Its place among the children of this visit.</param>
    public static void Start(ActivityContext context, string definitionId, string? correlationId, IReadOnlyDictionary<string, JsonElement> input, Guid? reportTo, int number, int awaited) =>
        context.Emit(new StartChildEffect(context.NewId($"child:{number}"), definitionId, string.IsNullOrEmpty(correlationId) ? null : correlationId, input, reportTo, awaited));

    /// <summary>The input for a child, its parent's id included: an object, or the text of one as Studio's editors write it.</summary>
    /// <exception cref="WorkflowException"><c>invalid_input</c>.</exception>
    public static Dictionary<string, JsonElement> ReadInput(ActivityContext context)
    {
        var value = context.Get(Input);
        if (value.ValueKind == JsonValueKind.String)
            value = Parse(value.GetString()!);
        var given = value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? []
            : value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal)
            : throw new WorkflowException(ErrorCodes.InvalidInput, $"The input for the child of activity '{context.Node.Id}' isn't an object. Give names and values.",
                $"活动“{context.Node.DisplayText}”给子流程的输入不是对象，请按“名称：值”填写。");
        given[ParentInput] = JsonSerializer.SerializeToElement(context.InstanceId);
        return given;
    }

    private static JsonElement Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return default;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
