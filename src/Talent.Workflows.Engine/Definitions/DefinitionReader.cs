using System.Text;
using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>Reads Elsa 3 definition JSON (files, Studio's model and exports).</summary>
public static class DefinitionReader
{
    /// <summary>Reads a definition from UTF-8 JSON.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>: not JSON, no root, doubled ids, dangling connections, over a limit.</exception>
    public static WorkflowDefinition Read(ReadOnlyMemory<byte> utf8Json)
    {
        if (utf8Json.Length > DefinitionLimits.MaxBytes)
            throw Invalid($"The definition is larger than {DefinitionLimits.MaxBytes} bytes. Split it into smaller workflows.");
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
    public static WorkflowDefinition Read(string json) => Read(Encoding.UTF8.GetBytes(json));

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte})"/>
    public static WorkflowDefinition Read(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object)
            throw Invalid("The definition must be a JSON object.");
        if (!document.TryGetProperty("root", out var rootJson) || rootJson.ValueKind != JsonValueKind.Object)
            throw Invalid("The definition has no root activity. Add a `root` object, normally an Elsa.Flowchart.");
        var tree = new ActivityTreeReader();
        var root = tree.Read(rootJson, parent: null, "Workflow1", depth: 0);
        var definitionId = Text(document, "definitionId");
        return new WorkflowDefinition
        {
            Id = Text(document, "id"),
            DefinitionId = definitionId,
            Version = document.TryGetProperty("version", out var version) && version.TryGetInt32Lenient(out var number) ? number : 1,
            Name = Text(document, "name") is { Length: > 0 } name ? name : definitionId,
            Variables = ActivityTreeReader.ReadVariables(document),
            Inputs = ReadArguments(document, "inputs", (n, t, a) => new InputDefinition(n, t, a)),
            Outputs = ReadArguments(document, "outputs", (n, t, a) => new OutputDefinition(n, t, a)),
            EarlyEvents = ReadEarlyEvents(document),
            IncidentStrategy = IncidentStrategies.TryRead(document, out var strategy) ? strategy : IncidentStrategy.None,
            Root = root,
            Activities = tree.Activities,
            Document = document,
        };
    }

    internal static WorkflowException Invalid(string message, string? zh = null) =>
        new(ErrorCodes.InvalidDefinition, message, zh);

    internal static string Text(JsonElement json, string property) =>
        json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static List<T> ReadArguments<T>(JsonElement document, string property, Func<string, string, bool, T> create)
    {
        var list = new List<T>();
        if (document.TryGetProperty(property, out var array) && array.ValueKind == JsonValueKind.Array)
            foreach (var item in array.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Object)
                    list.Add(create(Text(item, "name"), Text(item, "type"), item.TryGetProperty("isArray", out var isArray) && isArray.ValueKind == JsonValueKind.True));
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
