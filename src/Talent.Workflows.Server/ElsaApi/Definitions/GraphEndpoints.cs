using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>Parts of a definition: what Studio steps into, and the way to a nested activity.</summary>
internal static class GraphEndpoints
{
    public static void MapDefinitionGraphs(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workflow-definitions/subgraph/{id}", SubgraphAsync);
        api.MapGet("/workflow-definitions/subgraph/segments/{id}", SegmentsAsync);
    }

    /// <summary>The activity with a node id; without one, or with one that isn't there, the root.</summary>
    private static async Task<IResult> SubgraphAsync(string id, string? parentNodeId, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var root = await RootAsync(id, caller, store, desk, cancellationToken);
        return ElsaJson.Node(Node((string.IsNullOrEmpty(parentNodeId) ? null : Path(root, parentNodeId))?[^1] ?? new Step(root, "Root")));
    }

    private static async Task<IResult> SegmentsAsync(string id, string? childNodeId, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var root = await RootAsync(id, caller, store, desk, cancellationToken);
        var path = Path(root, childNodeId ?? "") ?? throw new WorkflowException(ErrorCodes.InvalidRequest, $"Version '{id}' has no activity at '{childNodeId}'.", $"该版本中没有活动“{childNodeId}”。");
        // Flowcharts are looked through: a segment is an activity that one steps into, and the port by which.
        var segments = path.SkipLast(1).Select((step, i) => (step.Activity, path[i + 1].Port)).Where(s => Text(s.Activity, "type") != "Elsa.Flowchart").ToList();
        var container = segments.Count > 0 ? path.First(s => s.Activity == segments[^1].Activity) : path[0];
        return ElsaJson.Node(new JsonObject
        {
            ["childNode"] = Node(path[^1]),
            ["container"] = Node(container),
            ["pathSegments"] = new JsonArray([.. segments.Select(s => new JsonObject
            {
                ["activityNodeId"] = Text(s.Activity, "nodeId"), ["activityId"] = Text(s.Activity, "id"), ["activityType"] = Text(s.Activity, "type"), ["portName"] = s.Port,
                ["activityName"] = Text(s.Activity, "name") is { Length: > 0 } name ? name : Text(s.Activity, "type"),
            })]),
        });
    }

    private static async Task<JsonObject> RootAsync(string id, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken) =>
        (JsonObject)(await desk.ViewAsync(await store.FindAsync(id, cancellationToken) ?? throw DefinitionDesk.NotFound(id), caller, cancellationToken))["root"]!;

    /// <summary>From the root down to the activity with a node id; null when there is none.</summary>
    private static List<Step>? Path(JsonObject root, string nodeId)
    {
        if (nodeId == "Workflow1")
            return [new Step(root, "Root")];
        var path = new List<Step> { new(root, "Root") };
        while (Text(path[^1].Activity, "nodeId") is var at && at != nodeId)
        {
            var next = NotFoundActivities.Children(path[^1].Activity).FirstOrDefault(c => Text(c.Child, "nodeId") is { Length: > 0 } below
                && (nodeId == below || nodeId.StartsWith(below + ":", StringComparison.Ordinal)));
            if (next.Child is null)
                return null;
            path.Add(new Step(next.Child, Port(next.Owner, next.Name)));
        }
        return path;
    }

    private static string Port(JsonNode owner, object name) =>
        name is not string property ? owner.GetPropertyName() is "branches" ? "Branches" : "Activities"
        : property == "activity" && owner is JsonObject item && Text(item, "label") is { Length: > 0 } label ? label
        : char.ToUpperInvariant(property[0]) + property[1..];

    /// <summary>As Studio reads a part: what lies in it once more, as nodes. Parents would have to hold their children again.</summary>
    private static JsonObject Node(Step step) => new()
    {
        ["nodeId"] = Text(step.Activity, "nodeId"), ["port"] = step.Port, ["activity"] = step.Activity.DeepClone(), ["parents"] = new JsonArray(),
        ["children"] = new JsonArray([.. NotFoundActivities.Children(step.Activity).Select(c => Node(new Step(c.Child, Port(c.Owner, c.Name))))]),
    };

    private static string Text(JsonObject json, string name) => NotFoundActivities.Text(json, name);

    private sealed record Step(JsonObject Activity, string Port);
}
