using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Events for whoever waits for them.</summary>
public sealed partial class WorkflowRuntime
{
    // One row of the outbox for each instance and each start: neither a crash nor their number is the caller's business.
    internal const string PublishSql = $"""
        with waiting as materialized (
            select b.instance_id, array_agg(b.id) as waits from engine.bookmarks b where b.event_name = $3 and ($4::text is null or b.correlation_id = $4)
            group by b.instance_id),
        starting as materialized (
            select t.definition_id, t.activity_id, engine.time_id($6) as id from engine.triggers t where t.event_name = $3),
        broadcast as (
            insert into engine.broadcasts (credential, signal_id, name, correlation_id, published_by, instances, starts, at, id, payload, payload_hash)
            select $1, $2, $3, $4, $5, (select count(*) from waiting), (select count(*) from starting), $6, $10, $8, $9
            on conflict do nothing returning instances, starts),
        signals as (
            insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
            select $10, w.instance_id, '{BroadcastSignals.MessageKind}', 'event:' || w.instance_id, convert_to(json_build_object('waits', w.waits)::text, 'UTF8'), $7 from broadcast, waiting w),
        starts as (
            insert into engine.outbox (id, instance_id, kind, payload, created_at)
            select $10, s.id, '{TriggeredStarts.MessageKind}', convert_to(json_build_object(
                'definitionId', s.definition_id, 'activityId', s.activity_id, 'correlationId', $4::text, 'broadcast', true)::text, 'UTF8'), $7
            from broadcast, starting s)
        select instances, starts from broadcast
        """;

    /// <summary>
    /// Publishes an event to every instance that waits for it, by name and, when given, correlation id, and to every definition
    /// that it starts. The answer means that it is committed; the receivers get it after that, one by one. An instance takes a
    /// signal id of a credential once, by whatever route it comes, and every wait that it had for the event is resumed.
    /// </summary>
    /// <exception cref="WorkflowException"><c>intake_paused</c>, <c>idempotency_key_reused</c>: the signal id was used for another event or
    /// another payload. <c>too_large</c>: the payload is larger than <see cref="PublishEffect.MaxPayloadBytes"/>.</exception>
    public async Task<BroadcastReceipt> PublishAsync(string signalId, string name, string? correlationId, JsonElement payload, Actor actor, CancellationToken cancellationToken)
    {
        intake.ThrowIfClosedTo(actor);
        EventNames.Require(name);
        var content = PayloadHash.Write(payload);
        PublishEffect.ThrowIfTooLarge(name, content.Length);
        var hash = payloads.Of(payload);
        await using (var command = database.CreateCommand(PublishSql))
        {
            Add(NpgsqlDbType.Text, actor.Credential);
            Add(NpgsqlDbType.Text, signalId);
            Add(NpgsqlDbType.Text, name);
            Add(NpgsqlDbType.Text, correlationId);
            Add(NpgsqlDbType.Text, actor.User);
            Add(NpgsqlDbType.TimestampTz, clock.Machine.GetUtcNow());
            Add(NpgsqlDbType.TimestampTz, clock.Now);
            Add(NpgsqlDbType.Bytea, content);
            Add(NpgsqlDbType.Bytea, hash);
            Add(NpgsqlDbType.Uuid, Guid.CreateVersion7(clock.Machine.GetUtcNow()));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
            {
                wakeups.Committed(leavesMessages: true, nextDueAt: null);
                return new BroadcastReceipt(signalId, name, reader.GetInt32(0), reader.GetInt32(1), Replayed: false);
            }

            void Add(NpgsqlDbType type, object? value) => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
        }
        return await PublishedBeforeAsync(signalId, name, correlationId, hash, actor, cancellationToken);
    }

    private async Task<BroadcastReceipt> PublishedBeforeAsync(string signalId, string name, string? correlationId, byte[] hash, Actor actor, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select name, instances, starts, correlation_id, payload_hash from engine.broadcasts where credential = $1 and signal_id = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = actor.Credential });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = signalId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetString(0) == name && (reader.IsDBNull(3) ? null : reader.GetString(3)) == correlationId
            && (reader.IsDBNull(4) || reader.GetFieldValue<byte[]>(4).AsSpan().SequenceEqual(hash))
            ? new BroadcastReceipt(signalId, name, reader.GetInt32(1), reader.GetInt32(2), Replayed: true)
            : throw new WorkflowException(ErrorCodes.IdempotencyKeyReused, $"The signal id '{signalId}' was used to publish '{reader.GetString(0)}', to other receivers, under another name or with another payload. Use a new one for '{name}'.", "该信号编号已用于其他事件。");
    }
}
