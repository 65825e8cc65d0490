using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>One thing to mend before case data can be saved or submitted.</summary>
/// <param name="Path">Field path such as <c>workExperience[0].startMonth</c>; empty for the whole form.</param>
/// <param name="Code">A stable code of <see cref="FormErrorCodes"/>.</param>
/// <param name="Zh">The Chinese message, with the field's Chinese label.</param>
/// <param name="En">The same in English.</param>
public sealed record FormError(string Path, string Code, string Zh, string En)
{
    /// <summary>The rule of the form that is broken; null: it is about the field alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rule { get; init; }
}

/// <summary>Stable codes of form errors.</summary>
public static class FormErrorCodes
{
    public const string NotAnObject = "not_an_object";
    public const string TooLarge = "too_large";
    public const string TooManyErrors = "too_many_errors";
    public const string UnknownField = "unknown_field";
    public const string DuplicateField = "duplicate_field";
    public const string NotOpenYet = "not_open_yet";
    public const string Approved = "approved";

    /// <summary>A correction may change only what it was asked for.</summary>
    public const string NotAsked = "not_asked";
    public const string NotApplicable = "not_applicable";
    public const string Required = "required";
    public const string WrongType = "wrong_type";
    public const string BadText = "bad_text";
    public const string TooShort = "too_short";
    public const string TooLong = "too_long";
    public const string OutOfRange = "out_of_range";
    public const string BadFormat = "bad_format";
    public const string NotInTable = "not_in_table";
    public const string CheckFailed = "check_failed";
    public const string MustConfirm = "must_confirm";
    public const string WrongOrder = "wrong_order";
    public const string TooFewRows = "too_few_rows";
    public const string TooManyRows = "too_many_rows";
    public const string WrongYears = "wrong_years";
    public const string TooFewChoices = "too_few_choices";
    public const string TooManyChoices = "too_many_choices";
    public const string NotOffered = "not_offered";
    public const string WrongLevel = "wrong_level";

    /// <summary>The applicant's name or number isn't the one that was verified (实名).</summary>
    public const string NotVerifiedIdentity = "not_verified_identity";

    /// <summary>A rule across fields doesn't hold; <see cref="FormError.Rule"/> says which.</summary>
    public const string Rule = "rule";
}

/// <summary>How strictly case data is looked at.</summary>
public enum FormMode
{
    /// <summary>Being filled in: only what can't be kept is an error (shape, size, unknown fields, unknown codes).</summary>
    Draft,

    /// <summary>Being handed in: complete and correct.</summary>
    Submit,
}
