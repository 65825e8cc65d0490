using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.People.Profiles;

/// <summary>Where the profiles of one kind are: a table with a row each (<c>id</c>, <c>version</c>, <c>submitted_at</c>, <c>changed_at</c>), and one with a row a step.</summary>
/// <param name="Profiles">In the schema <c>approvals</c>.</param>
/// <param name="Steps">In the schema <c>approvals</c>.</param>
/// <param name="Owner">The column of a step that names the profile.</param>
internal sealed record ProfileTables(string Profiles, string Steps, string Owner)
{
    public static ProfileTables People { get; } = new("people", "person_steps", "person_id");
    public static ProfileTables Employers { get; } = new("employer_profiles", "employer_steps", "profile_id");

    /// <summary>The steps, as a table with sealed columns.</summary>
    public SealedTable Table { get; } = new(Steps, Owner, "step", ["sealed"]);
}
