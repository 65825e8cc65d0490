using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>
/// Seals what changed since the last time into a signed checkpoint, chained to the one before. The host calls it every
/// minute, on any node; nodes that call it at once wait for each other.
/// </summary>
public sealed class AuditSealing(NpgsqlDataSource database, BusinessClock clock, AuditKey key, AuditKeys keys)
{
    /// <exception cref="InvalidOperationException">This node's key isn't registered; another one is.</exception>
    /// <returns>How many cases the new checkpoint stands for; 0 when nothing had changed, and none was made.</returns>
    public async Task<int> SealAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var turn = new NpgsqlCommand("select pg_advisory_xact_lock(7020210)", connection))
            await turn.ExecuteNonQueryAsync(cancellationToken);
        await keys.EnsureAsync(connection, cancellationToken);
        var (previous, upTo) = await LastAsync(connection, cancellationToken);

        // The journal's tail says which cases changed; what runs still is sealed the next time.
        var heads = new List<CaseHead>();
        long end;
        await using (var now = new NpgsqlCommand("select pg_snapshot_xmin(pg_current_snapshot())::text", connection))
            end = long.Parse((string)(await now.ExecuteScalarAsync(cancellationToken))!, System.Globalization.CultureInfo.InvariantCulture);
        await using (var command = new NpgsqlCommand("""
            select a.case_id, a.seq, a.hash from (
                select instance_id, max(seq) as seq from engine.journal where xid >= $1::text::xid8 and xid < $2::text::xid8 group by instance_id) j
            join approvals.audit a on a.case_id = j.instance_id and a.seq = j.seq
            """, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = upTo });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = end.ToString(System.Globalization.CultureInfo.InvariantCulture) });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                heads.Add(new CaseHead(reader.GetGuid(0).ToString(), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)));
        }
        if (heads.Count == 0)
            return 0;
        var checkpoint = AuditCheckpoint.Sign(heads, clock.Now, previous, key.PrivatePem);
        await using (var insert = new NpgsqlCommand("""
            with sealed as (
                insert into approvals.audit_checkpoints (at, up_to, count, root, previous, signature, key_id) values ($1, $2::text::xid8, $3, $4, $5, $6, $7) returning id)
            insert into approvals.audit_heads (checkpoint_id, case_id, seq, hash) select s.id, h.* from sealed s, unnest($8, $9, $10) h
            """, connection))
        {
            foreach (var value in (object[])[checkpoint.At, end.ToString(System.Globalization.CultureInfo.InvariantCulture), checkpoint.Count, checkpoint.Root, checkpoint.Previous, checkpoint.Signature, key.Id,
                heads.ConvertAll(h => Guid.Parse(h.CaseId)).ToArray(), heads.ConvertAll(h => h.Seq).ToArray(), heads.ConvertAll(h => h.Hash).ToArray()])
                insert.Parameters.Add(new NpgsqlParameter { Value = value });
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return heads.Count;
    }

    private static async Task<(AuditCheckpoint? Last, string UpTo)> LastAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select at, count, root, previous, signature, key_id, up_to::text from approvals.audit_checkpoints order by id desc limit 1", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (ReadCheckpoint(reader), reader.GetString(6)) : (null, "0");
    }

    internal static AuditCheckpoint ReadCheckpoint(NpgsqlDataReader row) => new()
    {
        At = row.GetFieldValue<DateTimeOffset>(0),
        Count = row.GetInt32(1),
        Root = row.GetFieldValue<byte[]>(2),
        Previous = row.GetFieldValue<byte[]>(3),
        Signature = row.GetFieldValue<byte[]>(4),
        KeyId = row.Text(5),
    };
}
