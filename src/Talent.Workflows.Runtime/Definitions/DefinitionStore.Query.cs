using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Definitions;

/// <summary>Lists for people: searched, sorted, paged.</summary>
public sealed partial class DefinitionStore
{
    private const int LongestPage = 2000;

    /// <summary>The versions that a query asks for. Deleted ones are found by their version ids alone: instances refer to them.</summary>
    public async Task<DefinitionPage> QueryAsync(DefinitionQuery query, CancellationToken cancellationToken)
    {
        var where = Condition(query);
        var column = query.Order switch { DefinitionOrder.Name => "lower(name)", DefinitionOrder.Version => "version", _ => "created_at" };
        var direction = query.Descending ? "desc" : "asc";
        await using var command = database.CreateCommand($"select {Columns}, count(*) over () from engine.definitions where {where} order by {column} {direction}, id {direction} offset $6 limit $7");
        AddFilter(command, query);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Max(query.Skip, 0) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(query.Take, 1, LongestPage) });
        var (records, total) = (new List<DefinitionRecord>(), 0L);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
            {
                records.Add(Read(reader));
                total = reader.GetInt64(10);
            }
        // A page behind the last one has no row to count by.
        return new DefinitionPage(records, records.Count == 0 && query.Skip > 0 ? await CountAsync(query, cancellationToken) : total);
    }

    /// <summary>How many versions a query asks for.</summary>
    public async Task<long> CountAsync(DefinitionQuery query, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select count(*) from engine.definitions where {Condition(query)}");
        AddFilter(command, query);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The versions of a query that says which one of a definition; the newest when several do.</summary>
    public async Task<DefinitionRecord?> FindAsync(string definitionId, VersionFilter versions, int? number, CancellationToken cancellationToken) =>
        (await QueryAsync(new DefinitionQuery { DefinitionIds = [definitionId], Versions = versions, Version = number, Order = DefinitionOrder.Version, Descending = true, Take = 1 }, cancellationToken)).Items is [var first] ? first : null;

    /// <summary>Whether no other definition has this name.</summary>
    public async Task<bool> IsNameFreeAsync(string name, string? exceptDefinitionId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select not exists (select from engine.definitions where is_latest and lower(name) = lower($1) and definition_id is distinct from $2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name.Trim() });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = exceptDefinitionId });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The latest versions whose document has this text in it somewhere, with their documents.</summary>
    public async Task<IReadOnlyList<(DefinitionRecord Definition, byte[] Document)>> MentioningAsync(string text, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns}, document from engine.definitions where is_latest and position($1 in document) > 0 order by definition_id limit {LongestPage}");
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Encoding.UTF8.GetBytes(text) });
        var found = new List<(DefinitionRecord, byte[])>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            found.Add((Read(reader), reader.GetFieldValue<byte[]>(10)));
        return found;
    }

    private static string Condition(DefinitionQuery query)
    {
        var versions = query.Versions switch
        {
            VersionFilter.Latest => "is_latest",
            VersionFilter.Published => "is_published",
            VersionFilter.LatestOrPublished => "(is_latest or is_published)",
            VersionFilter.LatestAndPublished => "is_latest and is_published",
            VersionFilter.Draft => "not is_published",
            _ => "true",
        };
        return $"""
            {versions} and {(query.Ids is null ? "not hidden" : "true")} and ($1::text[] is null or definition_id = any($1)) and ($2::text[] is null or id = any($2)) and ($3::integer is null or version = $3)
            and ($4::text is null or name ilike $4 or description ilike $4 or definition_id ilike $4 or id = $5)
            """;
    }

    private static void AddFilter(NpgsqlCommand command, DefinitionQuery query)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)query.DefinitionIds?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)query.Ids?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = query.Versions == VersionFilter.Number ? query.Version ?? 0 : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        var search = string.IsNullOrWhiteSpace(query.Search) ? null : query.Search.Trim();
        var pattern = search?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = pattern is null ? null : $"%{pattern}%" });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = search });
    }
}
