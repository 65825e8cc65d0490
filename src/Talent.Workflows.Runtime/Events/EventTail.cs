using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Events;

/// <summary>A place in the tail.</summary>
public readonly record struct TailCursor(ulong Transaction, Guid InstanceId, long Sequence)
{
    /// <summary>Before all events.</summary>
    public static TailCursor Beginning { get; }
}

/// <summary>One step as followers see it.</summary>
public sealed record TailEvent(TailCursor Cursor, JournalStep Step);

/// <summary>
/// All steps of all nodes in an order that never changes: by transaction, up to the oldest one still open. A step that
/// commits late is seen late, but never skipped.
/// </summary>
public sealed class EventTail(NpgsqlDataSource database)
{
    /// <summary>The place after everything that can be read now.</summary>
    public async Task<TailCursor> EndAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select pg_snapshot_xmin(pg_current_snapshot())");
        return new TailCursor((ulong)(await command.ExecuteScalarAsync(cancellationToken))!, Guid.Empty, 0);
    }

    /// <summary>Which steps come after a place, oldest first, without what they did.</summary>
    /// <param name="limit">1 to 1000.</param>
    internal async Task<List<TailCursor>> PlacesAsync(TailCursor after, int limit, CancellationToken cancellationToken)
    {
        await using var command = After("xid, instance_id, seq", after, limit);
        var places = new List<TailCursor>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            places.Add(Place(reader));
        return places;
    }

    /// <summary>The steps after a place, oldest first.</summary>
    /// <param name="limit">1 to 1000.</param>
    public async Task<IReadOnlyList<TailEvent>> ReadAsync(TailCursor after, int limit, CancellationToken cancellationToken)
    {
        await using var command = After("xid, instance_id, seq, at, entries", after, limit);
        var events = new List<TailEvent>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var cursor = Place(reader);
            events.Add(new TailEvent(cursor, new JournalStep(cursor.InstanceId, cursor.Sequence,
                reader.GetFieldValue<DateTimeOffset>(3), StateSerializer.ReadJournal(reader.GetFieldValue<byte[]>(4)))));
        }
        return events;
    }

    private NpgsqlCommand After(string columns, TailCursor after, int limit)
    {
        var command = database.CreateCommand($"""
            select {columns} from engine.journal
            where (xid, instance_id, seq) > ($1, $2, $3) and xid < pg_snapshot_xmin(pg_current_snapshot())
            order by xid, instance_id, seq limit $4
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = after.Transaction, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.InstanceId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after.Sequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(limit, 1, 1000) });
        return command;
    }

    private static TailCursor Place(NpgsqlDataReader row) => new(row.GetFieldValue<ulong>(0), row.GetGuid(1), row.GetInt64(2));
}
