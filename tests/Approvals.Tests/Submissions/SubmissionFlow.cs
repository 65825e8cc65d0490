using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Tests.Cases;

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
        var flow = new FlowBuilder();
        flow.Add("start", "Elsa.Start");
        flow.Status("pending", "pending_review");
        flow.Add("review", "Talent.ReviewStage", ("stageName", "Literal", "区级审核"), ("role", "Literal", beforeAcceptance ? "employer.reviewer" : "bureau.reviewer"), ("organisation", "Input", beforeAcceptance ? "EmployerId" : "BureauId"));
        flow.Status("passed-district", beforeAcceptance ? "in_review" : "finished");
        flow.Add("list", "Talent.ListSubmission",
        [
            ("stageName", "Literal", "报市人才工作局"), ("title", "Literal", "留学回国人员引进拟推荐名单"), ("role", "Literal", "bureau.reviewer"), ("organisation", "Input", "BureauId"),
            ("columns", "Object", """
                [{"label":"业务编号","from":"case.number"},{"label":"姓名","kind":"name","from":"applicant.name"},{"label":"身份证号","kind":"resident_id","from":"data.residentId"},
                 {"label":"手机","kind":"phone","from":"data.phone"},{"label":"单位","from":"employer.name"},{"label":"性别","from":"data.gender","texts":{"male":"男","female":"女"}},{"label":"备注","text":"=1+1"}]
                """),
            .. inputs,
        ]);
        flow.Status("completed", "completed");
        flow.Add("told-completed", "Talent.Notify", ("event", "Literal", "case.completed"));
        flow.Status("rejected", "rejected");
        flow.Connect("start", "Done", "pending");
        flow.Connect("pending", "Done", "review");
        flow.Connect("review", "Approve", "passed-district");
        flow.Connect("review", "Reject", "rejected");
        flow.Connect("passed-district", "Done", "list");
        flow.Connect("list", "Approved", "completed");
        flow.Connect("completed", "Done", "told-completed");
        flow.Connect("list", "Rejected", "rejected");
        flow.Connect("list", "Returned", "pending");
        return flow.Definition();
    }
}
