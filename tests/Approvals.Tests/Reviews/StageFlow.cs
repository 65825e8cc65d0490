using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>One review stage with the inputs of a test: passed, rejected, or returned to a correction and back; and a second stage after it.</summary>
internal static class StageFlow
{
    public static string Definition(params (string Name, string Type, JsonNode Value)[] inputs) => Definition(inputs, []);

    public static string Definition((string Name, string Type, JsonNode Value)[] inputs, (string Name, string Type, JsonNode Value)[] second)
    {
        var activities = new JsonArray();
        var connections = new JsonArray();
        Add("start", "Elsa.Start");
        Status("pending", "pending_review");
        Add("stage", "Talent.ReviewStage", [("stageName", "Literal", "联审"), ("due", "Literal", "5wd"), .. inputs]);
        Add("last", "Talent.ReviewStage", [("stageName", "Literal", "市局审核"), ("role", "Literal", "bureau.reviewer"), ("organisation", "Input", "BureauId"), .. second]);
        Status("passed", "completed");
        Status("rejected", "rejected");
        Status("returned", "supplement");
        Add("fix", "Talent.Supplement", ("stageName", "Literal", "补正"), ("due", "Literal", "10wd"));
        Connect("start", "Done", "pending");
        Connect("pending", "Done", "stage");
        Connect("stage", "Approve", "last");
        foreach (var stage in (string[])["stage", "last"])
        {
            Connect(stage, "Reject", "rejected");
            Connect(stage, "Return", "returned");
        }
        Connect("last", "Approve", "passed");
        Connect("returned", "Done", "fix");
        Connect("fix", "Done", "stage");
        Connect("fix", "Lapsed", "rejected");
        return new JsonObject
        {
            ["definitionId"] = "political-work-title", ["name"] = "政工职评", ["version"] = 1, ["variables"] = new JsonArray(),
            ["inputs"] = new JsonArray(new JsonObject { ["name"] = "bureauPrecheck", ["type"] = "Boolean" }),
            ["root"] = new JsonObject { ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities, ["connections"] = connections },
        }.ToJsonString();

        void Add(string id, string type, params (string Name, string Type, JsonNode Value)[] values)
        {
            var node = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
            foreach (var (name, expression, value) in values)
                node[name] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = expression, ["value"] = value.DeepClone() } };
            activities.Add(node);
        }

        void Status(string id, string status) => Add(id, "Talent.SetStatus", ("status", "Literal", status));

        void Connect(string from, string port, string to) => connections.Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = from, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
        });
    }
}
