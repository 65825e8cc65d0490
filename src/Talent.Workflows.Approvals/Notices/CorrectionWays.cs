namespace Talent.Workflows.Approvals.Notices;

/// <summary>What becomes of a notice's window when it is corrected, as its stage says.</summary>
public static class CorrectionWays
{
    /// <summary>All its working days again, from the correction on; never sooner than was announced.</summary>
    public const string Restart = "restart";

    /// <summary>Some working days more.</summary>
    public const string Extend = "extend";

    /// <summary>It closes when it was to close.</summary>
    public const string Keep = "keep";
}
