namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>Who may file for a service, as <c>conditions</c> of <c>service.json</c> says; what it leaves out isn't asked for.</summary>
/// <remarks>Source: R-CAT-1, R-PRM-1.</remarks>
public sealed record ServiceConditions
{
    public const string Profile = "profile", Associated = "associated", Certified = "certified", Permission = "permission";

    /// <summary>What may be asked of the applicant and of the employer.</summary>
    public static readonly IReadOnlyList<string> OfPersons = [Profile, Associated], OfEmployers = [Certified, Profile, Permission];

    /// <summary>Of the applicant: <c>profile</c> (complete and submitted), <c>associated</c> (with an employer).</summary>
    public IReadOnlyList<string> Person { get; init; } = [];

    /// <summary>Of the employer: <c>certified</c> (单位认证), <c>profile</c> (complete), <c>permission</c> (业务权限 for this service).</summary>
    public IReadOnlyList<string> Employer { get; init; } = [];

    /// <summary>Services of which nobody has a case together with one of this; may name the service itself. It holds both ways, so that one of two has to say it.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>The series of rounds (年度/批次) in which it is filed, such as the service's own id; null: at any time.</summary>
    public string? Rounds { get; init; }

    /// <summary>The service by which its permission is opened; null: by none.</summary>
    public string? PermissionBy { get; init; }
}
