namespace Talent.Workflows.Approvals.Employers;

/// <param name="Kind">bureau, responsibleUnit or employer.</param>
/// <param name="Region">Six digits.</param>
/// <param name="ResponsibleUnit">归口单位 of an employer.</param>
/// <param name="Version">Of the last change; the ETag.</param>
public sealed record OrganisationView(string Id, string Kind, string NameZh, string NameEn, string? Parent, string Region, string? Uscc, bool Active, string? ResponsibleUnit, long Version);

/// <param name="Phone">Masked.</param>
/// <param name="Email">Masked.</param>
/// <param name="Fields">Of an expert.</param>
/// <param name="TermFrom">First day of an expert's term; null: unlimited.</param>
/// <param name="Version">Of the last change; the ETag.</param>
public sealed record UserView(
    string Id, string Name, string? Organisation, IReadOnlyList<RoleView> Roles, string? Phone, string? Email, IReadOnlyList<string> Fields, DateOnly? TermFrom, DateOnly? TermTo, bool Active, long Version);

public sealed record RoleView(string Role, string Organisation);

/// <summary>Who changed which fields of what, when (R-ADM-3). Values aren't kept here: they may be personal.</summary>
/// <param name="Subject">organisation or user.</param>
/// <param name="Change">added or changed.</param>
/// <param name="Credential">The key that it was done with; <c>system</c>: a file at a start, or a command.</param>
public sealed record DirectoryChange(long Id, DateTimeOffset At, string Credential, string? User, string Subject, string SubjectId, string Change, IReadOnlyList<string> Fields);

/// <summary>An organisation as it is to be; what is left out is empty.</summary>
public sealed record OrganisationInput
{
    /// <summary>bureau, responsibleUnit or employer.</summary>
    public required string Kind { get; init; }
    public required string NameZh { get; init; }
    public required string NameEn { get; init; }

    /// <summary>The organisation above; only a bureau may have none.</summary>
    public string? Parent { get; init; }

    /// <summary>Six digits.</summary>
    public required string Region { get; init; }

    /// <summary>统一社会信用代码.</summary>
    public string? Uscc { get; init; }

    /// <summary>归口单位; every employer has one.</summary>
    public string? ResponsibleUnit { get; init; }

    /// <summary>Left out: as it is; a new one is active.</summary>
    public bool? Active { get; init; }
}

/// <summary>A user as they are to be. Phone, e-mail, term and active stay as they are when they are left out, because nobody reads them in full.</summary>
public sealed record UserInput
{
    public required string Name { get; init; }
    public required string Organisation { get; init; }
    public required IReadOnlyList<RoleView> Roles { get; init; }
    public string? Phone { get; init; }
    public string? Email { get; init; }
    public IReadOnlyList<string>? Fields { get; init; }
    public DateOnly? TermFrom { get; init; }
    public DateOnly? TermTo { get; init; }
    public bool? Active { get; init; }
}
