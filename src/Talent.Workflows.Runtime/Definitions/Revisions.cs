using Npgsql;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Runtime.Definitions;

/// <summary>The rows of engine.definition_revisions: every save of a definition, numbered from 1 for each. Saves of one definition come one at a time.</summary>
public static class Revisions
{
    /// <summary>Saves kept of a definition.</summary>
    public const int Kept = 200;

    /// <summary>Refuses a save when somebody else saved after the revision that it is based on. One's own saves count as known: an editor that saves by itself runs ahead of the answers.</summary>
    /// <exception cref="WorkflowException"><c>conflict</c>.</exception>
    internal static async Task ThrowIfOvertakenAsync(NpgsqlConnection connection, string definitionId, int? basedOn, string by, CancellationToken cancellationToken)
    {
        if (basedOn is not { } known)
            return;
        await using var command = new NpgsqlCommand("""
            select saved_by, saved_at from engine.definition_revisions where definition_id = $1 and revision > $2 and saved_by <> $3 order by revision desc limit 1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = known });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = by });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken))
            throw Overtaken(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1));
    }

    /// <summary>What somebody reads whose draft is too old.</summary>
    public static WorkflowException Overtaken(string who, DateTimeOffset at)
    {
        var local = at.ToOffset(TimeSpan.FromHours(8));
        return new WorkflowException(ErrorCodes.Conflict,
            $"{who} saved this definition at {local:yyyy-MM-dd HH:mm:ss}, after you opened it. Nothing was overwritten: open it again, or find both in its revisions.",
            $"{who} 已于 {local:yyyy-MM-dd HH:mm:ss} 保存了该流程定义，您的修改未覆盖它。请重新打开后再修改。")
        { Facts = new Dictionary<string, object?> { ["savedBy"] = who, ["savedAt"] = at } };
    }

    internal static async Task<int> CurrentAsync(NpgsqlConnection connection, string definitionId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select coalesce(max(revision), 0) from engine.definition_revisions where definition_id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    internal static async Task WriteAsync(NpgsqlConnection connection, DefinitionRecord saved, byte[] document, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            with newest as (select coalesce(max(revision), 0) revision from engine.definition_revisions where definition_id = $1),
            old as (delete from engine.definition_revisions r using newest where r.definition_id = $1 and r.revision <= newest.revision + 1 - {Kept})
            insert into engine.definition_revisions (definition_id, revision, version_id, version, document, content_hash, saved_at, saved_by)
            select $1, newest.revision + 1, $2, $3, $4, $5, $6, $7 from newest
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = saved.DefinitionId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = saved.Id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = saved.Version });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = document });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = saved.ContentHash });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = saved.CreatedAt });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = saved.CreatedBy });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
