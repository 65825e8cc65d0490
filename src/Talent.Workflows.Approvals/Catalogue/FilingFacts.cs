using Talent.Workflows.Approvals.People.Profiles;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>In which capacity somebody files.</summary>
public enum Filer
{
    /// <summary>申报人本人: in their own matter.</summary>
    Person,

    /// <summary>用人单位经办人: for their employer or one of its people.</summary>
    Employer,
}

/// <summary>All that decides who may file what, as it was at one instant. Nothing of it is read again while it is judged.</summary>
public sealed record FilingFacts
{
    /// <summary>By the business clock, UTC.</summary>
    public required DateTimeOffset Now { get; init; }

    public required Filer Filer { get; init; }

    /// <summary>Whom the case is about; null: not named yet, or nobody.</summary>
    public ApplicantFacts? Applicant { get; init; }

    /// <summary>The employer that files, or whose person the applicant is; null: the applicant has none.</summary>
    public EmployerFacts? Employer { get; init; }

    /// <summary>Whether the acting account has 人才认证.</summary>
    public bool TalentCertified { get; init; }

    /// <summary>Rounds that aren't over, cancelled ones left out.</summary>
    public IReadOnlyList<FilingRound> Rounds { get; init; } = [];

    /// <summary>Bars on the applicant and the employer that aren't lifted.</summary>
    public IReadOnlyList<FilingBar> Bars { get; init; } = [];

    /// <summary>Submitted cases of the applicant, and of the employer in its own matters, that haven't ended.</summary>
    public IReadOnlyList<OpenCase> Cases { get; init; } = [];

    /// <summary>Services that administrators have closed.</summary>
    public IReadOnlyList<ServiceClosure> Closures { get; init; } = [];

    /// <summary>Services whose workflow is published: no other can be filed.</summary>
    public required IReadOnlySet<string> Published { get; init; }
}

/// <param name="AssociatedWith">The employer that they are associated with; null: none.</param>
/// <param name="Gaps">What their profile lacks; empty when it is complete and submitted.</param>
public sealed record ApplicantFacts(string UserId, string? AssociatedWith, IReadOnlyList<ProfileGap> Gaps)
{
    /// <summary>Where the directory has them: with the employer that they are associated with, or where they work as one of its people in office; null: nowhere.</summary>
    public string? OrganisationId { get; init; }
}

/// <param name="Certified">Whether it has 单位认证.</param>
/// <param name="Gaps">What its profile lacks.</param>
/// <param name="Permissions">Services that it may file for (业务权限).</param>
public sealed record EmployerFacts(string Id, bool Certified, IReadOnlyList<ProfileGap> Gaps, IReadOnlySet<string> Permissions);

/// <summary>年度/批次.</summary>
/// <param name="ClosesAt">UTC and exclusive: 24:00 of its last day.</param>
public sealed record FilingRound(string Id, string Series, short Year, string Zh, string En, DateTimeOffset OpensAt, DateTimeOffset ClosesAt)
{
    public bool IsOpen(DateTimeOffset now) => OpensAt <= now && now < ClosesAt;
}

/// <summary>限制申报, by a document. Of a person or of an employer.</summary>
/// <param name="Services">Null: all services.</param>
/// <param name="Until">UTC and exclusive; null: for good.</param>
public sealed record FilingBar(Guid Id, string? UserId, string? EmployerId, IReadOnlyList<string>? Services, DateTimeOffset From, DateTimeOffset? Until, string DocumentNumber, string DocumentTitle)
{
    public bool Covers(string service, DateTimeOffset now) => From <= now && !(Until <= now) && (Services is null || Services.Contains(service, StringComparer.Ordinal));
}

/// <param name="Number">Its case number.</param>
/// <param name="ApplicantId">Whom it is about; null: an employer's own.</param>
public sealed record OpenCase(Guid Id, string? Number, string Service, string? ApplicantId, string EmployerId);

/// <summary>暂停申报.</summary>
/// <param name="Until">UTC and exclusive; null: until an administrator opens it again.</param>
public sealed record ServiceClosure(string Service, string Zh, string En, DateTimeOffset? Until);
