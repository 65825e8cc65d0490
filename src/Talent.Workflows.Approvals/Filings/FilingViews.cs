using System.Text.Json;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>The materials of a case, by what the service asks for (R-CASE-3, R-CASE-4).</summary>
public sealed record CaseMaterialsView
{
    public required Guid CaseId { get; init; }

    /// <summary>Which hand-in is shown; null: what the applicant has there now.</summary>
    public required int? HandIn { get; init; }

    public required string WarningZh { get; init; }

    /// <inheritdoc cref="WarningZh"/>
    public required string WarningEn { get; init; }

    public required IReadOnlyList<MaterialSlotView> Slots { get; init; }

    /// <summary>What would be refused if it were handed in now; empty for who can't hand it in.</summary>
    public required IReadOnlyList<Cases.Forms.FormError> Missing { get; init; }

    /// <summary>Every hand-in, oldest first.</summary>
    public required IReadOnlyList<HandInView> HandIns { get; init; }

    public required IReadOnlyList<NextAction> NextActions { get; init; }
}

/// <summary>One thing that is asked for.</summary>
/// <param name="Slot">Its key.</param>
/// <param name="Phase">1 = 资格审核, 2 = 完善材料.</param>
/// <param name="Required">Without it the phase can't be handed in.</param>
/// <param name="Applies">Whether this case is asked for it.</param>
/// <param name="Field">The form field that names its files, such as <c>workExperience.proofFile</c>; null: none does.</param>
/// <param name="AllowedTypes">pdf, jpg, png: by content.</param>
/// <param name="MaxMegabytes">Of one file, in MiB.</param>
/// <param name="MaxFiles">In the case.</param>
public sealed record MaterialSlotView(string Slot, string Zh, string En, int Phase, bool Required, bool Applies, string? Field, IReadOnlyList<string> AllowedTypes, int MaxMegabytes, int MaxFiles,
    string? NoteZh, string? NoteEn, IReadOnlyList<CaseMaterialView> Materials)
{
    /// <summary>The rows of the form that are asked for it, each with its own file; null where no row is.</summary>
    public IReadOnlyList<SlotRowView>? Rows { get; init; }

    /// <summary>Why it needn't be handed in; null: nothing waives it.</summary>
    public WaivedView? Waived { get; init; }
}

/// <summary>What makes a material needless (R-CASE-3).</summary>
/// <param name="Fact">Such as <c>shared.degree</c>.</param>
/// <param name="At">When the other office said so.</param>
public sealed record WaivedView(string Fact, string Zh, string En, DateTimeOffset At);

/// <summary>A row that is asked for a material.</summary>
/// <param name="Row">From 0.</param>
/// <param name="Zh">What it is called, such as 妻子 陈样例; null: it has no name.</param>
/// <param name="Material">The file that it names; null: none yet.</param>
public sealed record SlotRowView(int Row, string? Zh, string? En, Guid? Material);

/// <summary>One file in a case.</summary>
public sealed record CaseMaterialView
{
    /// <summary>Of the material in the library that it was taken from: what the form's file fields name.</summary>
    public required Guid Id { get; init; }

    /// <summary>As the library called it; for who judges without knowing whom, what the service calls it.</summary>
    public required string Name { get; init; }

    public required string Kind { get; init; }

    /// <summary>In bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the content in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Degrees clockwise by which a picture is to be shown turned.</summary>
    public required int Rotation { get; init; }

    /// <summary><c>unscanned</c>, <c>clean</c> or <c>found</c>.</summary>
    public required string Scan { get; init; }

    /// <summary>What the scan means for its readers; null: nothing.</summary>
    public Worded? Problem { get; init; }

    /// <summary>Rows of the form that name it, from 0; null where no row does.</summary>
    public IReadOnlyList<int>? Rows { get; init; }

    /// <summary>Whether it came in by itself.</summary>
    public required bool Carried { get; init; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>Where its content is.</summary>
    public required string Href { get; init; }
}

/// <summary>One time that the applicant handed in.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Sha256">Over the lines "slot, id, SHA-256 of the content" of its materials, tab-separated, in their order; the audit has it too.</param>
public sealed record HandInView(int Number, int Phase, DateTimeOffset At, int Materials, string Sha256);

/// <summary>What a material in a case takes the place of.</summary>
/// <param name="Replaces">A material of the same slot; null: none.</param>
public sealed record PutMaterial(Guid? Replaces = null);

/// <summary>The applicant's profile as the case has it (R-PER-2).</summary>
public sealed record CaseProfileView
{
    public required Guid CaseId { get; init; }

    /// <summary><c>none</c>: the applicant has no profile, or none was taken; <c>open</c>: it is taken at submission; <c>confirmed</c>: in a draft; <c>filed</c>.</summary>
    public required Worded State { get; init; }

    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>SHA-256 of its canonical JSON; the audit has it too. Null for who judges without knowing whom.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether numbers are shown in full; that is recorded.</summary>
    public required bool Full { get; init; }

    /// <summary>name, residentId, phone, email; null: there is no profile, or it isn't to be known whose it is.</summary>
    public JsonElement? Identity { get; init; }

    public required IReadOnlyList<CaseProfileStep> Steps { get; init; }
}

public sealed record CaseProfileStep(string Key, string Zh, string En, JsonElement Data);

/// <summary>确认基础信息: what has changed in the applicant's profile since the case took it.</summary>
public sealed record ProfileChangesView
{
    public required Guid CaseId { get; init; }

    /// <summary>What is compared with: <c>none</c>, <c>open</c> (nothing was confirmed yet: all of the profile shows as new), <c>confirmed</c>, <c>filed</c>.</summary>
    public required Worded Since { get; init; }

    public required bool Differs { get; init; }

    /// <summary>In the order of the profile, masked.</summary>
    public required IReadOnlyList<ProfileChange> Changes { get; init; }

    /// <summary>Of the profile as it is now: sent with the confirmation, it confirms this and nothing later. Null: the applicant has no profile.</summary>
    public required string? Sha256 { get; init; }

    public required IReadOnlyList<NextAction> NextActions { get; init; }
}

/// <summary>A field that differs. Values are masked, so that two that differ may look alike.</summary>
/// <param name="Step">The step of the profile; <c>identity</c> for what registration asks.</param>
/// <param name="Before">Null: it had no value.</param>
/// <param name="Now">Null: it has none.</param>
public sealed record ProfileChange(string Step, string Field, string Zh, string En, JsonElement? Before, JsonElement? Now);

/// <param name="Sha256">Of the profile that is confirmed, from the changes; null: as it is.</param>
public sealed record ConfirmProfile(string? Sha256 = null);

/// <summary>What has to be confirmed for a case before it is handed in.</summary>
/// <param name="TextSha256">Of the text in both languages, with a line break between.</param>
/// <param name="ConfirmedAt">Null: not yet, or another text was.</param>
/// <param name="ConfirmedBy">Id of the user.</param>
public sealed record ConfirmationView(string Key, string Zh, string En, string TextSha256, DateTimeOffset? ConfirmedAt, string? ConfirmedBy);

/// <param name="TextSha256">Of the text that was shown; null: as it is.</param>
public sealed record GiveConfirmation(string? TextSha256 = null);
