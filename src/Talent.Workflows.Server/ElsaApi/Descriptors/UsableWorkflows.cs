using System.Collections.Concurrent;
using Npgsql;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Activities.Composition;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>A version of a workflow that can be used as an activity.</summary>
/// <param name="IsPublished">Whether it is the one in use; older ones are listed for those who use them.</param>
/// <param name="LatestVersion">Number of the version in use; 0 when none is.</param>
internal sealed record UsableWorkflow(string VersionId, string DefinitionId, ActivityDescriptor Descriptor, bool IsPublished, int LatestVersion, string LatestVersionId);

/// <summary>The workflows that can be used as activities. What was published once never changes, so each version is read once.</summary>
internal sealed class UsableWorkflows(NpgsqlDataSource database, ActivityCatalog catalog)
{
    private readonly ConcurrentDictionary<string, ActivityDescriptor?> known = new(StringComparer.Ordinal);

    /// <summary>Every version that was published, those of deleted workflows too: somebody may use them still.</summary>
    public async Task<IReadOnlyList<UsableWorkflow>> ReadAsync(CancellationToken cancellationToken)
    {
        var versions = new List<(string Id, string DefinitionId, int Version, bool IsPublished)>();
        await using (var command = database.CreateCommand("select id, definition_id, version, is_published from engine.definitions where published_at is not null"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                versions.Add((reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetBoolean(3)));
        foreach (var some in versions.Select(v => v.Id).Where(id => !known.ContainsKey(id)).Chunk(50).ToList())
        {
            await using var command = database.CreateCommand("select id, document from engine.definitions where id = any($1)");
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = some });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                known[reader.GetString(0)] = Describe(reader.GetFieldValue<byte[]>(1));
        }
        var inUse = versions.Where(v => v.IsPublished).ToDictionary(v => v.DefinitionId, StringComparer.Ordinal);
        // Studio knows a type by name and version: of two workflows of one name it is offered the one in use.
        return [.. from version in versions
                   let descriptor = known.GetValueOrDefault(version.Id)
                   where descriptor is not null
                   orderby version.IsPublished descending, version.Id
                   group (version, descriptor) by (descriptor.Type, descriptor.Version) into same
                   select same.First() into one
                   let latest = inUse.GetValueOrDefault(one.version.DefinitionId)
                   select new UsableWorkflow(one.version.Id, one.version.DefinitionId, one.descriptor, one.version.IsPublished, latest.Version, latest.Id ?? "")];
    }

    // A workflow named as an activity of this server is none: its name would hide that one.
    private ActivityDescriptor? Describe(byte[] document)
    {
        var definition = DefinitionReader.Read(document);
        return WorkflowExpansion.IsUsable(definition) && new WorkflowAsActivity(definition).Descriptor is { Type.Length: > 0 } descriptor && catalog.Find(descriptor.Type) is null ? descriptor : null;
    }
}
