using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>A material comes into a case, goes, or takes another's place, while the phase is in the applicant's hands.</summary>
internal sealed record MaterialsChanged : CaseAction
{
    public override string Name => "case.materials_changed";
    public override short? EditsPhase => Phase;
    public required short Phase { get; init; }
}

/// <summary>确认基础信息: the applicant's profile as it is now is the case's.</summary>
internal sealed record ProfileConfirmed : CaseAction
{
    public override string Name => "case.profile_confirmed";
    public override short? EditsPhase => Phase;
    public required short Phase { get; init; }
}

/// <summary>Somebody has confirmed a text for the case, such as the warning of classified material.</summary>
internal sealed record ConfirmationGiven : CaseAction
{
    public override string Name => "case.confirmed";
    public override short? EditsPhase => Phase;
    public required short Phase { get; init; }
}
