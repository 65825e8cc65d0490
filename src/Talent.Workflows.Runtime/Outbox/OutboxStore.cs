using Npgsql;
using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Outbox;

/// <summary>The rows of the outbox: claimed under a lease, removed when delivered, moved aside when a delivery fails.</summary>
internal sealed class OutboxStore(NpgsqlDataSource database)
{
    private const string Returned = "m.seq, m.id, m.instance_id, m.kind, m.ordering_key, m.payload, m.created_at";

    // Only the head of a key is claimed, and none while an earlier message of it is being retried.
    internal const string ClaimFreshSql = $"""
        with head as materialized (
            select o.kind, o.seq from unnest($1::text[], $2::int[]) k(kind, places) cross join lateral (
                select m.kind, m.seq from engine.outbox m
                where m.kind = k.kind and m.leased_until < $3
                    and (m.ordering_key is null or (
                        not exists (select from engine.outbox e where e.ordering_key = m.ordering_key and e.seq < m.seq)
                        and not exists (select from engine.outbox_failed f where f.ordering_key = m.ordering_key and f.seq < m.seq and not f.dead)))
                order by m.seq limit k.places for update skip locked) o)
        update engine.outbox m set leased_until = $4 from head where m.kind = head.kind and m.seq = head.seq
        returning {Returned}, 0
        """;

    internal const string ClaimFailedSql = $"""
        with head as materialized (
            select o.seq from unnest($1::text[], $2::int[]) k(kind, places) cross join lateral (
                select m.seq from engine.outbox_failed m
                where not m.dead and m.retry_at <= $3 and m.kind = k.kind
                    and (m.ordering_key is null or not exists (
                        select from engine.outbox_failed e where e.ordering_key = m.ordering_key and e.seq < m.seq and not e.dead))
                order by m.retry_at limit k.places for update skip locked) o)
        update engine.outbox_failed m set retry_at = $4 from head where m.seq = head.seq
        returning {Returned}, m.attempts
        """;

    private const string DeliveredSql = """
        with fresh as (delete from engine.outbox o using unnest($1::text[], $2::bigint[]) d(kind, seq) where o.kind = d.kind and o.seq = d.seq)
        delete from engine.outbox_failed where seq = any($2)
        """;

    private const string FailedSql = """
        with result as (select * from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::boolean[], $5::text[], $6::integer[]) r(kind, seq, retry_at, dead, error, counts)),
        fresh as (
            delete from engine.outbox o using result r where o.kind = r.kind and o.seq = r.seq
            returning o.*, r.retry_at, r.dead, r.error, r.counts),
        again as (
            update engine.outbox_failed f set attempts = f.attempts + r.counts, retry_at = r.retry_at, dead = r.dead, last_error = r.error
            from result r where f.seq = r.seq)
        insert into engine.outbox_failed (seq, id, instance_id, kind, ordering_key, payload, created_at, attempts, retry_at, dead, last_error)
        select seq, id, instance_id, kind, ordering_key, payload, created_at, counts, retry_at, dead, error from fresh
        """;

    public Task<List<OutboxMessage>> ClaimFreshAsync(string[] kinds, int[] places, DateTimeOffset now, DateTimeOffset lease, CancellationToken cancellationToken) =>
        ClaimAsync(ClaimFreshSql, kinds, places, now, lease, cancellationToken);

    public Task<List<OutboxMessage>> ClaimFailedAsync(string[] kinds, int[] places, DateTimeOffset now, DateTimeOffset lease, CancellationToken cancellationToken) =>
        ClaimAsync(ClaimFailedSql, kinds, places, now, lease, cancellationToken);

    public async Task DeliveredAsync(List<OutboxMessage> messages, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(DeliveredSql);
        Keys(command, messages);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task FailedAsync(List<OutboxMessage> messages, List<DateTimeOffset> retryAt, List<bool> dead, List<string> errors, List<int> counts, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FailedSql);
        Keys(command, messages);
        command.Parameters.Add(new NpgsqlParameter { Value = retryAt, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = dead, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Boolean });
        command.Parameters.Add(new NpgsqlParameter { Value = errors, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = counts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// True while there are messages that no delivery has failed on yet: of these kinds, or held by another worker. One that
    /// is just being claimed looks as if nobody held it, so only a row that is gone, or waits behind a failed one or one that nobody here handles, is done with.
    /// </summary>
    public async Task<bool> AnyUndeliveredAsync(string[] kinds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select exists (select from engine.outbox m
                where (m.leased_until >= $1 or m.kind = any($2))
                    and not exists (select from engine.outbox_failed f where f.ordering_key = m.ordering_key and f.seq < m.seq and not f.dead)
                    and not exists (select from engine.outbox e where e.ordering_key = m.ordering_key and e.seq < m.seq and e.leased_until < $1 and e.kind <> all($2)))
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = kinds });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<List<OutboxMessage>> ClaimAsync(string sql, string[] kinds, int[] places, DateTimeOffset now, DateTimeOffset lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = kinds });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = places });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = lease });
        var messages = new List<OutboxMessage>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            messages.Add(new OutboxMessage
            {
                Sequence = reader.GetInt64(0),
                Id = reader.GetGuid(1),
                InstanceId = reader.GetGuid(2),
                Kind = reader.GetString(3),
                OrderingKey = reader.IsDBNull(4) ? null : reader.GetString(4),
                Payload = reader.GetFieldValue<byte[]>(5),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(6),
                Attempts = reader.GetInt32(7),
            });
        messages.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
        return messages;
    }

    private static void Keys(NpgsqlCommand command, List<OutboxMessage> messages)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = messages.ConvertAll(m => m.Kind), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = messages.ConvertAll(m => m.Sequence), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
    }
}
