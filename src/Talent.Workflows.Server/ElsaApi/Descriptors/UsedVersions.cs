using System.Collections.Concurrent;
using Npgsql;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>
/// The versions of activity types that stored definitions name. Studio shows an empty canvas for a definition whose types
/// it can't find in the exact version. What a document names is remembered with the document's hash.
/// </summary>
internal sealed class UsedVersions(NpgsqlDataSource database)
{
    private readonly ConcurrentDictionary<string, (string Hash, IReadOnlyList<(string Type, int Version)> Types)> known = new(StringComparer.Ordinal);

    public async Task<ILookup<string, int>> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var command = database.CreateCommand("select id, content_hash from engine.definitions"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                stored[reader.GetString(0)] = reader.GetString(1);
        foreach (var gone in known.Keys.Except(stored.Keys).ToList())
            known.TryRemove(gone, out _);
        var changed = stored.Where(s => !known.TryGetValue(s.Key, out var k) || k.Hash != s.Value).Select(s => s.Key);
        foreach (var some in changed.Chunk(50).ToList())
        {
            await using var command = database.CreateCommand("select id, content_hash, document from engine.definitions where id = any($1)");
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = some });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                known[reader.GetString(0)] = (reader.GetString(1), Types(reader.GetFieldValue<byte[]>(2)));
        }
        return known.Values.SelectMany(k => k.Types).Distinct().ToLookup(t => t.Type, t => t.Version, StringComparer.Ordinal);
    }

    private static List<(string Type, int Version)> Types(byte[] document) =>
        [.. DefinitionReader.Read(document).Activities.Values.Select(a => (a.Type, a.Version)).Distinct()];
}
