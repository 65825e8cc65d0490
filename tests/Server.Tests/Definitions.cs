namespace Talent.Workflows.Server.Tests;

/// <summary>Small Elsa 3 definitions.</summary>
internal static class Definitions
{
    public static string WaitsFor(string id, string name) => Flow(id,
        $$$$"""{"id":"wait","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"{{{{name}}}}"}}},{"id":"end","type":"Elsa.End","version":1}""", Connect("wait", "end"));

    public static string StartedBy(string id, string name) => Flow(id,
        $$$$"""{"id":"wait","type":"Elsa.Event","version":1,"customProperties":{"canStartWorkflow":true},"eventName":{"typeName":"String","expression":{"type":"Literal","value":"{{{{name}}}}"}}},{"id":"end","type":"Elsa.End","version":1}""", Connect("wait", "end"));

    public static string WithUnknownActivity(string id) => Flow(id, """{"id":"teleport1","type":"Acme.Teleport","version":1}""", "");

    public static string WithDanglingConnection(string id) => Flow(id, """{"id":"end","type":"Elsa.End","version":1}""", Connect("end", "nowhere"));

    public static string WithExpression(string id, string script) => Flow(id,
        $$$$"""{"id":"set","type":"Elsa.SetVariable","version":1,"variable":{"id":"v1","name":"x","typeName":"Object"},"value":{"typeName":"Object","expression":{"type":"JavaScript","value":"{{{{script}}}}"}}}""", "",
        """{"id":"v1","name":"x","typeName":"Object","isArray":false,"value":""}""");

    private static string Connect(string from, string to) => $$$$"""{"source":{"activity":"{{{{from}}}}","port":"Done"},"target":{"activity":"{{{{to}}}}","port":"In"}}""";

    private static string Flow(string id, string activities, string connections, string variables = "") => $$$$"""
        {"definitionId":"{{{{id}}}}","name":"{{{{id}}}}","variables":[{{{{variables}}}}],
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[{{{{activities}}}}],"connections":[{{{{connections}}}}]}}
        """;
}
