using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Runtime.Definitions;

/// <summary>Rows of engine.definitions.</summary>
public sealed partial class DefinitionStore
{
    /// <summary>A version; null when there is none.</summary>
    public Task<DefinitionRecord?> FindAsync(string versionId, CancellationToken cancellationToken) => FindOneAsync("id = $1", versionId, cancellationToken);

    /// <summary>The latest version of a definition, published or not.</summary>
    public Task<DefinitionRecord?> FindLatestAsync(string definitionId, CancellationToken cancellationToken) => FindOneAsync("definition_id = $1 and is_latest", definitionId, cancellationToken);

    /// <summary>The version that starts use.</summary>
    public Task<DefinitionRecord?> FindPublishedAsync(string definitionId, CancellationToken cancellationToken) => FindOneAsync("definition_id = $1 and is_published", definitionId, cancellationToken);

    /// <summary>The newest version that was published once and says the same; null when there is none.</summary>
    public async Task<DefinitionRecord?> FindByContentAsync(DefinitionContent content, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from engine.definitions where definition_id = $1 and published_at is not null order by version desc limit 1000");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = content.DefinitionId });
        foreach (var record in await ReadAllAsync(command, cancellationToken))
            if (await SaysAsync(record, content, cancellationToken))
                return record;
        return null;
    }

    /// <summary>What a version says, for a server that may have it under another id.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<DefinitionContent> ContentAsync(string versionId, CancellationToken cancellationToken)
    {
        var record = await FindAsync(versionId, cancellationToken) ?? throw NotFound(versionId);
        return new DefinitionContent(record.DefinitionId, record.ContentHash, DefinitionFingerprint.Of(await ReadDocumentAsync(versionId, cancellationToken) ?? throw NotFound(versionId)));
    }

    /// <summary>Whether a version has a content.</summary>
    internal async Task<bool> SaysAsync(DefinitionRecord record, DefinitionContent content, CancellationToken cancellationToken) =>
        record.DefinitionId == content.DefinitionId && (record.ContentHash == content.Hash
            || content.Fingerprint is { } fingerprint && await ReadDocumentAsync(record.Id, cancellationToken) is { } document && DefinitionFingerprint.Of(document) == fingerprint);

    /// <summary>The latest versions by definition id, from the one after <paramref name="afterDefinitionId"/> on.</summary>
    /// <param name="limit">1 to 500.</param>
    public async Task<IReadOnlyList<DefinitionRecord>> ListAsync(string? afterDefinitionId, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from engine.definitions where is_latest and definition_id > $1 order by definition_id limit $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = afterDefinitionId ?? "" });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(limit, 1, 500) });
        return await ReadAllAsync(command, cancellationToken);
    }

    /// <summary>All versions of a definition, newest first.</summary>
    public async Task<IReadOnlyList<DefinitionRecord>> ListVersionsAsync(string definitionId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from engine.definitions where definition_id = $1 and not hidden order by version desc limit 1000");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        return await ReadAllAsync(command, cancellationToken);
    }

    /// <summary>The document of a version as it is stored, UTF-8 JSON; null when there is none.</summary>
    public async Task<byte[]?> ReadDocumentAsync(string versionId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select document from engine.definitions where id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = versionId });
        return (byte[]?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>The workflows that a definition uses as activities, and those that these use, by version id: what was published once.</summary>
    /// <param name="inUse">Leaves out those that are deleted or taken out of use, which no new version may use.</param>
    private async Task<Dictionary<string, WorkflowDefinition>> UsedAsync(WorkflowDefinition definition, bool inUse, NpgsqlConnection? connection, CancellationToken cancellationToken)
    {
        const string sql = """
            select d.id, d.document from engine.definitions d where d.id = any($1) and d.published_at is not null
                and (not $2 or not d.hidden and exists (select from engine.definitions p where p.definition_id = d.definition_id and p.is_published))
            """;
        var used = new Dictionary<string, WorkflowDefinition>(StringComparer.Ordinal);
        var wanted = WorkflowExpansion.VersionsOf(definition, catalog).ToArray();
        for (var depth = 0; wanted.Length > 0 && depth <= WorkflowExpansion.MaxDepth; depth++)
        {
            await using var command = connection is null ? database.CreateCommand(sql) : new NpgsqlCommand(sql, connection);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = wanted });
            command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = inUse });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                used[reader.GetString(0)] = DefinitionReader.Read(reader.GetFieldValue<byte[]>(1));
            wanted = [.. wanted.Where(used.ContainsKey).SelectMany(id => WorkflowExpansion.VersionsOf(used[id], catalog)).Where(id => !used.ContainsKey(id)).Distinct()];
        }
        return used;
    }

    private static async Task<byte[]> ReadDocumentAsync(NpgsqlConnection connection, string versionId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select document from engine.definitions where id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = versionId });
        return (byte[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<DefinitionRecord?> FindOneAsync(string condition, string id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from engine.definitions where {condition}");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        return await ReadAllAsync(command, cancellationToken) is [var first, ..] ? first : null;
    }

    /// <summary>One importer at a time for a definition.</summary>
    private static async Task LockAsync(NpgsqlConnection connection, string definitionId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 7461))", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<(DefinitionRecord? Latest, bool WasPublished)> LatestAsync(NpgsqlConnection connection, string definitionId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select {Columns}, published_at is not null from engine.definitions where definition_id = $1 and is_latest", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (Read(reader), reader.GetBoolean(10)) : (null, false);
    }

    /// <summary>Numbers of deleted versions aren't given again.</summary>
    private static async Task<int> NextVersionAsync(NpgsqlConnection connection, string definitionId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select coalesce(max(version), 0) + 1 from engine.definitions where definition_id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, DefinitionRecord record, byte[] document, CancellationToken cancellationToken)
    {
        await using var older = new NpgsqlCommand("update engine.definitions set is_latest = false where definition_id = $1 and is_latest and id <> $2", connection);
        older.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.DefinitionId });
        older.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Id });
        await older.ExecuteNonQueryAsync(cancellationToken);
        await using var command = new NpgsqlCommand("""
            insert into engine.definitions (id, definition_id, version, name, is_latest, is_published, document, content_hash, created_at, created_by, description)
            values ($1, $2, $3, $4, true, false, $5, $6, $7, $8, $9)
            on conflict (id) do update set name = excluded.name, description = excluded.description, document = excluded.document, content_hash = excluded.content_hash,
                created_at = excluded.created_at, created_by = excluded.created_by
            where engine.definitions.definition_id = excluded.definition_id and engine.definitions.published_at is null
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.DefinitionId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = record.Version });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Name });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = document });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.ContentHash });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = record.CreatedAt });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.CreatedBy });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = record.Description });
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            throw new WorkflowException(ErrorCodes.Conflict,
                $"The version id '{record.Id}' is taken by another definition or by a published version. Give this version of '{record.DefinitionId}' an id of its own.", "版本标识已被占用，请更换。");
    }

    private async Task<DefinitionRecord> PublishAsync(NpgsqlConnection connection, DefinitionRecord record, CancellationToken cancellationToken)
    {
        await using (var older = new NpgsqlCommand("update engine.definitions set is_published = false where definition_id = $1 and is_published", connection))
        {
            older.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.DefinitionId });
            await older.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var command = new NpgsqlCommand("update engine.definitions set is_published = true, published_at = coalesce(published_at, $2) where id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Machine.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return record with { IsPublished = true };
    }

    private static async Task<IReadOnlyList<DefinitionRecord>> ReadAllAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var records = new List<DefinitionRecord>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            records.Add(Read(reader));
        return records;
    }

    private static DefinitionRecord Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetString(0),
        DefinitionId = reader.GetString(1),
        Version = reader.GetInt32(2),
        Name = reader.GetString(3),
        IsLatest = reader.GetBoolean(4),
        IsPublished = reader.GetBoolean(5),
        ContentHash = reader.GetString(6),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(7),
        CreatedBy = reader.GetString(8),
        Description = reader.IsDBNull(9) ? null : reader.GetString(9),
    };
}
