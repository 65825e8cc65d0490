using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.People.Profiles;

/// <summary>A profile as its rows have it.</summary>
internal sealed record KeptProfile(Guid Id, long Version, DateTimeOffset? SubmittedAt, IReadOnlyList<StepRow> Steps);

/// <summary>The row of a step.</summary>
internal sealed record StepRow(string Step, int KeyId, SealedStep Data, DateTimeOffset SavedAt)
{
    /// <summary>Of a table of steps <c>s</c>.</summary>
    public const string Columns = "s.step, s.key_id, s.data::text, s.sealed, s.saved_at";

    public static StepRow Read(NpgsqlDataReader r) => new(r.GetString(0), r.GetInt32(1), new SealedStep(r.GetString(2), r.IsDBNull(3) ? null : r.GetFieldValue<byte[]>(3)), r.GetFieldValue<DateTimeOffset>(4));
}
