using Npgsql;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>As whom somebody meets a case.</summary>
/// <param name="Sees">Whether they may read it at all, in a right of their own.</param>
/// <param name="Owns">It is theirs: they are its applicant, or filed it.</param>
/// <param name="SeesPanel">They may know who sits on its panels.</param>
/// <param name="Blind">An expert who isn't to know whom it is about.</param>
internal sealed record CaseReadership(bool Sees, bool Owns, bool SeesPanel, bool Blind)
{
    /// <param name="first">Where the columns of <see cref="CaseReader.Readership"/> begin.</param>
    public static CaseReadership Read(NpgsqlDataReader row, int first) => new(row.GetBoolean(first), row.GetBoolean(first + 1), row.GetBoolean(first + 2), row.GetBoolean(first + 3));
}
