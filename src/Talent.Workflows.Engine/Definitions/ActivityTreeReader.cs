using System.Globalization;
using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>Reads the tree of activities below a root and checks what no draft may get wrong.</summary>
internal sealed class ActivityTreeReader
{
    private static readonly HashSet<string> NotPorts = new(StringComparer.Ordinal)
    {
        "metadata", "customProperties", "source", "variable", "expression", "memoryReference",
        // A flowchart's start as some exports write it: another copy of one of its activities, which Elsa ignores too.
        "start",
    };

    private const string FlowchartType = "Elsa.Flowchart";

    private readonly Dictionary<string, ActivityNode> activities = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ActivityNode> Activities => activities;

    public ActivityNode Read(JsonElement json, ActivityNode? parent, string parentPath, int depth)
    {
        if (depth > DefinitionLimits.MaxNesting)
            throw DefinitionReader.Invalid($"Activities are nested more than {DefinitionLimits.MaxNesting} deep below '{parentPath}'. Make the workflow flatter.",
                $"“{parentPath}”之下的活动嵌套超过 {DefinitionLimits.MaxNesting} 层，请减少嵌套。");
        var id = DefinitionReader.Name(json, "id", $"an activity below '{parentPath}'");
        var type = DefinitionReader.Name(json, "type", id);
        if (id.Length == 0)
            throw DefinitionReader.Invalid($"An activity of type '{type}' below '{parentPath}' has no id. Give it a unique `id`.", $"“{parentPath}”之下有一个类型为“{type}”的活动没有编号 id，请补上。");
        if (type.Length == 0)
            throw DefinitionReader.Invalid($"Activity '{id}' has no type. Give it a `type` such as Elsa.Flowchart.", $"活动“{id}”没有类型 type，请补上。");
        var nodeId = $"{parentPath}:{id}";
        var node = new ActivityNode
        {
            Id = id,
            NodeId = nodeId,
            Type = type,
            Version = json.TryGetProperty("version", out var version) && version.TryGetInt32Lenient(out var number) ? number : 1,
            Name = DefinitionReader.Text(json, "name"),
            Json = json,
            Parent = parent,
        };
        if (!activities.TryAdd(id, node))
            throw DefinitionReader.Invalid($"The activity id '{id}' is used twice ('{activities[id].NodeId}' and '{nodeId}'). Give every activity its own id.",
                $"活动编号“{id}”重复（“{activities[id].NodeId}”与“{nodeId}”），请为每个活动使用不同的编号。");
        if (activities.Count > DefinitionLimits.MaxActivities)
            throw DefinitionReader.Invalid($"The definition has more than {DefinitionLimits.MaxActivities} activities. Split it into smaller workflows.",
                $"流程定义的活动超过 {DefinitionLimits.MaxActivities} 个，请拆分为较小的流程。");
        node.Variables = ReadVariables(json);
        node.Activities = ReadChildren(json, node, depth);
        node.Ports = ReadPorts(json, node, depth);
        node.Connections = ReadConnections(json, node);
        return node;
    }

    public static List<VariableDefinition> ReadVariables(JsonElement json)
    {
        var variables = new List<VariableDefinition>();
        if (json.TryGetProperty("variables", out var array) && array.ValueKind == JsonValueKind.Array)
            foreach (var item in array.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Object)
                {
                    var name = DefinitionReader.Name(item, "name", "a variable");
                    var id = DefinitionReader.Name(item, "id", "a variable");
                    variables.Add(new VariableDefinition(id.Length > 0 ? id : name, name, DefinitionReader.Text(item, "typeName"),
                        item.TryGetProperty("isArray", out var isArray) && isArray.ValueKind == JsonValueKind.True,
                        item.TryGetProperty("value", out var value) ? value : default));
                }
        return variables;
    }

    private List<ActivityNode> ReadChildren(JsonElement json, ActivityNode node, int depth)
    {
        var children = new List<ActivityNode>();
        if (json.TryGetProperty("activities", out var array) && array.ValueKind == JsonValueKind.Array)
            foreach (var child in array.EnumerateArray())
            {
                if (child.ValueKind != JsonValueKind.Object)
                    throw DefinitionReader.Invalid($"'activities' of '{node.Id}' holds something that is not an activity object. Remove it.", $"“{node.Id}”的 activities 中有不是活动的内容，请删除。");
                children.Add(Read(child, node, node.NodeId, depth + 1));
            }
        return children;
    }

    private Dictionary<string, ActivityNode> ReadPorts(JsonElement json, ActivityNode node, int depth)
    {
        var ports = new Dictionary<string, ActivityNode>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
            if (IsPort(property))
                ports[property.Name] = Read(property.Value, node, node.NodeId, depth + 1);
        foreach (var property in json.EnumerateObject())
            foreach (var (port, activity) in EmbeddedIn(property))
                ports[FreeName(ports, port)] = Read(activity, node, node.NodeId, depth + 1);
        return ports;
    }

    private static string FreeName(Dictionary<string, ActivityNode> ports, string wanted)
    {
        var name = wanted;
        for (var i = 2; ports.ContainsKey(name); i++)
            name = $"{wanted} ({i})";
        return name;
    }

    /// <summary>Activities in an array: <c>cases[].activity</c> of a switch, named by its label as Elsa does, <c>expectedStatusCodes[].activity</c> of a request, named by the code, and <c>branches[]</c> of a fork.</summary>
    private static IEnumerable<(string Port, JsonElement Activity)> EmbeddedIn(JsonProperty property)
    {
        if (property.Name is not ("cases" or "branches" or "expectedStatusCodes") || property.Value.ValueKind != JsonValueKind.Array)
            yield break;
        var index = 0;
        foreach (var item in property.Value.EnumerateArray())
        {
            var name = $"{property.Name}[{index++}]";
            if (property.Name == "branches" && IsActivity(item))
                yield return (name, item);
            else if (property.Name == "cases" && item.ValueKind == JsonValueKind.Object && item.TryGetProperty("activity", out var activity) && IsActivity(activity))
                yield return (DefinitionReader.Text(item, "label") is { Length: > 0 } label ? label : name, activity);
            else if (property.Name == "expectedStatusCodes" && item.ValueKind == JsonValueKind.Object && item.TryGetProperty("activity", out var answer) && IsActivity(answer))
                yield return (item.TryGetProperty("statusCode", out var code) && code.TryGetInt32Lenient(out var number) ? number.ToString(CultureInfo.InvariantCulture) : name, answer);
        }
    }

    /// <summary>Inputs are objects too, but only activities carry both an id and a type.</summary>
    public static bool IsPort(JsonProperty property) => !NotPorts.Contains(property.Name) && IsActivity(property.Value);

    public static bool IsActivity(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
        && json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String;

    /// <summary>True when an activity that is no flowchart has connections all the same.</summary>
    public static bool HasConnectionsOfItsOwn(ActivityNode node) =>
        node.Type != FlowchartType && node.Json.TryGetProperty("connections", out var array) && array.ValueKind == JsonValueKind.Array && array.GetArrayLength() > 0;

    private static List<Connection> ReadConnections(JsonElement json, ActivityNode node)
    {
        var connections = new List<Connection>();
        // What connections mean to an activity that this server doesn't have, only its own server knows.
        if (node.Type != FlowchartType || !json.TryGetProperty("connections", out var array) || array.ValueKind != JsonValueKind.Array)
            return connections;
        var children = node.Activities.Select(a => a.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var item in array.EnumerateArray())
        {
            var connection = ReadConnection(item);
            foreach (var end in new[] { connection.Source, connection.Target })
                if (!children.Contains(end))
                    throw DefinitionReader.Invalid(
                        $"A connection of '{node.Id}' ({connection.Source} → {connection.Target}) names activity '{end}', which is not in that flowchart. Remove the connection or add the activity.",
                        $"流程图“{node.DisplayText}”的连线（{connection.Source} → {connection.Target}）指向不存在的活动“{end}”，请删除连线或补上活动。");
            connections.Add(connection);
        }
        return connections;
    }

    private static Connection ReadConnection(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("source", out var source) || !item.TryGetProperty("target", out var target))
            throw DefinitionReader.Invalid("A connection needs a `source` and a `target`.", "连线缺少 source 或 target，请补上。");
        // Old exports are flat: {"source":"a","target":"b","sourcePort":"Done"}.
        if (source.ValueKind == JsonValueKind.String && target.ValueKind == JsonValueKind.String)
            return new Connection(DefinitionReader.Name(item, "source", "a connection"), Port(item, "sourcePort"), DefinitionReader.Name(item, "target", "a connection"));
        if (source.ValueKind != JsonValueKind.Object || target.ValueKind != JsonValueKind.Object)
            throw DefinitionReader.Invalid("A connection's `source` and `target` must be objects with an `activity`.", "连线的 source 和 target 必须是含有 activity 的对象。");
        return new Connection(DefinitionReader.Name(source, "activity", "a connection"), Port(source, "port"), DefinitionReader.Name(target, "activity", "a connection"));
    }

    private static string Port(JsonElement json, string property) =>
        DefinitionReader.Name(json, property, "a connection") is { Length: > 0 } port ? port : "Done";
}
