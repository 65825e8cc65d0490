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
        var flow = new FlowBuilder();
        flow.Add("start", "Elsa.Start");
        flow.Add("told", "Talent.Notify", ("event", "Literal", "case.submitted"));
        flow.Status("pending", "pending_review");
        Review("employer-review", "用人单位审核", "employer.reviewer", "EmployerId", employerLadder);
        Review("unit-review", "归口单位审核", "unit.reviewer", "UnitId", Ladder);
        flow.Status("to-materials", "materials", 2);
        flow.Add("completion", "Talent.Supplement", ("stageName", "Literal", "完善材料"), ("kind", "Literal", "materials"), ("due", "Literal", "20wd"));
        flow.Status("second-phase", "in_review", 2);
        Review("employer-review-2", "用人单位复核", "employer.reviewer", "EmployerId", Ladder);
        Review("unit-review-2", "归口单位复核", "unit.reviewer", "UnitId", Ladder);
        Review("bureau-review", "市局审核", "bureau.reviewer", "BureauId", Ladder);
        flow.Status("passed", "completed");
        flow.Add("told-passed", "Talent.Notify", ("event", "Literal", "case.completed"));
        flow.Status("rejected", "rejected");
        flow.Add("told-rejected", "Talent.Notify", ("event", "Literal", "case.rejected"));
        flow.Chain("start", "told", "pending", "employer-review");
        flow.Connect("employer-review", "Approve", "unit-review");
        if (mayDecideByRule)
            flow.Connect("employer-review", "Timeout", "unit-review");
        flow.Connect("unit-review", "Approve", "to-materials");
        flow.Chain("to-materials", "completion", "second-phase", "employer-review-2");
        flow.Connect("employer-review-2", "Approve", "unit-review-2");
        flow.Connect("unit-review-2", "Approve", "bureau-review");
        flow.Connect("bureau-review", "Approve", "passed");
        flow.Chain("passed", "told-passed");
        flow.Connect("completion", "Lapsed", "rejected");
        flow.Chain("rejected", "told-rejected");
        foreach (var stage in (string[])["employer-review", "unit-review", "employer-review-2", "unit-review-2", "bureau-review"])
        {
            flow.Status($"returned-{stage}", "supplement");
            flow.Add($"fix-{stage}", "Talent.Supplement", ("stageName", "Literal", "补正"), ("due", "Literal", "10wd"), ("phase", "Literal", 1));
            flow.Status($"resumed-{stage}", "in_review");
            flow.Connect(stage, "Return", $"returned-{stage}");
            flow.Chain($"returned-{stage}", $"fix-{stage}", $"resumed-{stage}", stage);
            flow.Connect($"fix-{stage}", "Lapsed", "rejected");
            flow.Connect(stage, "Reject", "rejected");
        }
        return flow.Definition();

        void Review(string id, string name, string role, string organisation, string ladder) => flow.Add(id, "Talent.ReviewStage",
            ("stageName", "Literal", name), ("role", "Literal", role), ("organisation", "Input", organisation), ("due", "Literal", "5wd"),
            ("ladder", "Object", ladder), ("mayDecideByRule", "Literal", mayDecideByRule));
    }
}
