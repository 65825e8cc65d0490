using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>What became of each message, by recipient and channel: the rows that a repetition looks at and an operator reads.</summary>
internal static class DeliveryNotes
{
    /// <summary>Notes that there was nobody to tell, for an operator to see.</summary>
    public static Task NobodyAsync(NpgsqlDataSource database, OutboxMessage message, string name) => database.QueryAsync("""
        insert into approvals.messages (id, recipient, channel, case_id, event, state, at) values ($1, '', '', $2, $3, 'no_recipient', $4) on conflict do nothing returning 1
        """, r => r.GetInt32(0), CancellationToken.None, message.Id, message.InstanceId, name, message.CreatedAt);

    /// <summary>Never cancelled: what has gone out and isn't noted would go out again.</summary>
    /// <param name="recipient">A user's id, or another id that names nobody.</param>
    /// <param name="result">Null: the recipient has no address for the channel.</param>
    public static Task NoteAsync(NpgsqlDataSource database, OutboxMessage message, string name, string recipient, string channel, DeliveryResult? result)
    {
        var (state, provider, error) = result switch
        {
            null => ("no_address", (string?)null, (string?)null),
            DeliveryResult.Sent sent => ("sent", sent.ProviderId, null),
            DeliveryResult.Dead dead => ("dead", null, dead.Reason),
            DeliveryResult.Retry retry => ("failed", null, retry.Reason),
            DeliveryResult.Waiting waiting => ("waiting", null, waiting.Reason),
            DeliveryResult.Unknown unknown => ("failed", null, unknown.Reason),
            _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
        };
        return database.QueryAsync("""
            insert into approvals.messages (id, recipient, channel, case_id, event, state, at, provider_id, error) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (id, recipient, channel) do update set state = excluded.state, at = excluded.at, provider_id = excluded.provider_id, error = excluded.error
            returning 1
            """, r => r.GetInt32(0), CancellationToken.None, message.Id, recipient, channel, message.InstanceId, name, state, message.CreatedAt, provider, error);
    }
}
