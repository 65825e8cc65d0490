using System.Text.Json.Nodes;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

/// <summary>Activities as they lie inside others, in few words.</summary>
internal static class Nested
{
    public static JsonObject Line(string id, string? script = null) => Activity(id, "Elsa.WriteLine", ("text", script is null ? Literal(id) : Script(script)));

    public static JsonObject Wait(string id) => Activity(id, "Elsa.Event", EventName(id));

    public static JsonObject Sequence(string id, params JsonNode[] activities) => Activity(id, "Elsa.Sequence", ("activities", new JsonArray(activities)));

    public static JsonObject If(string id, string condition, JsonObject then) => Activity(id, "Elsa.If", ("condition", Script(condition)), ("then", then));

    /// <summary>A loop that runs its body for 1 and 2.</summary>
    public static JsonObject Twice(JsonNode body) => Activity("twice", "Elsa.ForEach", ("items", Script("[1, 2]")), ("body", body));

    /// <summary>A flowchart with these activities, whose connections leave by the port that stands behind a colon, or by Done.</summary>
    public static JsonObject Flowchart(string id, JsonNode[] activities, params (string From, string To)[] connections) => Activity(id, "Elsa.Flowchart", ("activities", new JsonArray(activities)),
        ("connections", new JsonArray([.. connections.Select(c => new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = c.From.Split(':')[0], ["port"] = c.From.Split(':') is [_, var port] ? port : null }, ["target"] = new JsonObject { ["activity"] = c.To },
        })])));

    public static JsonObject Binding(string variableId) => new() { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = variableId } };

    /// <summary>An instance of a workflow with that root, started.</summary>
    public static Instance Run(JsonObject root, FlowBuilder? flow = null)
    {
        var instance = new Instance((flow ?? new FlowBuilder()).Definition(root));
        instance.Start();
        return instance;
    }

    /// <summary>What the journal says of one activity, in order.</summary>
    public static string EventsOf(this Instance instance, string activityId) => string.Join(' ', instance.Journal.Where(j => j.ActivityId == activityId).Select(j => j.Event));

    /// <summary>The outcomes that an activity has completed by, those of each time.</summary>
    public static IEnumerable<string> OutcomesOf(this Instance instance, string activityId) =>
        instance.Journal.Where(j => j.Event == "Completed" && j.ActivityId == activityId).Select(j => string.Join(',', j.Outcomes ?? ["Done"]));

    /// <summary>The journal as <c>Event activity</c>, in order.</summary>
    public static IEnumerable<string> Entries(this Instance instance) => instance.Journal.Select(j => $"{j.Event} {j.ActivityId}");
}
