using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Timers;

/// <summary>
/// Starts instances when their time comes (Elsa.Cron, Elsa.Timer). The cursor moves in the transaction that leaves the start
/// in the outbox, under a row lock: one start for each instant, however many nodes look. What fell due while none ran is one start.
/// </summary>
internal sealed partial class TimedStarts(NpgsqlDataSource database, DefinitionStore definitions, Wakeups wakeups, ILogger<TimedStarts> logger)
{
    private const int Batch = 100;

    private const string Move = $"""
        with t as (select * from unnest($1::text[], $2::text[], $3::timestamptz[]) t(definition_id, activity_id, next_at)),
        moved as (
            update engine.triggers e set next_at = t.next_at from t where e.definition_id = t.definition_id and e.activity_id = t.activity_id),
        starting as materialized (select t.definition_id, t.activity_id, engine.time_id($5) as id from t)
        insert into engine.outbox (id, instance_id, kind, payload, created_at)
        select s.id, s.id, '{TriggeredStarts.MessageKind}', convert_to(json_build_object('definitionId', s.definition_id, 'activityId', s.activity_id)::text, 'UTF8'), $4
        from starting s
        """;

    /// <param name="now">Business clock.</param>
    /// <param name="machineNow">Machine clock, by which ids are made.</param>
    /// <returns>How many starts were left for delivery.</returns>
    public async Task<int> RunDueAsync(DateTimeOffset now, DateTimeOffset machineNow, CancellationToken cancellationToken)
    {
        if (!await AnyDueAsync(now, cancellationToken))
            return 0;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var due = await ClaimAsync(connection, now, cancellationToken);
        if (due.Count == 0)
            return 0;
        var next = new List<DateTimeOffset?>(due.Count);
        foreach (var (definition, activity, version) in due)
            next.Add(await NextAsync(definition, activity, version, now, cancellationToken));
        await using (var move = new NpgsqlCommand(Move, connection, transaction))
        {
            Add(move, NpgsqlDbType.Array | NpgsqlDbType.Text, due.ConvertAll(d => d.Definition));
            Add(move, NpgsqlDbType.Array | NpgsqlDbType.Text, due.ConvertAll(d => d.Activity));
            Add(move, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, next);
            Add(move, NpgsqlDbType.TimestampTz, now);
            Add(move, NpgsqlDbType.TimestampTz, machineNow);
            await move.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        wakeups.Committed(leavesMessages: true, nextDueAt: null);
        return due.Count;
    }

    private async Task<bool> AnyDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select exists (select from engine.triggers where next_at <= $1)");
        Add(command, NpgsqlDbType.TimestampTz, now);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<List<(string Definition, string Activity, string Version)>> ClaimAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select definition_id, activity_id, version_id from engine.triggers where next_at <= $1 order by next_at limit {Batch} for update skip locked", connection);
        Add(command, NpgsqlDbType.TimestampTz, now);
        var due = new List<(string, string, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            due.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        return due;
    }

    private async Task<DateTimeOffset?> NextAsync(string definition, string activity, string version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var workflow = await definitions.ExecutableAsync(version, cancellationToken);
            foreach (var (bound, source) in workflow.StartTriggers())
                if (bound.Node.Id == activity && source is TriggerSource.Timed timed)
                    return timed.Next(now);
        }
        catch (WorkflowException e)
        {
            LogStopped(e, definition, activity);
        }
        // It doesn't hold up the others: publishing the definition again sets it anew.
        return null;
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value });

    [LoggerMessage(EventId = 2206, Level = LogLevel.Error, Message = "Definition {DefinitionId} is started by activity {ActivityId} no more: its schedule can't be read")]
    private partial void LogStopped(Exception exception, string definitionId, string activityId);
}
