using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Definitions;

/// <summary>What the domain asks of a definition that is published, beyond what validation finds in it alone; in the transaction that publishes it. It throws <c>invalid_definition</c>.</summary>
public delegate Task PublicationCheck(NpgsqlConnection connection, ExecutableWorkflow workflow, CancellationToken cancellationToken);

/// <summary>
/// The definitions in the database. A version that was published once never changes; a draft is overwritten until it is
/// published. Compiled versions are kept in memory.
/// </summary>
public sealed partial class DefinitionStore(NpgsqlDataSource database, ActivityCatalog catalog, BusinessClock clock, IEnumerable<PublicationCheck> checks)
{
    private const string Columns = "id, definition_id, version, name, is_latest, is_published, content_hash, created_at, created_by, description";
    private static readonly DefinitionStamp Unstamped = new("", "", 0, false, false);

    private readonly ConcurrentDictionary<string, ExecutableWorkflow> compiled = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> published = new(StringComparer.Ordinal);

    /// <summary>Takes in a definition: a new version when its content differs from the latest one, which a draft is replaced by.</summary>
    /// <param name="utf8Json">Elsa 3 definition JSON. Its ids of node and version, flags and version number are the store's to give.</param>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>: it can't be read, or is to be published and has errors; <c>conflict</c>: its version id is taken.</exception>
    public async Task<DefinitionRecord> ImportAsync(ReadOnlyMemory<byte> utf8Json, bool publish, Actor actor, CancellationToken cancellationToken) =>
        (await SaveAsync(new DraftSave { Document = utf8Json, Publish = publish, Actor = actor }, cancellationToken)).Definition;

    /// <summary>Saves a draft, as <see cref="ImportAsync"/> does, unless somebody else saved since the draft that it is based on.</summary>
    /// <exception cref="WorkflowException">As of <see cref="ImportAsync"/>; <c>conflict</c> with <c>savedBy</c> and <c>savedAt</c>: somebody else saved meanwhile.</exception>
    public async Task<SavedDraft> SaveAsync(DraftSave save, CancellationToken cancellationToken)
    {
        var definition = DefinitionReader.Read(save.Document);
        if (definition.DefinitionId.Length == 0)
            throw new WorkflowException(ErrorCodes.InvalidDefinition, "The definition has no definitionId. Give it a stable id.", "流程定义缺少 definitionId。");
        if (save.Publish)
            await ThrowIfInvalidAsync(definition, null, cancellationToken);
        var hash = Convert.ToHexStringLower(SHA256.HashData(DefinitionWriter.WriteFile(definition, Unstamped with { DefinitionId = definition.DefinitionId })));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, definition.DefinitionId, cancellationToken);
        if (save.Publish)
            await CheckAsync(connection, definition, cancellationToken);
        var (latest, wasPublished) = await LatestAsync(connection, definition.DefinitionId, cancellationToken);
        DefinitionRecord record;
        if (latest?.ContentHash == hash)
        {
            record = latest;
        }
        else
        {
            var by = save.Actor.User ?? save.Actor.Credential;
            await Revisions.ThrowIfOvertakenAsync(connection, definition.DefinitionId, save.BasedOn, by, cancellationToken);
            var replacesDraft = latest is not null && !wasPublished;
            var version = replacesDraft ? latest!.Version : await NextVersionAsync(connection, definition.DefinitionId, cancellationToken);
            var id = replacesDraft ? latest!.Id : await FreeIdAsync(connection, definition, version, cancellationToken);
            record = new DefinitionRecord
            {
                Id = id, DefinitionId = definition.DefinitionId, Version = version, Name = definition.Name, Description = DescriptionOf(definition), IsLatest = true, IsPublished = false,
                ContentHash = hash, CreatedAt = clock.Machine.GetUtcNow(), CreatedBy = by,
            };
            var document = DefinitionWriter.WriteFile(definition, new DefinitionStamp(id, definition.DefinitionId, version, true, save.Publish));
            await WriteAsync(connection, record, document, cancellationToken);
            await Revisions.WriteAsync(connection, record, document, cancellationToken);
        }
        var alreadyPublished = record.IsPublished;
        if (save.Publish && !record.IsPublished)
            record = await PublishAsync(connection, record, cancellationToken);
        if (save.Publish)
        {
            await TriggerIndex.WriteAsync(connection, record, ExecutableWorkflow.Compile(definition, catalog), clock.Now, cancellationToken);
            await ActivationIndex.WriteAsync(connection, definition, cancellationToken);
        }
        var revision = await Revisions.CurrentAsync(connection, definition.DefinitionId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (save.Publish)
            published[record.DefinitionId] = record.Id;
        return new SavedDraft(record, revision, save.Publish && alreadyPublished);
    }

    /// <summary>Makes the latest version the one that starts use.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>invalid_definition</c> with every error in it.</exception>
    public async Task<DefinitionRecord> PublishAsync(string definitionId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, definitionId, cancellationToken);
        var (latest, _) = await LatestAsync(connection, definitionId, cancellationToken);
        if (latest is null)
            throw NotFound(definitionId);
        var definition = DefinitionReader.Read(await ReadDocumentAsync(connection, latest.Id, cancellationToken));
        await ThrowIfInvalidAsync(definition, connection, cancellationToken);
        await CheckAsync(connection, definition, cancellationToken);
        var record = latest.IsPublished ? latest : await PublishAsync(connection, latest, cancellationToken);
        await TriggerIndex.WriteAsync(connection, record, ExecutableWorkflow.Compile(definition, catalog), clock.Now, cancellationToken);
        await ActivationIndex.WriteAsync(connection, definition, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        published[definitionId] = record.Id;
        return record;
    }

    /// <summary>Takes a definition out of use: nothing can be started any more, and nothing starts it; what runs goes on.</summary>
    public async Task RetractAsync(string definitionId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // A publishing under way goes first: else what it hasn't committed yet would be taken out by half.
        await LockAsync(connection, definitionId, cancellationToken);
        await using var command = new NpgsqlCommand("""
            with triggers as (delete from engine.triggers where definition_id = $1)
            update engine.definitions set is_published = false where definition_id = $1 and is_published
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        published.TryRemove(definitionId, out _);
    }

    /// <summary>Every error and warning of a definition, as publishing would find them.</summary>
    public async Task<IReadOnlyList<ValidationMessage>> ValidateAsync(WorkflowDefinition definition, CancellationToken cancellationToken) =>
        DefinitionValidator.Validate(definition, catalog, await UsedAsync(definition, inUse: true, null, cancellationToken));

    /// <summary>A version ready to run. Published versions only: drafts may still change.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>not_published</c>.</exception>
    public ValueTask<ExecutableWorkflow> ExecutableAsync(string versionId, CancellationToken cancellationToken) =>
        compiled.TryGetValue(versionId, out var workflow) ? ValueTask.FromResult(workflow) : new(CompileAsync(versionId, cancellationToken));

    /// <summary>Id of the published version. <paramref name="fresh"/> asks the database; else what this node knew last may be answered, and the start itself checks it.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>not_published</c>.</exception>
    internal async ValueTask<string> PublishedVersionAsync(string definitionId, bool fresh, CancellationToken cancellationToken)
    {
        if (!fresh && published.TryGetValue(definitionId, out var known))
            return known;
        await using var command = database.CreateCommand("select max(id) filter (where is_published), count(*) from engine.definitions where definition_id = $1 and not hidden");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definitionId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (reader.GetInt64(1) == 0)
            throw NotFound(definitionId);
        if (reader.IsDBNull(0))
            throw NotPublished(definitionId);
        return published[definitionId] = reader.GetString(0);
    }

    internal static WorkflowException NotPublished(string id) =>
        new(ErrorCodes.NotPublished, $"Definition '{id}' has no published version. Publish it first.", "该流程尚未发布。");

    internal static WorkflowException NotFound(string id) =>
        new(ErrorCodes.NotFound, $"There is no definition '{id}'. Check the id, or import it.", "流程定义不存在。");

    private static string? DescriptionOf(WorkflowDefinition definition) =>
        definition.Document.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private async Task ThrowIfInvalidAsync(WorkflowDefinition definition, NpgsqlConnection? connection, CancellationToken cancellationToken)
    {
        var messages = DefinitionValidator.Validate(definition, catalog, await UsedAsync(definition, inUse: true, connection, cancellationToken));
        if (messages.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidDefinition, string.Join(" ", messages.Select(m => m.Message)), string.Join("", messages.Select(m => m.MessageZh)))
            { Facts = new Dictionary<string, object?> { ["errors"] = messages } };
    }

    private async Task CheckAsync(NpgsqlConnection connection, WorkflowDefinition definition, CancellationToken cancellationToken)
    {
        foreach (var check in checks)
            await check(connection, ExecutableWorkflow.Compile(definition, catalog), cancellationToken);
    }

    private async Task<ExecutableWorkflow> CompileAsync(string versionId, CancellationToken cancellationToken)
    {
        var definition = await ReadPublishedAsync(versionId, cancellationToken);
        var workflow = ExecutableWorkflow.Compile(definition, catalog, await UsedAsync(definition, inUse: false, null, cancellationToken));
        return compiled.GetOrAdd(versionId, workflow);
    }

    // A reader is disposed of once: its connection lends the same object to whoever comes next, and a second time would close theirs.
    private async Task<WorkflowDefinition> ReadPublishedAsync(string versionId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select document, published_at is not null from engine.definitions where id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = versionId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw NotFound(versionId);
        if (!reader.GetBoolean(1))
            throw NotPublished(versionId);
        return DefinitionReader.Read(reader.GetFieldValue<byte[]>(0));
    }

    private static async Task<string> FreeIdAsync(NpgsqlConnection connection, WorkflowDefinition definition, int version, CancellationToken cancellationToken)
    {
        if (definition.Id.Length > 0)
        {
            await using var command = new NpgsqlCommand("select 1 from engine.definitions where id = $1", connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definition.Id });
            if (await command.ExecuteScalarAsync(cancellationToken) is null)
                return definition.Id;
        }
        return $"{definition.DefinitionId}-v{version.ToString(CultureInfo.InvariantCulture)}";
    }
}
