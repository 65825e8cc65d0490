using Npgsql;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Outbox;

/// <summary>A message that failed: waiting for its next attempt, or dead until somebody sends it again.</summary>
public sealed record FailedMessage(
    long Sequence, Guid Id, Guid InstanceId, string Kind, string? OrderingKey, int Attempts, DateTimeOffset RetryAt, bool Dead, string LastError, DateTimeOffset CreatedAt);

/// <summary>Messages that couldn't be delivered, for operators.</summary>
public sealed class DeadLetters(NpgsqlDataSource database, BusinessClock clock, Wakeups wakeups)
{
    /// <summary>Failed messages in their order, from the one after <paramref name="afterSequence"/> on.</summary>
    /// <param name="deadOnly">Leaves out those that will be tried again by themselves.</param>
    /// <param name="limit">1 to 500.</param>
    public async Task<IReadOnlyList<FailedMessage>> ListAsync(bool deadOnly, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select seq, id, instance_id, kind, ordering_key, attempts, retry_at, dead, last_error, created_at
            from engine.outbox_failed where seq > $1 {(deadOnly ? "and dead" : "")} order by seq limit $2
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = afterSequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(limit, 1, 500) });
        var messages = new List<FailedMessage>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            messages.Add(new FailedMessage(reader.GetInt64(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetInt32(5), reader.GetFieldValue<DateTimeOffset>(6),
                reader.GetBoolean(7), reader.GetString(8), reader.GetFieldValue<DateTimeOffset>(9)));
        return messages;
    }

    /// <summary>Sends a failed message again, with all its attempts anew. False when it isn't there any more.</summary>
    public async Task<bool> ResendAsync(long sequence, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update engine.outbox_failed set dead = false, attempts = 0, retry_at = $2 where seq = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Machine.GetUtcNow() });
        var found = await command.ExecuteNonQueryAsync(cancellationToken) > 0;
        wakeups.Outbox.Set();
        return found;
    }
}
