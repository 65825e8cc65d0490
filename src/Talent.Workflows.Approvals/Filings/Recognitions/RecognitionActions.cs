using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Filings.Recognitions;

/// <summary>A material of the case is given to be read, or another time.</summary>
internal sealed record RecognitionAsked : CaseAction
{
    public override string Name => "case.recognition_asked";
    public override short? EditsPhase => Phase;
    public required short Phase { get; init; }
}

/// <summary>What was read on a material: suggestions, and what of them went into the form, for the user who asked.</summary>
internal sealed record RecognitionAnswered : CaseAction
{
    public override string Name => "case.recognised";
    public override short? EditsPhase => Phase;
    public required short Phase { get; init; }

    /// <summary>The form with what was filled in; null: nothing was.</summary>
    public CaseData? Data { get; init; }

    public override string? AuditDetails => Data?.AuditWith(Filing);
}

/// <summary>An answer that nobody has a use for any more: it changes nothing but the recognition.</summary>
internal sealed record RecognitionLapsed : CaseAction
{
    public override string Name => "case.recognition_lapsed";
}

/// <summary>取消识别: what was read goes out of the form, and whoever fills it in types.</summary>
internal sealed record RecognitionCancelled : CaseAction
{
    public override string Name => "case.recognition_cancelled";
    public override short? EditsPhase => Phase;
    public required short Phase { get; init; }

    /// <summary>The form without what it had filled in; null: nothing is left of it.</summary>
    public CaseData? Data { get; init; }

    public override string? AuditDetails => Data?.AuditWith(Filing);
}
