using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Runtime.Tests;

/// <summary>Definitions for tests, in Elsa's format.</summary>
internal static class Flows
{
    public static string Sequence(string definitionId, params JsonObject[] activities) => Definition(definitionId, new JsonObject
    {
        ["id"] = "root", ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = new JsonArray([.. activities]),
    });

    public static string Definition(string definitionId, JsonObject root, params string[] earlyEvents) => new JsonObject
    {
        ["definitionId"] = definitionId, ["name"] = definitionId, ["version"] = 1, ["root"] = root,
        ["customProperties"] = new JsonObject { ["earlyEvents"] = new JsonArray([.. earlyEvents.Select(e => (JsonNode)e)]) },
    }.ToJsonString();

    /// <summary>A flowchart of activities and connections "from:port>to".</summary>
    public static string Flowchart(string definitionId, JsonObject[] activities, params string[] connections) => Definition(definitionId, new JsonObject
    {
        ["id"] = "root", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = new JsonArray([.. activities]),
        ["connections"] = new JsonArray([.. connections.Select(Connection)]),
    });

    /// <summary>Waits for A and B side by side.</summary>
    public static string Parallel(string definitionId) => Flowchart(definitionId,
        [Activity("fork", "Elsa.FlowFork"), Event("a", "A"), Event("b", "B"), Activity("join", "Elsa.FlowJoin", ("mode", "WaitAll")), Line("end")],
        "fork>a", "fork>b", "a>join", "b>join", "join>end");

    public static JsonObject Event(string id, string name) => Activity(id, "Elsa.Event", ("eventName", name));
    public static JsonObject Delay(string id, TimeSpan span) => Activity(id, "Elsa.Delay", ("timeSpan", span.ToString()));
    public static JsonObject Publish(string id, string name) => Activity(id, "Elsa.PublishEvent", ("eventName", name));
    public static JsonObject Line(string id) => Activity(id, "Elsa.WriteLine", ("text", "x"));

    public static JsonObject Activity(string id, string type, params (string Name, JsonNode Value)[] inputs)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, value) in inputs)
            activity[name] = new JsonObject { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
        return activity;
    }

    public static JsonObject With(this JsonObject activity, string name, JsonNode value)
    {
        activity[name] = value;
        return activity;
    }

    /// <summary>The same with one of Elsa's activation strategies.</summary>
    public static string Activated(this string definition, string strategy)
    {
        var json = JsonNode.Parse(definition)!;
        json["options"] = new JsonObject { ["activationStrategyType"] = $"Elsa.Workflows.Runtime.ActivationValidators.{strategy}Strategy, Elsa.Workflows.Runtime" };
        return json.ToJsonString();
    }

    /// <summary>The same, stopped as a whole by any incident.</summary>
    public static string Halting(this string definition)
    {
        var json = JsonNode.Parse(definition)!;
        json["options"] = new JsonObject { ["incidentStrategyType"] = "Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core" };
        return json.ToJsonString();
    }

    private static JsonNode Connection(string text)
    {
        var (from, to) = (text.Split('>')[0], text.Split('>')[1]);
        var port = from.Contains(':', StringComparison.Ordinal) ? from.Split(':')[1] : "Done";
        return new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = from.Split(':')[0], ["port"] = port },
            ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
        };
    }
}
