namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>What a submission was found to fulfil, for its step to check again at the instant of the commit.</summary>
internal sealed record FilingGate
{
    public required string Service { get; init; }

    /// <summary>Whom the case is about; null: an employer's own.</summary>
    public string? Applicant { get; init; }
    public required string EmployerOf { get; init; }

    /// <summary>The employer files, so that a bar on it counts.</summary>
    public required bool ByEmployer { get; init; }
    public required bool Associated { get; init; }
    public required bool Profile { get; init; }
    public required bool Certified { get; init; }
    public required bool Permission { get; init; }

    /// <summary>Null: filed at any time.</summary>
    public string? Rounds { get; init; }

    /// <summary>Services of which no case may be open.</summary>
    public required IReadOnlyCollection<string> Excluding { get; init; }

    /// <summary>Whose submissions are counted where services exclude others.</summary>
    public required string Subject { get; init; }

    /// <summary>The place of this one among them.</summary>
    public required int Turn { get; init; }

    public static string Person(string user) => $"person:{user}";

    public static string Employer(string organisation) => $"employer:{organisation}";
}
