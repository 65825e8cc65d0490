using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>A flowchart, activity by activity, as definition files hold it.</summary>
internal sealed class FlowBuilder
{
    private readonly JsonArray activities = [], connections = [];

    /// <summary>How many activities there are.</summary>
    public int Count => activities.Count;

    /// <summary>The activity that was added last.</summary>
    public JsonNode Last => activities[^1]!;

    /// <param name="inputs">Name, type of the expression and its value.</param>
    public void Add(string id, string type, params (string Name, string Type, JsonNode Value)[] inputs)
    {
        var node = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, expression, value) in inputs)
            node[name] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = expression, ["value"] = value.DeepClone() } };
        activities.Add(node);
    }

    public void Status(string id, string status, int phase = 0) => Add(id, "Talent.SetStatus", [("status", "Literal", status), .. phase == 0 ? (IEnumerable<(string, string, JsonNode)>)[] : [("phase", "Literal", phase)]]);

    public void Connect(string from, string port, string to) => connections.Add(new JsonObject
    {
        ["source"] = new JsonObject { ["activity"] = from, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
    });

    /// <summary>One after the other.</summary>
    public void Chain(params string[] ids)
    {
        for (var i = 1; i < ids.Length; i++)
            Connect(ids[i - 1], "Done", ids[i]);
    }

    /// <summary>The file, of the service that desks open with.</summary>
    public string Definition() => new JsonObject
    {
        ["definitionId"] = "political-work-title", ["name"] = "政工职评", ["version"] = 1, ["variables"] = new JsonArray(),
        ["inputs"] = new JsonArray(new JsonObject { ["name"] = "bureauPrecheck", ["type"] = "Boolean" }),
        ["root"] = new JsonObject { ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities.DeepClone(), ["connections"] = connections.DeepClone() },
    }.ToJsonString();
}
