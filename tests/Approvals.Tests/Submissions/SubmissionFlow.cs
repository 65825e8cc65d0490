using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Tests.Submissions;

/// <summary>
/// A district reviews a case; what it has approved goes to the city on a list, as in S3: 已完成 says that the district has passed it.
/// A case that the office returns is reviewed again.
/// </summary>
internal static class SubmissionFlow
{
    /// <param name="beforeAcceptance">The employer's review stands for the district's, so that the case can still be withdrawn.</param>
    public static string Definition(bool beforeAcceptance = false, params (string Name, string Type, JsonNode Value)[] inputs)
    {
        var (activities, connections) = (new JsonArray(), new JsonArray());
        Add("start", "Elsa.Start");
        Status("pending", "pending_review");
        Add("review", "Talent.ReviewStage", ("stageName", "Literal", "区级审核"), ("role", "Literal", beforeAcceptance ? "employer.reviewer" : "bureau.reviewer"), ("organisation", "Input", beforeAcceptance ? "EmployerId" : "BureauId"));
        Status("passed-district", beforeAcceptance ? "in_review" : "finished");
        Add("list", "Talent.ListSubmission",
        [
            ("stageName", "Literal", "报市人才工作局"), ("title", "Literal", "留学回国人员引进拟推荐名单"), ("role", "Literal", "bureau.reviewer"), ("organisation", "Input", "BureauId"),
            ("columns", "Object", """
                [{"label":"业务编号","from":"case.number"},{"label":"姓名","kind":"name","from":"applicant.name"},{"label":"身份证号","kind":"resident_id","from":"data.residentId"},
                 {"label":"手机","kind":"phone","from":"data.phone"},{"label":"单位","from":"employer.name"},{"label":"性别","from":"data.gender","texts":{"male":"男","female":"女"}},{"label":"备注","text":"=1+1"}]
                """),
            .. inputs,
        ]);
        Status("completed", "completed");
        Add("told-completed", "Talent.Notify", ("event", "Literal", "case.completed"));
        Status("rejected", "rejected");
        Connect("start", "Done", "pending");
        Connect("pending", "Done", "review");
        Connect("review", "Approve", "passed-district");
        Connect("review", "Reject", "rejected");
        Connect("passed-district", "Done", "list");
        Connect("list", "Approved", "completed");
        Connect("completed", "Done", "told-completed");
        Connect("list", "Rejected", "rejected");
        Connect("list", "Returned", "pending");
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
