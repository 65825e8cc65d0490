namespace Talent.Workflows.Approvals.Filings;

/// <summary>Whose materials a case takes.</summary>
internal static class FilingMaterials
{
    /// <summary>Whether the material <c>m</c> is the applicant's or the employer's own, as SQL over two parameters; an employer that is null has none.</summary>
    public static string Fits(string applicant, string employer) =>
        $"(m.owner_kind = 'person' and m.owner_id = {applicant} or m.owner_kind = 'employer' and m.owner_id = {employer})";
}
