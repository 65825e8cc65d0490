using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Outbox;

/// <summary>
/// What a command that is no step of one instance leaves in a transaction of its own: messages to many instances, and the answer
/// to its idempotency key. All of it is there when the transaction commits, and none of it otherwise.
/// </summary>
public sealed class CommandRecords(BusinessClock clock, Wakeups wakeups)
{
    /// <summary>Name of the constraint that a key violates which was used meanwhile.</summary>
    public const string KeyConstraint = "receipts_pkey";

    /// <summary>Leaves messages of one kind, in their order.</summary>
    /// <param name="connection">In a transaction.</param>
    public async Task LeaveAsync(NpgsqlConnection connection, string kind, IReadOnlyList<CommandMessage> messages, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
            select m.id, m.instance, $1, m.ordering_key, m.payload, $2 from unnest($3, $4, $5, $6) with ordinality m(id, instance, ordering_key, payload, place) order by m.place
            """, connection);
        Add(command, NpgsqlDbType.Text, kind);
        Add(command, NpgsqlDbType.TimestampTz, clock.Now);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, messages.Select(m => m.Id).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, messages.Select(m => m.InstanceId).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, messages.Select(m => m.OrderingKey).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bytea, messages.Select(m => m.Payload).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Keeps the answer for a repetition of the request, see <see cref="WorkflowRuntime.FindAnswerAsync"/>.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="subject">What the command was about, in the place of an instance.</param>
    /// <param name="answer">No personal data.</param>
    /// <exception cref="PostgresException">The key was used meanwhile (<see cref="KeyConstraint"/>): the other request's answer counts.</exception>
    public async Task AnswerAsync<T>(NpgsqlConnection connection, Idempotency idempotency, Guid subject, T answer, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            insert into engine.receipts (credential, key, request_hash, instance_id, version, outcome, answer, at) values ($1, $2, $3, $4, 0, $5, $6, $7)
            """, connection);
        Add(command, NpgsqlDbType.Text, idempotency.Credential);
        Add(command, NpgsqlDbType.Text, idempotency.Key);
        Add(command, NpgsqlDbType.Bytea, idempotency.RequestHash);
        Add(command, NpgsqlDbType.Uuid, subject);
        Add(command, NpgsqlDbType.Smallint, (short)StepOutcome.Applied);
        Add(command, NpgsqlDbType.Bytea, JsonSerializer.SerializeToUtf8Bytes(answer, JsonSerializerOptions.Web));
        Add(command, NpgsqlDbType.TimestampTz, clock.Machine.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>After the commit: what was left is delivered at once.</summary>
    public void Committed() => wakeups.Committed(leavesMessages: true, nextDueAt: null);

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value });
}

/// <summary>A message to an instance.</summary>
/// <param name="Id">By which the receiver knows a repetition.</param>
/// <param name="Payload">UTF-8 JSON; ids and routing facts, never personal data.</param>
/// <param name="OrderingKey">Messages of one key are delivered in their order, one at a time; null: in any order.</param>
public sealed record CommandMessage(Guid Id, Guid InstanceId, byte[] Payload, string? OrderingKey);
