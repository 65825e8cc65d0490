using System.Data;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>
/// Counts instances behind the steps, so that a long list knows its total and finds any page at once. Everything is counted
/// in one snapshot of the database; what steps have changed since is in the journal, and lists add it.
/// </summary>
public sealed class InstanceMarks(NpgsqlDataSource database)
{
    /// <summary>Instances between two marks.</summary>
    public const int Distance = 1000;

    /// <summary>"lists" in ASCII: held by whoever counts, and by whoever removes instances from the count; they would change the same rows.</summary>
    private const long AdvisoryLock = 0x6C69737473;

    // At most one part in so many of the time is spent on counting.
    private const int Rest = 100;
    private static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(30);

    /// <summary>Counts again when the last count is old enough for what it took.</summary>
    /// <param name="now">Machine clock.</param>
    public async Task RenewIfDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using (var last = database.CreateCommand($"select exists (select from engine.list_snapshot where at + greatest($2, took * {Rest}) > $1)"))
        {
            last.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
            last.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = AtLeast });
            if ((bool)(await last.ExecuteScalarAsync(cancellationToken))!)
                return;
        }
        await RenewAsync(now, Distance, cancellationToken);
    }

    /// <summary>Counts again; any node may do so at any time.</summary>
    public async Task RenewAsync(DateTimeOffset now, int distance, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // Before the snapshot: a removal that is under way is over when it is taken.
        await ExecuteAsync(connection, $"select pg_advisory_lock({AdvisoryLock})", cancellationToken);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await ExecuteAsync(connection, RunningSql(distance, await KnowsRunningAsync(connection, cancellationToken)), cancellationToken);
            await ExecuteAsync(connection, CountSql(distance), cancellationToken);
            await using var note = new NpgsqlCommand("""
                insert into engine.list_snapshot (taken, at, took) values (pg_current_snapshot(), $1, $2)
                on conflict (id) do update set taken = excluded.taken, at = excluded.at, took = excluded.took
                """, connection);
            note.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
            note.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Stopwatch.GetElapsedTime(clock) });
            await note.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        finally
        {
            await ExecuteAsync(connection, $"select pg_advisory_unlock({AdvisoryLock})", CancellationToken.None);
        }
    }

    /// <summary>Keeps a count from being taken, and others from being changed, until this transaction ends.</summary>
    internal static Task HoldAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, $"select pg_advisory_xact_lock({AdvisoryLock})", cancellationToken);

    /// <summary>
    /// Takes instance $1 out of what was counted, before its rows are removed: exactly where it was counted, which its
    /// journal tells; what had ended then is counted where it is, also when it has got steps since (<see cref="InstanceChangesSince"/>).
    /// The order of names is counted anew, because which name it had then isn't known.
    /// </summary>
    internal static readonly IReadOnlyList<string> Removal =
    [
        """
        with gone as (
            select i.*, not exists (select from engine.journal j where j.instance_id = i.id and j.seq = 1 and not pg_visible_in_snapshot(j.xid, s.taken)) as was_there,
                not exists (select from engine.journal j where j.instance_id = i.id and j.seq = i.version and not pg_visible_in_snapshot(j.xid, s.taken)) as is_unchanged,
                i.status = 1 and not exists (select from engine.journal j where j.instance_id = i.id and j.at <= i.finished_at and not pg_visible_in_snapshot(j.xid, s.taken)) as had_ended
            from engine.instances i, engine.list_snapshot s where i.id = $1),
        marks as (
            update engine.list_marks m set counted = m.counted - 1 from gone g
            where m.list in ('all', 'definition:' || g.definition_id) and g.was_there and m.id >= g.id
                or m.list = 'created' and g.was_there and (m.at, m.id) >= (g.created_at, g.id)
                or m.list in ('finished', 'finished:' || g.definition_id) and g.had_ended and m.id >= g.id
                or m.list = 'ended' and g.had_ended and (m.at, m.id) >= (g.finished_at, g.id)),
        counts as (
            update engine.list_counts c set counted = c.counted - 1 from gone g
            where (g.is_unchanged or g.had_ended) and (c.definition_version_id, c.status, c.sub_status, c.incidents) = (g.definition_version_id, g.status, g.sub_status, least(g.incidents, 1)))
        delete from engine.list_marks where list = 'name'
        """,
        """
        update engine.list_blocks b set ids = kept.ids, ats = kept.ats
        from (select k.block, coalesce(array_agg(e.id order by e.n) filter (where e.id <> $1), '{}') as ids, coalesce(array_agg(e.at order by e.n) filter (where e.id <> $1), '{}') as ats
            from engine.list_blocks k, unnest(k.ids, k.ats) with ordinality e(id, at, n) where $1 = any(k.ids) group by k.block) kept
        where kept.block = b.block
        """,
    ];

    private static string CountSql(int distance)
    {
        return string.Join(";\n", "delete from engine.list_marks",
            Marks("all", "i.id", "null::timestamptz", "null", "true"), Marks("finished", "i.id", "null::timestamptz", "null", "i.status = 1"),
            Marks("created", "i.created_at, i.id", "i.created_at", "null", "true"), Marks("ended", "i.finished_at, i.id", "i.finished_at", "null", "i.status = 1"),
            // The last of them too: what has no name comes behind it.
            Marks("name", "i.name, i.id", "null::timestamptz", "i.name", "i.name is not null", "or n = (select count(*) from engine.instances where name is not null)"),
            OfDefinitions("definition:", "true"), OfDefinitions("finished:", "i.status = 1"), """
            delete from engine.list_counts;
            insert into engine.list_counts (definition_id, definition_version_id, status, sub_status, incidents, counted)
            select i.definition_id, i.definition_version_id, i.status, i.sub_status, least(i.incidents, 1), count(*) from engine.instances i group by 1, 2, 3, 4, 5
            """);

        string Marks(string list, string key, string at, string name, string where, string more = "") => string.Create(CultureInfo.InvariantCulture, $"""
            insert into engine.list_marks (list, place, at, name, id, counted)
            select '{list}', (n + {distance} - 1) / {distance}, at, name, id, n
            from (select {at} as at, {name} as name, i.id, row_number() over (order by {key}) as n from engine.instances i where {where}) numbered where n % {distance} = 0 {more}
            """);

        string OfDefinitions(string list, string where) => string.Create(CultureInfo.InvariantCulture, $"""
            insert into engine.list_marks (list, place, id, counted)
            select '{list}' || definition_id, n / {distance}, id, n
            from (select i.definition_id, i.id, row_number() over (partition by i.definition_id order by i.id) as n from engine.instances i where {where}) numbered where n % {distance} = 0
            """);
    }

    // From the blocks of before and what has changed since; rows are read one by one only when they don't account for all.
    private static string RunningSql(int distance, bool fromBlocks) => string.Create(CultureInfo.InvariantCulture, $"""
        create temp table fresh on commit drop as
        select id, at, (row_number() over (order by at, id) - 1) / {distance} as block from (
            {(fromBlocks ? $"""
            with changed as materialized ({ChangedIds})
            select e.id, e.at from engine.list_blocks b, unnest(b.ids, b.ats) e(id, at) where e.id not in (select instance_id from changed)
            union all
            select i.id, i.updated_at from engine.instances i where i.id in (select instance_id from changed) and i.status = 0
            """ : "select i.id, i.updated_at as at from engine.instances i where i.status = 0")}) running;
        delete from engine.list_blocks;
        insert into engine.list_blocks (block, at, id, ats, ids)
        select block, (array_agg(at order by at, id))[1], (array_agg(id order by at, id))[1], array_agg(at order by at, id), array_agg(id order by at, id) from fresh group by block
        """);

    /// <summary>Instances that a step has changed since the count.</summary>
    internal const string ChangedIds = """
        select distinct j.instance_id from engine.journal j, engine.list_snapshot s
        where j.xid >= pg_snapshot_xmin(s.taken) and not pg_visible_in_snapshot(j.xid, s.taken)
        """;

    private static async Task<bool> KnowsRunningAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            with changed as materialized ({ChangedIds})
            select exists (select from engine.list_snapshot)
                and (select count(*) from engine.instances i where i.status = 0) = (select count(*) from engine.instances i where i.id in (select instance_id from changed) and i.status = 0)
                    + (select count(*) from engine.list_blocks b, unnest(b.ids) e(id) where e.id not in (select instance_id from changed))
            """, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
