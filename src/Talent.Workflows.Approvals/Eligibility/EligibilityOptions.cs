using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>入户条件测试的次数与时效, section <c>Talent:Eligibility</c>. All nodes of one database have to have the same.</summary>
public sealed class EligibilityOptions
{
    public const string Section = "Talent:Eligibility";

    /// <summary>Look-ups in shared data that one account may have within 24 hours; default 10.</summary>
    [Range(1, 1000)]
    public int LookUpsPerDay { get; set; } = 10;

    /// <summary>Certificates that one account may have recognised in sessions within 24 hours; default 30.</summary>
    [Range(1, 1000)]
    public int RecognitionsPerDay { get; set; } = 30;

    /// <summary>Sessions that one account may begin within 24 hours; default 30.</summary>
    [Range(1, 1000)]
    public int SessionsPerDay { get; set; } = 30;

    /// <summary>Hours for which a session is kept, from its beginning; default 72.</summary>
    [Range(1, 720)]
    public int SessionHours { get; set; } = 72;

    /// <summary>Minutes after which shared data isn't looked up again without another face; default 120.</summary>
    [Range(1, 1440)]
    public int FaceMinutes { get; set; } = 120;
}
