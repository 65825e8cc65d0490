using Npgsql;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>An instance that a step has changed since the last count.</summary>
/// <param name="IsNew">It wasn't there then.</param>
/// <param name="HasEnded">It has ended since. What had ended before is in the count, also when it has got a step since.</param>
internal sealed record ChangedInstance(Guid Id, string DefinitionId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt, bool Runs, bool IsNew, bool HasEnded);

/// <summary>
/// What steps have changed since instances were counted. An instance that has ended stays so, with the instant of its end, but
/// may still get steps, which change rows of the domain only: it had ended before the count when its end is before all of them.
/// </summary>
internal static class InstanceChangesSince
{
    public static async Task<List<ChangedInstance>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            select i.id, i.definition_id, i.created_at, i.updated_at, i.finished_at, i.status = 0, d.is_new, i.status = 1 and (i.finished_at < d.since) is not true
            from (select j.instance_id, bool_or(j.seq = 1) as is_new, min(j.at) as since from engine.journal j, engine.list_snapshot s
                where j.xid >= pg_snapshot_xmin(s.taken) and not pg_visible_in_snapshot(j.xid, s.taken) group by j.instance_id) d
            join engine.instances i on i.id = d.instance_id
            """, connection);
        var changed = new List<ChangedInstance>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            changed.Add(new ChangedInstance(reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4), reader.GetBoolean(5), reader.GetBoolean(6), reader.GetBoolean(7)));
        return changed;
    }
}
