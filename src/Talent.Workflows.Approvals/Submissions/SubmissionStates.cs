using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>Where a case stands on its way to the city, as its row keeps it.</summary>
public static class SubmissionStates
{
    /// <summary>On no list.</summary>
    public const string Waiting = "waiting";

    /// <summary>On a draft, or on a sealed list that isn't decided for it.</summary>
    public const string Listed = "listed";

    public const string Approved = "approved", Rejected = "rejected";

    /// <summary>退回: the office took it off.</summary>
    public const string Returned = "returned";

    /// <summary>It was withdrawn, or its flow went elsewhere.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>How much a workflow knows of its row.</summary>
    internal const short Sealed = 1, Settled = 2;

    internal static Worded Word(string state) => state switch
    {
        Waiting => new(state, "待列入名单", "waits to be listed"),
        Listed => new(state, "已列入名单", "listed"),
        Approved => new(state, "批准", "approved"),
        Rejected => new(state, "不予批准", "rejected"),
        Returned => new(state, "已退回", "returned"),
        _ => new(state, "已撤回或终止", "withdrawn or ended"),
    };
}
