using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>One review stage with the inputs of a test: passed, rejected, or returned to a correction and back; and a second stage after it.</summary>
internal static class StageFlow
{
    public static string Definition(params (string Name, string Type, JsonNode Value)[] inputs) => Definition(inputs, []);

    public static string Definition((string Name, string Type, JsonNode Value)[] inputs, (string Name, string Type, JsonNode Value)[] second)
    {
        var flow = new FlowBuilder();
        flow.Add("start", "Elsa.Start");
        flow.Status("pending", "pending_review");
        flow.Add("stage", "Talent.ReviewStage", [("stageName", "Literal", "联审"), ("due", "Literal", "5wd"), .. inputs]);
        flow.Add("last", "Talent.ReviewStage", [("stageName", "Literal", "市局审核"), ("role", "Literal", "bureau.reviewer"), ("organisation", "Input", "BureauId"), .. second]);
        flow.Status("passed", "completed");
        flow.Status("rejected", "rejected");
        flow.Status("returned", "supplement");
        flow.Add("fix", "Talent.Supplement", ("stageName", "Literal", "补正"), ("due", "Literal", "10wd"));
        flow.Connect("start", "Done", "pending");
        flow.Connect("pending", "Done", "stage");
        flow.Connect("stage", "Approve", "last");
        foreach (var stage in (string[])["stage", "last"])
        {
            flow.Connect(stage, "Reject", "rejected");
            flow.Connect(stage, "Return", "returned");
        }
        flow.Connect("last", "Approve", "passed");
        flow.Connect("returned", "Done", "fix");
        flow.Connect("fix", "Done", "stage");
        flow.Connect("fix", "Lapsed", "rejected");
        return flow.Definition();
    }
}
