namespace Talent.Workflows.Approvals.Why;

/// <summary>Why somebody can act on a task.</summary>
public static class WhyGrounds
{
    /// <summary>They hold the role, at the organisation if there is one.</summary>
    public const string Role = "role";

    /// <summary>The stage names them.</summary>
    public const string Named = "named";

    /// <summary>领取</summary>
    public const string Claimed = "claimed";

    /// <summary>工作量最少</summary>
    public const string LeastWorkload = "least_workload";

    /// <summary>One of several who decide together: 会签, 或签, 票签.</summary>
    public const string Member = "member";

    /// <summary>加签</summary>
    public const string Countersigner = "countersigner";

    /// <summary>转办</summary>
    public const string HandedOver = "handed_over";

    /// <summary>委托</summary>
    public const string Delegation = "delegation";

    /// <summary>超时升级: it went to the superior.</summary>
    public const string Escalated = "escalated";

    /// <summary>The role of an organisation above, or of the office of a region.</summary>
    public const string LevelUp = "level_up", Region = "region";

    /// <summary>Whose case it is, or who filed it.</summary>
    public const string Applicant = "applicant";

    /// <summary>A seat on a panel; nobody is named.</summary>
    public const string Expert = "expert";
}
