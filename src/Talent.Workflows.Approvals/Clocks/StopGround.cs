using System.Collections.Immutable;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>A ground on which clocks stop, and which of them: <c>stage</c>, <c>total</c>.</summary>
/// <remarks>Source: 行政许可法 art. 45, time for hearing, inspection, testing, quarantine, appraisal and expert review isn't counted and the applicant is told in writing.</remarks>
public sealed record StopGround(string Code, string Zh, string En, IReadOnlyList<string> Stops)
{
    /// <summary>补正, and 完善材料: the case lies with the applicant.</summary>
    public const string Supplement = "supplement";

    public const string ExpertReview = "expert-review";
    public const string Notice = "notice";

    private static readonly ImmutableArray<string> Both = [LimitKinds.Stage, LimitKinds.Total];
    private static readonly ImmutableArray<string> TotalOnly = [LimitKinds.Total];

    /// <summary>What stops what unless a service says otherwise. A panel and a notice have limits of their own, so only the whole stands still.</summary>
    public static readonly IReadOnlyList<StopGround> Usual =
    [
        new(Supplement, "补正", "correction", Both),
        new(ExpertReview, "专家评审", "expert review", TotalOnly),
        new(Notice, "公示", "public notice", TotalOnly),
        new("hearing", "听证", "hearing", Both),
        new("inspection", "检验检测", "inspection", Both),
        new("appraisal", "鉴定", "appraisal", Both),
    ];

    /// <summary>The two that an activity of its own begins and ends; the others are entered by whoever deals with the case.</summary>
    public bool ByHand => Code is not (Supplement or ExpertReview or Notice);
}
