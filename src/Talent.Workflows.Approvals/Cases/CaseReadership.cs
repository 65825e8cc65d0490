using Npgsql;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>As whom somebody meets a case.</summary>
/// <param name="Sees">Whether they may read it at all, in a right of their own.</param>
/// <param name="Owns">It is theirs: they are its applicant, or filed it.</param>
/// <param name="SeesPanel">They may know who sits on its panels.</param>
/// <param name="Blind">An expert who isn't to know whom it is about.</param>
/// <param name="Roles">Their roles at the organisations of the case.</param>
/// <param name="TaskStages">Stages in which they have or had a task, or could take one.</param>
internal sealed record CaseReadership(bool Sees, bool Owns, bool SeesPanel, bool Blind, IReadOnlyList<string> Roles, IReadOnlyList<string> TaskStages)
{
    /// <summary>The stages as whose people they read the case: those of their tasks, and those that their roles will have them decide. None: it is their own.</summary>
    /// <param name="delegated">Stages of tasks that are theirs in somebody else's place.</param>
    public IReadOnlyCollection<string> Stages(ServiceDefinition service, IEnumerable<string?> delegated) => Owns ? []
        : new HashSet<string>([.. TaskStages, .. delegated.OfType<string>(), .. service.Phases.SelectMany(p => p.Stages).Where(s => Roles.Contains(s.Role)).Select(s => s.Key)], StringComparer.Ordinal);

    /// <param name="first">Where the columns of <see cref="CaseReader.Readership"/> begin.</param>
    public static CaseReadership Read(NpgsqlDataReader row, int first) => new(row.GetBoolean(first), row.GetBoolean(first + 1), row.GetBoolean(first + 2), row.GetBoolean(first + 3), row.GetFieldValue<string[]>(first + 4), row.GetFieldValue<string[]>(first + 5));
}
