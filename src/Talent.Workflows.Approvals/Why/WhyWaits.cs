namespace Talent.Workflows.Approvals.Why;

/// <summary>What a case waits for.</summary>
public static class WhyWaits
{
    public const string Draft = "draft", Review = "review", Correction = "correction", Materials = "materials", Objection = "objection";

    public const string ExpertPanel = "expert_panel", PublicNotice = "public_notice", ListSubmission = "list_submission", Assignment = "assignment";

    public const string ChildWorkflow = "child_workflow", OutsideSystem = "outside_system", Event = "event", Timer = "timer", Other = "other";
}
