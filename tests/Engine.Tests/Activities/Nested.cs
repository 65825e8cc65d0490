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

    /// <summary>An instance of a workflow with that root, started.</summary>
    public static Instance Run(JsonObject root, FlowBuilder? flow = null)
    {
        var instance = new Instance((flow ?? new FlowBuilder()).Definition(root));
        instance.Start();
        return instance;
    }

    /// <summary>The journal as <c>Event activity</c>, in order.</summary>
    public static IEnumerable<string> Entries(this Instance instance) => instance.Journal.Select(j => $"{j.Event} {j.ActivityId}");
}
