using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>
/// Seals again, with the data key in use, what stands under earlier ones: batch by batch, each in a transaction of its own, so that it
/// may be killed at any instant and goes on with what is left. Rows that somebody is writing are left to the next round; what is
/// written meanwhile is never overwritten. Any number of nodes may do it at once.
/// </summary>
public sealed class Reencryption(NpgsqlDataSource database, DataKeys keys, IEnumerable<SealedTable> tables)
{
    /// <summary>Rows of one transaction.</summary>
    public const int BatchRows = 200;

    /// <summary>Goes once through all that stands under earlier keys.</summary>
    public async Task<ReencryptionRound> RunAsync(CancellationToken cancellationToken)
    {
        var (changed, unreadable) = (0L, new List<SealedPlace>());
        foreach (var table in tables)
        {
            (Guid Id, string Part)? after = (Guid.Empty, "");
            while (after is not null)
            {
                var batch = await BatchAsync(table, after.Value, BatchRows, cancellationToken);
                changed += batch.Changed;
                unreadable.AddRange(batch.Unreadable);
                after = batch.Last;
            }
        }
        return new ReencryptionRound(changed, unreadable);
    }

    /// <summary>How many rows stand under earlier keys.</summary>
    public async Task<long> LeftAsync(CancellationToken cancellationToken)
    {
        var ring = await keys.ReadAsync(cancellationToken);
        var left = 0L;
        foreach (var table in tables)
            left += (await database.QueryAsync($"select count(*) from approvals.{table.Name} where key_id < $1", r => r.GetInt64(0), cancellationToken, ring.Current))[0];
        return left;
    }

    /// <summary>One transaction: the next rows of a table in the order of their keys.</summary>
    /// <param name="after">Where the one before ended.</param>
    public async Task<SealedBatch> BatchAsync(SealedTable table, (Guid Id, string Part) after, int most, CancellationToken cancellationToken)
    {
        var ring = await keys.RingAsync(0, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var rows = await RowsAsync(connection, table, ring.Current, after, most, cancellationToken);
        if (rows.Count == 0)
            return new SealedBatch(0, [], null);
        await using var update = new NpgsqlBatch(connection);
        var unreadable = new List<SealedPlace>();
        foreach (var row in rows)
            try
            {
                update.BatchCommands.Add(Update(ring, table, row));
            }
            catch (SealedValueException cause)
            {
                // One that was tampered with doesn't hold up the others; it stays as it is, and is reported.
                unreadable.Add(cause.Place);
            }
        if (update.BatchCommands.Count > 0)
            await update.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SealedBatch(update.BatchCommands.Count, unreadable, rows.Count < most ? null : (rows[^1].Id, rows[^1].Part ?? ""));
    }

    private static async Task<List<Row>> RowsAsync(NpgsqlConnection connection, SealedTable table, int current, (Guid Id, string Part) after, int most, CancellationToken cancellationToken)
    {
        var part = table.Part ?? "''";
        await using var select = new NpgsqlCommand($"""
            select {table.IdSql}, {(table.Part is null ? "null" : table.Part)}, {string.Join(", ", table.Columns)} from approvals.{table.Name}
            where key_id < $1 and ({table.IdSql}, {part}) > ($2, $3) order by {table.IdSql}{(table.Part is null ? "" : $", {table.Part}")} limit $4 for update skip locked
            """, connection);
        foreach (var value in (object[])[current, after.Id, after.Part, most])
            select.Parameters.Add(Sql.Parameter(value));
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var rows = new List<Row>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(new Row(reader.GetGuid(0), reader.Text(1), [.. Enumerable.Range(2, table.Columns.Count).Select(i => reader.IsDBNull(i) ? null : reader.GetFieldValue<byte[]>(i))]));
        return rows;
    }

    private static NpgsqlBatchCommand Update(KeyRing ring, SealedTable table, Row row)
    {
        var again = table.Columns.Select((column, i) => row.Values[i] is not { } value ? null : ring.Seal(ring.OpenBytes(value, table.At(column, row.Id, row.Part)), table.At(column, row.Id, row.Part))).ToArray();
        var command = new NpgsqlBatchCommand($"""
            update approvals.{table.Name} set key_id = $1, {string.Join(", ", table.Columns.Select((column, i) => $"{column} = ${i + 4}"))}
            where {table.IdSql} = $2 and {table.Part ?? "''"} = $3
            """);
        foreach (var value in (object[])[ring.Current, row.Id, row.Part ?? ""])
            command.Parameters.Add(Sql.Parameter(value));
        foreach (var value in again)
            command.Parameters.Add(Sql.Parameter(value ?? (object)new Sql.Null(NpgsqlTypes.NpgsqlDbType.Bytea)));
        return command;
    }

    private sealed record Row(Guid Id, string? Part, byte[]?[] Values);
}

/// <summary>What a round did.</summary>
/// <param name="Changed">Rows that are under the key in use now.</param>
/// <param name="Unreadable">The first value of each row that can't be opened: it was changed outside the product.</param>
public sealed record ReencryptionRound(long Changed, IReadOnlyList<SealedPlace> Unreadable);

/// <summary>What a transaction did.</summary>
/// <param name="Changed">Rows that are under the key in use now.</param>
/// <param name="Unreadable">The first value of each row that can't be opened.</param>
/// <param name="Last">Where the next one begins; null: there is none.</param>
public sealed record SealedBatch(int Changed, IReadOnlyList<SealedPlace> Unreadable, (Guid Id, string Part)? Last);
