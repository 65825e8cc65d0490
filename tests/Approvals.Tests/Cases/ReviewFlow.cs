using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>
/// The review part of the five levels as a definition: employer → responsible unit → materials by the applicant → employer →
/// responsible unit → bureau. A return goes to a correction and back to the stage that returned it.
/// </summary>
internal static class ReviewFlow
{
    public const string Ladder = """
        [{"at":"-1wd","do":"remind"},{"at":"0","do":"overdue"},{"at":"+1wd","do":"tell_superior"},{"at":"+2wd","do":"reassign"}]
        """;

    /// <param name="employerLadder">Ladder of the first stage.</param>
    public static string Definition(string employerLadder = Ladder, bool mayDecideByRule = false)
    {
        var activities = new JsonArray();
        var connections = new JsonArray();
        Add("start", "Elsa.Start");
        Add("told", "Talent.Notify", ("event", Literal("case.submitted")));
        Status("pending", "pending_review");
        Review("employer-review", "用人单位审核", "employer.reviewer", "EmployerId", employerLadder);
        Review("unit-review", "归口单位审核", "unit.reviewer", "UnitId", Ladder);
        Status("to-materials", "materials", 2);
        Add("completion", "Talent.Supplement", ("stageName", Literal("完善材料")), ("kind", Literal("materials")), ("due", Literal("20wd")));
        Status("second-phase", "in_review", 2);
        Review("employer-review-2", "用人单位复核", "employer.reviewer", "EmployerId", Ladder);
        Review("unit-review-2", "归口单位复核", "unit.reviewer", "UnitId", Ladder);
        Review("bureau-review", "市局审核", "bureau.reviewer", "BureauId", Ladder);
        Status("passed", "completed");
        Add("told-passed", "Talent.Notify", ("event", Literal("case.completed")));
        Status("rejected", "rejected");
        Add("told-rejected", "Talent.Notify", ("event", Literal("case.rejected")));
        Chain("start", "told", "pending", "employer-review");
        Connect("employer-review", "Approve", "unit-review");
        if (mayDecideByRule)
            Connect("employer-review", "Timeout", "unit-review");
        Connect("unit-review", "Approve", "to-materials");
        Chain("to-materials", "completion", "second-phase", "employer-review-2");
        Connect("employer-review-2", "Approve", "unit-review-2");
        Connect("unit-review-2", "Approve", "bureau-review");
        Connect("bureau-review", "Approve", "passed");
        Chain("passed", "told-passed");
        Connect("completion", "Lapsed", "rejected");
        Chain("rejected", "told-rejected");
        foreach (var stage in (string[])["employer-review", "unit-review", "employer-review-2", "unit-review-2", "bureau-review"])
        {
            Status($"returned-{stage}", "supplement");
            Add($"fix-{stage}", "Talent.Supplement", ("stageName", Literal("补正")), ("due", Literal("10wd")), ("phase", Literal(1)));
            Status($"resumed-{stage}", "in_review");
            Connect(stage, "Return", $"returned-{stage}");
            Chain($"returned-{stage}", $"fix-{stage}", $"resumed-{stage}", stage);
            Connect($"fix-{stage}", "Lapsed", "rejected");
            Connect(stage, "Reject", "rejected");
        }
        return new JsonObject
        {
            ["definitionId"] = "political-work-title", ["name"] = "政工职评", ["version"] = 1, ["variables"] = new JsonArray(),
            ["inputs"] = new JsonArray(new JsonObject { ["name"] = "bureauPrecheck", ["type"] = "Boolean" }),
            ["root"] = new JsonObject { ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities, ["connections"] = connections },
        }.ToJsonString();

        void Add(string id, string type, params (string Name, JsonNode Value)[] inputs)
        {
            var node = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
            foreach (var (name, value) in inputs)
                node[name] = value;
            activities.Add(node);
        }

        void Status(string id, string status, int phase = 0) => Add(id, "Talent.SetStatus", ("status", Literal(status)), ("phase", Literal(phase)));

        void Review(string id, string name, string role, string organisation, string ladder) => Add(id, "Talent.ReviewStage",
            ("stageName", Literal(name)), ("role", Literal(role)), ("organisation", Expression("Input", organisation)), ("due", Literal("5wd")),
            ("ladder", Expression("Object", ladder)), ("mayDecideByRule", Literal(mayDecideByRule)));

        void Connect(string from, string port, string to) => connections.Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = from, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
        });

        void Chain(params string[] ids)
        {
            for (var i = 1; i < ids.Length; i++)
                Connect(ids[i - 1], "Done", ids[i]);
        }
    }

    private static JsonObject Literal(JsonNode value) => Expression("Literal", value);

    private static JsonObject Expression(string type, JsonNode value) => new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = type, ["value"] = value } };
}
