using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Definitions;

/// <summary>The rows of engine.triggers: what starts the published version of a definition. Written in the transaction that publishes it.</summary>
internal static class TriggerIndex
{
    /// <summary>Makes the rows those of this version. What this version has already keeps its next instant.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, DefinitionRecord version, ExecutableWorkflow workflow, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var triggers = workflow.StartTriggers().Select(t => (
            t.Activity.Node.Id,
            Event: (t.Source as TriggerSource.Named)?.EventName,
            Next: (t.Source as TriggerSource.Timed)?.Next(now))).ToList();
        await using var command = new NpgsqlCommand("""
            with older as (delete from engine.triggers where definition_id = $1 and activity_id <> all($3))
            insert into engine.triggers as known (definition_id, activity_id, version_id, event_name, next_at)
            select $1, t.activity_id, $2, t.event_name, t.next_at from unnest($3, $4, $5) t(activity_id, event_name, next_at)
            on conflict (definition_id, activity_id) do update
                set version_id = excluded.version_id, event_name = excluded.event_name, next_at = excluded.next_at where known.version_id <> excluded.version_id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = version.DefinitionId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = version.Id });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = triggers.ConvertAll(t => t.Id) });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = triggers.ConvertAll(t => t.Event) });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, Value = triggers.ConvertAll(t => t.Next) });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
