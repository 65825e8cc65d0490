using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Server.ElsaApi.Descriptors;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>
/// Shows activities of types that this server doesn't have as <c>Elsa.NotFoundActivity</c>, which Studio can draw, and takes
/// the original back out of it when a draft is saved. What is kept is always the original.
/// </summary>
internal static class NotFoundActivities
{
    private const string Original = "originalActivityJson";
    private const string Label = "Not Found: ";

    /// <summary>An activity for Studio: with derived node ids, and placeholders for unknown types.</summary>
    /// <param name="isKnown">Whether there is a type in a version.</param>
    public static JsonObject Show(JsonObject activity, string parentPath, Func<string, int, bool> isKnown)
    {
        var nodeId = $"{parentPath}:{Text(activity, "id")}";
        var type = Text(activity, "type");
        if (!isKnown(type, activity["version"] is JsonValue version && version.TryGetValue<int>(out var number) ? number : 1) && type is not (ActivityModels.NotFoundType or "Elsa.Workflow"))
            return Placeholder(activity, nodeId, type);
        activity["nodeId"] = nodeId;
        foreach (var (owner, name, child) in Children(activity).ToList())
            Put(owner, name, Show(child, nodeId, isKnown));
        return activity;
    }

    /// <summary>An activity as it is kept.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>: nested beyond measure.</exception>
    public static JsonObject Restore(JsonObject activity, int depth)
    {
        if (depth > DefinitionLimits.MaxNesting)
            throw new WorkflowException(ErrorCodes.InvalidDefinition, $"Activities are nested more than {DefinitionLimits.MaxNesting} deep.", $"活动嵌套超过 {DefinitionLimits.MaxNesting} 层。");
        if (Text(activity, "type") == ActivityModels.NotFoundType && Parse(Text(activity, Original)) is { } original)
            activity = Restored(original, activity);
        foreach (var (owner, name, child) in Children(activity).ToList())
            Put(owner, name, Restore(child, depth + 1));
        return activity;
    }

    private static JsonObject Placeholder(JsonObject activity, string nodeId, string type)
    {
        var metadata = activity["metadata"]?.DeepClone() as JsonObject ?? [];
        metadata["displayText"] ??= $"{Label}{type}";
        metadata["description"] ??= $"Could not find activity type {type}";
        activity.Remove("nodeId");
        var shown = new JsonObject
        {
            ["id"] = Text(activity, "id"), ["nodeId"] = nodeId, ["name"] = activity["name"]?.DeepClone(), ["type"] = ActivityModels.NotFoundType, ["version"] = 1,
            ["customProperties"] = activity["customProperties"]?.DeepClone() ?? new JsonObject(), ["metadata"] = metadata,
            ["missingTypeName"] = type, ["missingTypeVersion"] = activity["version"]?.DeepClone() ?? 1, [Original] = ElsaJson.Text(activity),
        };
        return shown;
    }

    /// <summary>The original, at the place and with the name that the placeholder has now.</summary>
    private static JsonObject Restored(JsonObject original, JsonObject placeholder)
    {
        foreach (var name in (string[])["id", "name"])
            if (placeholder.ContainsKey(name) && (placeholder[name] is not null || original.ContainsKey(name)))
                original[name] = placeholder[name]?.DeepClone();
        if (placeholder["metadata"] is not JsonObject shown)
            return original;
        var metadata = original["metadata"] as JsonObject;
        foreach (var (name, value) in shown)
            if (metadata?.ContainsKey(name) == true || !IsMade(name, value))
                (metadata ??= Metadata(original))[name] = value?.DeepClone();
        return original;
    }

    private static JsonObject Metadata(JsonObject original)
    {
        var metadata = new JsonObject();
        original["metadata"] = metadata;
        return metadata;
    }

    private static bool IsMade(string name, JsonNode? value) => (name, value?.ToString() ?? "") is
        ("displayText", var text) && text.StartsWith(Label, StringComparison.Ordinal) || (name is "description" && value?.ToString().StartsWith("Could not find activity type", StringComparison.Ordinal) == true);

    /// <summary>The activities directly below one: in <c>activities</c>, in properties, in the cases and branches of switches and forks.</summary>
    internal static IEnumerable<(JsonNode Owner, object Name, JsonObject Child)> Children(JsonObject activity)
    {
        foreach (var (name, value) in activity)
        {
            if (value is JsonObject child && IsActivity(child) && name is not ("metadata" or "customProperties" or "variable" or "expression" or "memoryReference"))
                yield return (activity, name, child);
            else if (value is JsonArray list && name is "activities" or "cases" or "branches" or "expectedStatusCodes")
                for (var i = 0; i < ((JsonArray)value!).Count; i++)
                    if (((JsonArray)value)[i] is JsonObject item)
                        if (name == "activities" || (name == "branches" && IsActivity(item)))
                            yield return (value, i, item);
                        else if (name is "cases" or "expectedStatusCodes" && item["activity"] is JsonObject inside && IsActivity(inside))
                            yield return (item, "activity", inside);
        }
    }

    private static void Put(JsonNode owner, object name, JsonObject child)
    {
        if (child.Parent is not null)
            return;
        if (owner is JsonArray list)
            list[(int)name] = child;
        else
            owner[(string)name] = child;
    }

    internal static bool IsActivity(JsonObject json) => json["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String && json["id"] is JsonValue id && id.GetValueKind() == JsonValueKind.String;

    internal static string Text(JsonObject json, string name) => json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

    private static JsonObject? Parse(string json)
    {
        try
        {
            return json.Length == 0 ? null : JsonNode.Parse(json, documentOptions: ElsaJson.DocumentOptions) as JsonObject is { } found && IsActivity(found) ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
