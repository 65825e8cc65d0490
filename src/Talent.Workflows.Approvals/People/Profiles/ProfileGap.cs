namespace Talent.Workflows.Approvals.People.Profiles;

/// <summary>One thing that a profile lacks before its person or employer can file: the reason, by name (R-PER-1, R-EMP-1).</summary>
/// <param name="Step">The step of the profile, such as <c>education</c>; <c>identity</c> for what registration asks of a person, <c>employer</c> for what an employer's entry in the directory lacks, <c>materials</c> for what its library lacks; empty for the profile as a whole.</param>
/// <param name="Field">Path of the field, such as <c>studyExperience[0].school</c>; empty for the step as a whole.</param>
/// <param name="Code">Stable: one of <see cref="ProfileGapCodes"/>, or of the form's error codes.</param>
/// <param name="Zh">What to do, in Chinese.</param>
/// <param name="En">The same in English.</param>
public sealed record ProfileGap(string Step, string Field, string Code, string Zh, string En);

/// <summary>Codes of gaps that no form error says.</summary>
public static class ProfileGapCodes
{
    /// <summary>The user has no profile yet.</summary>
    public const string NotRegistered = "not_registered";

    /// <summary>The profile is complete, but hasn't been previewed and submitted, or was changed since.</summary>
    public const string NotSubmitted = "not_submitted";

    public const string NoResidentId = "no_resident_id";
    public const string NoPhone = "no_phone";
}
