using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Talks to the server as Studio's editor does.</summary>
internal static class Editor
{
    public const string Api = "/elsa/api";

    /// <summary>The model of a flowchart as Studio sends it: nulls, string literals, no ids of versions.</summary>
    public static JsonObject Model(string? id, string name = "Flow", params string[] activities) => JsonNode.Parse($$$"""
        {"definitionId":{{{(id is null ? "null" : $"\"{id}\"")}}},"name":"{{{name}}}","description":"drawn by hand","links":null,"id":"old","version":9,"createdAt":"0001-01-01T00:00:00+00:00","isLatest":true,"isPublished":true,
         "variables":null,"inputs":null,"outputs":null,"outcomes":null,"customProperties":{},"options":null,"toolVersion":null,
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,"name":"Flowchart1","activities":[{{{string.Join(",", activities)}}}]}}
        """)!.AsObject();

    public static string Write(string id, string text = "hello") =>
        $$$$"""{"id":"{{{{id}}}}","nodeId":"stale:{{{{id}}}}","name":"Write","type":"Elsa.WriteLine","version":1,"text":{"typeName":null,"expression":{"type":"Literal","value":"{{{{text}}}}"},"memoryReference":null}}""";

    public static string Wait(string id, string name = "go") =>
        $$$$"""{"id":"{{{{id}}}}","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"{{{{name}}}}"}}}""";

    public static Task<Answer> SaveAsync(this RunningServer server, JsonObject model, bool? publish = false, string key = RunningServer.AdminKey) =>
        server.SendAsync("POST", $"{Api}/workflow-definitions", new JsonObject { ["model"] = model.DeepClone(), ["publish"] = publish }.ToJsonString(), key);

    /// <summary>What the editor works on after a save: the definition of the answer.</summary>
    public static JsonObject Definition(this Answer answer) => JsonNode.Parse(answer.Is(200).Text)!["workflowDefinition"]!.DeepClone().AsObject();

    public static async Task<JsonObject> OpenAsync(this RunningServer server, string id, string key = RunningServer.AdminKey) =>
        JsonNode.Parse((await server.SendAsync("GET", $"{Api}/workflow-definitions/by-definition-id/{id}", key: key)).Is(200).Text)!.AsObject();

    public static string Text(this JsonObject json, string name) => json[name]!.ToString();
}
