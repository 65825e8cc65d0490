using Npgsql;

namespace Talent.Workflows.Runtime.Definitions;

/// <summary>Revisions, and removal.</summary>
public sealed partial class DefinitionStore
{
    /// <summary>Number of the newest save; 0 when there is none.</summary>
    public async Task<int> CurrentRevisionAsync(string definitionId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await Revisions.CurrentAsync(connection, definitionId, cancellationToken);
    }

    /// <summary>Saves of a definition, newest first, from the one before <paramref name="before"/> on. Those of a deleted definition are kept.</summary>
    public async Task<IReadOnlyList<DefinitionRevision>> ListRevisionsAsync(string definitionId, int? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select revision, version_id, version, content_hash, saved_at, saved_by from engine.definition_revisions
            where definition_id = $1 and revision < $2 order by revision desc limit $3
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = before ?? int.MaxValue });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(limit, 1, Revisions.Kept) });
        var revisions = new List<DefinitionRevision>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            revisions.Add(new DefinitionRevision(reader.GetInt32(0), reader.GetString(1), reader.GetInt32(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5)));
        return revisions;
    }

    /// <summary>The document of a save; null when there is none, or no longer.</summary>
    public async Task<byte[]?> ReadRevisionAsync(string definitionId, int revision, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select document from engine.definition_revisions where definition_id = $1 and revision = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = revision });
        return (byte[]?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Deletes a definition: it can't be found or started any more. Its versions stay for the instances that refer to them, and its revisions.</summary>
    /// <returns>False: there is none.</returns>
    public Task<bool> DeleteAsync(string definitionId, CancellationToken cancellationToken) => HideAsync(definitionId, "true", definitionId, cancellationToken);

    /// <summary>Deletes one version as <see cref="DeleteAsync"/> does all. When it was the latest, the one before it is.</summary>
    /// <returns>False: there is none.</returns>
    public async Task<bool> DeleteVersionAsync(string versionId, CancellationToken cancellationToken) =>
        await FindAsync(versionId, cancellationToken) is { } version && await HideAsync(version.DefinitionId, "id = $2", versionId, cancellationToken);

    private async Task<bool> HideAsync(string definitionId, string which, string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, definitionId, cancellationToken);
        await using var command = new NpgsqlCommand($"""
            update engine.definitions set hidden = true, is_latest = false, is_published = false where definition_id = $1 and not hidden and ({which} or $2 is null)
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        var hidden = await command.ExecuteNonQueryAsync(cancellationToken) > 0;
        await using var rest = new NpgsqlCommand("""
            with triggers as (delete from engine.triggers where definition_id = $1 and not exists (select from engine.definitions where definition_id = $1 and is_published))
            update engine.definitions set is_latest = true where id = (select id from engine.definitions where definition_id = $1 and not hidden order by version desc limit 1)
                and not exists (select from engine.definitions where definition_id = $1 and is_latest)
            """, connection);
        rest.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        await rest.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        published.TryRemove(definitionId, out _);
        return hidden;
    }
}
