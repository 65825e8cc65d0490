namespace Talent.Workflows.Approvals.Employers.Directory;

/// <summary>The content of a directory file: <c>workflows/shared/organisations/*.json</c>.</summary>
public sealed record DirectoryDefinition
{
    public required IReadOnlyList<Organisation> Organisations { get; init; }
    public required IReadOnlyList<DirectoryUser> Users { get; init; }
}

/// <summary>The kinds of organisation.</summary>
public enum OrganisationKind
{
    /// <summary>市局: the city-level authority.</summary>
    Bureau,

    /// <summary>归口单位: reviews second for the employers it is responsible for.</summary>
    ResponsibleUnit,

    /// <summary>用人单位.</summary>
    Employer,
}

public sealed record Organisation
{
    public required string Id { get; init; }
    public required OrganisationKind Kind { get; init; }
    public required string NameZh { get; init; }
    public required string NameEn { get; init; }

    /// <summary>The organisation above; absent only for a bureau.</summary>
    public string? Parent { get; init; }

    /// <summary>Six-digit region code.</summary>
    public required string Region { get; init; }

    /// <summary>统一社会信用代码, 18 characters (GB 32100).</summary>
    public string? Uscc { get; init; }

    /// <summary>For a responsible unit: its employers.</summary>
    public IReadOnlyList<string> ResponsibleFor { get; init; } = [];

    /// <summary>Absent: as it is in the database; a new one is active.</summary>
    public bool? Active { get; init; }
}

public sealed record DirectoryUser
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Organisation { get; init; }

    /// <summary>Such as <c>employer.reviewer</c>; lower case, parts joined by dots and hyphens.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Roles that the user holds at other organisations.</summary>
    public IReadOnlyList<RoleElsewhere> RolesElsewhere { get; init; } = [];

    public required string Phone { get; init; }
    public required string Email { get; init; }

    /// <summary>For an expert: the fields of expertise.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>For an expert: first and last day of the term (任期). Absent: as it is in the database; a new one is unlimited.</summary>
    public DateOnly? TermFrom { get; init; }

    public DateOnly? TermTo { get; init; }

    /// <summary>Absent: as it is in the database; a new one is active.</summary>
    public bool? Active { get; init; }
}

/// <summary>A role at an organisation that isn't the user's own.</summary>
public sealed record RoleElsewhere(string Role, string Organisation);

/// <summary>The three organisations that a case of an employer passes through.</summary>
public sealed record OrganisationRoute(Organisation Employer, Organisation ResponsibleUnit, Organisation Bureau);
