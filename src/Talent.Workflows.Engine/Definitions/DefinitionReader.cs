using System.Text;
using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>Reads Elsa 3 definition JSON (files, Studio's model and exports).</summary>
public static class DefinitionReader
{
    /// <summary>Reads a definition from UTF-8 JSON.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>: not JSON, no root, doubled ids, dangling connections, hostile or over a limit.</exception>
    public static WorkflowDefinition Read(ReadOnlyMemory<byte> utf8Json)
    {
        DocumentCheck.CheckSize(utf8Json.Length);
        try
        {
            using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = DefinitionLimits.MaxJsonDepth });
            return Read(document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidDefinition, $"The definition is not valid JSON: {e.Message}", "流程定义不是有效的 JSON。", e);
        }
    }

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte})"/>
    public static WorkflowDefinition Read(string json)
    {
        DocumentCheck.CheckSize(json.Length);
        return Read(Encoding.UTF8.GetBytes(json));
    }

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte})"/>
    public static WorkflowDefinition Read(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object)
            throw Invalid("The definition must be a JSON object.", "流程定义必须是 JSON 对象。");
        DocumentCheck.Run(document);
        if (!document.TryGetProperty("root", out var rootJson) || rootJson.ValueKind != JsonValueKind.Object)
            throw Invalid("The definition has no root activity. Add a `root` object, normally an Elsa.Flowchart.", "流程定义缺少根活动 root，请补上（通常为 Elsa.Flowchart）。");
        var tree = new ActivityTreeReader();
        var root = tree.Read(rootJson, parent: null, "Workflow1", depth: 0);
        var definitionId = Name(document, "definitionId", "the definition");
        return new WorkflowDefinition
        {
            Id = Name(document, "id", "the definition"),
            DefinitionId = definitionId,
            Version = document.TryGetProperty("version", out var version) && version.TryGetInt32Lenient(out var number) ? number : 1,
            Name = Text(document, "name") is { Length: > 0 } name ? name : definitionId,
            Variables = ActivityTreeReader.ReadVariables(document),
            Inputs = ReadArguments(document, "inputs", (n, t, a) => new InputDefinition(n, t, a)),
            Outputs = ReadArguments(document, "outputs", (n, t, a) => new OutputDefinition(n, t, a)),
            EarlyEvents = ReadEarlyEvents(document),
            IncidentStrategy = IncidentStrategies.TryRead(document, out var strategy) ? strategy : IncidentStrategy.None,
            Activation = ActivationStrategies.TryRead(document, out var activation) ? activation : ActivationStrategy.Always,
            Root = root,
            Activities = tree.Activities,
            Document = document,
        };
    }

    internal static WorkflowException Invalid(string message, string? zh = null) =>
        new(ErrorCodes.InvalidDefinition, message, zh);

    internal static string Text(JsonElement json, string property) =>
        json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>A text that ids and messages are made of, so that it has to be short.</summary>
    internal static string Name(JsonElement json, string property, string of) =>
        Text(json, property) is { Length: <= DefinitionLimits.MaxNameLength } name ? name
        : throw Invalid($"The `{property}` of {DocumentCheck.Short(of)} is longer than {DefinitionLimits.MaxNameLength} characters. Shorten it.",
            $"“{DocumentCheck.Short(of)}”的 {property} 超过 {DefinitionLimits.MaxNameLength} 个字符，请缩短。");

    private static List<T> ReadArguments<T>(JsonElement document, string property, Func<string, string, bool, T> create)
    {
        var list = new List<T>();
        if (document.TryGetProperty(property, out var array) && array.ValueKind == JsonValueKind.Array)
            foreach (var item in array.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Object)
                    list.Add(create(Name(item, "name", property), Name(item, "type", property), item.TryGetProperty("isArray", out var isArray) && isArray.ValueKind == JsonValueKind.True));
        return list;
    }

    private static HashSet<string> ReadEarlyEvents(JsonElement document)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (document.TryGetProperty("customProperties", out var custom) && custom.ValueKind == JsonValueKind.Object
            && custom.TryGetProperty("earlyEvents", out var events) && events.ValueKind == JsonValueKind.Array)
            foreach (var name in events.EnumerateArray())
                if (name.ValueKind == JsonValueKind.String)
                    names.Add(name.GetString()!);
        return names;
    }
}
