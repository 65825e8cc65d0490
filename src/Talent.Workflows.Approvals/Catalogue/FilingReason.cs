using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.People.Profiles;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>Why somebody can't file for a service now (被限制办理原因, R-CAT-1), what to do about it, and what it is about as data.</summary>
/// <param name="Code">Stable: one of <see cref="FilingReasonCodes"/>.</param>
/// <param name="Zh">What is so, in Chinese.</param>
/// <param name="En">The same in English.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record FilingReason(string Code, string Zh, string En, FilingRemedy Remedy)
{
    /// <summary>What a profile lacks, by name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProfileGap>? Gaps { get; init; }

    /// <summary>The employer that it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EmployerId { get; init; }

    /// <summary>The next round to come.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FilingRound? NextRound { get; init; }

    /// <summary>The bar, without whom it is on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BarNote? Bar { get; init; }

    /// <summary>The case that excludes it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CaseNote? Case { get; init; }

    /// <summary>Until when, UTC and exclusive, where that is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Until { get; init; }
}

/// <param name="Target">Where it is mended, stable: <c>profile</c>, <c>employer-profile</c>, <c>service</c>, <c>case</c>, <c>calendar</c> or <c>hotline</c>.</param>
/// <param name="Href">Where the API has it; null: nowhere.</param>
public sealed record FilingRemedy(string Zh, string En, string Target, string? Href = null);

public sealed record BarNote(string DocumentNumber, string DocumentTitle, DateTimeOffset From, DateTimeOffset? Until);

public sealed record CaseNote(Guid Id, string? Number, string Service);

/// <summary>Every reason that there is. A code never changes its meaning.</summary>
public static class FilingReasonCodes
{
    public const string ServiceClosed = "service_closed";
    public const string WrongFiler = "wrong_filer";
    public const string NotInRound = "not_in_round";
    public const string Barred = "barred";
    public const string NotAssociatedWithApplicant = "not_associated_with_applicant";
    public const string NotAssociated = "not_associated";
    public const string AssociatedElsewhere = "associated_elsewhere";
    public const string ProfileIncomplete = "profile_incomplete";
    public const string NotCertified = "not_certified";
    public const string WrongCertification = "wrong_certification";
    public const string EmployerProfileIncomplete = "employer_profile_incomplete";
    public const string NoPermission = "no_permission";
    public const string ExcludedByCase = "excluded_by_case";
}
