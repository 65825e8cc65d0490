namespace Talent.Workflows.Approvals.Panels;

/// <summary>The outcomes' stable codes and words.</summary>
internal static class OutcomeWords
{
    /// <exception cref="InvalidOperationException">No such code.</exception>
    public static PanelOutcome Parse(string? code) => code switch
    {
        "passed" => PanelOutcome.Passed,
        "failed" => PanelOutcome.Failed,
        "tied" => PanelOutcome.Tied,
        "no_quorum" => PanelOutcome.NoQuorum,
        _ => throw new InvalidOperationException($"A panel doesn't end as '{code}'."),
    };

    public static string Zh(PanelOutcome outcome) => outcome switch
    {
        PanelOutcome.Passed => "通过",
        PanelOutcome.Failed => "未通过",
        PanelOutcome.Tied => "票数相同",
        _ => "未达法定人数",
    };

    public static string En(PanelOutcome outcome) => outcome switch
    {
        PanelOutcome.Passed => "passed",
        PanelOutcome.Failed => "not passed",
        PanelOutcome.Tied => "tied",
        _ => "no quorum",
    };
}
