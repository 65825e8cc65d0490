using Npgsql;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>
/// Counts instances in the order of creation, so that a long list knows its total and finds any page at once. Instances
/// are never written for it: ids rise with time, and a mark is set behind every thousandth one that has settled.
/// </summary>
public sealed class InstanceMarks(NpgsqlDataSource database)
{
    /// <summary>Instances between two marks.</summary>
    public const int Distance = 1000;

    // A node whose clock lags, or a start that commits late, must not come below a mark.
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    /// <summary>Sets the marks that are due. Marks once set are kept, so any node may do it at any time.</summary>
    public async Task ExtendAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var scopes = new List<string> { "" };
        await using (var definitions = database.CreateCommand("select distinct definition_id from engine.definitions"))
        await using (var reader = await definitions.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                scopes.Add(reader.GetString(0));
        foreach (var scope in scopes)
        {
            await using var extend = database.CreateCommand($"""
                with last as (select upto, counted from engine.instance_marks where definition_id = $1 order by upto desc limit 1),
                numbered as (
                    select i.id, row_number() over (order by i.id) as n from engine.instances i
                    where i.id > coalesce((select upto from last), '00000000-0000-0000-0000-000000000000') and i.id < $2{Restriction(scope)})
                insert into engine.instance_marks (definition_id, upto, counted)
                select $1, id, coalesce((select counted from last), 0) + n from numbered where n % {Distance} = 0
                on conflict do nothing
                """);
            extend.CommandTimeout = 600;
            extend.Parameters.Add(new NpgsqlParameter<string> { TypedValue = scope });
            extend.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7(now - Settled) });
            await extend.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Whose marks a query can use; null when it has other filters than one definition.</summary>
    internal static string? ScopeOf(InstanceSearchQuery query) =>
        string.IsNullOrWhiteSpace(query.Text) && query is { Ids: null, DefinitionVersionIds: null, CorrelationIds: null, Version: null, HasIncidents: null, Instants.Count: 0 } && string.IsNullOrEmpty(query.DefinitionVersionId)
            && string.IsNullOrEmpty(query.CorrelationId) && query.Statuses is null or { Count: 0 } && query.SubStatuses is null or { Count: 0 }
            ? query.DefinitionIds switch { null or [] => "", [var one] => one, _ => null } : null;

    internal static async Task<long> CountAsync(NpgsqlConnection connection, string scope, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            with last as (select upto, counted from engine.instance_marks where definition_id = $1 order by upto desc limit 1)
            select coalesce((select counted from last), 0) + (
                select count(*) from engine.instances i where i.id > coalesce((select upto from last), '00000000-0000-0000-0000-000000000000'){Restriction(scope)})
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = scope });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The mark nearest to a rank (counted from the oldest) to go on from, and how many to pass over from there; null when there is none.</summary>
    internal static async Task<(Guid Id, int Offset)?> PlaceAsync(NpgsqlConnection connection, string scope, long rank, bool descending, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(descending
            ? "select upto, (counted - $2)::integer from engine.instance_marks where definition_id = $1 and counted >= $2 order by counted limit 1"
            : "select upto, ($2 - counted)::integer from engine.instance_marks where definition_id = $1 and counted <= $2 order by counted desc limit 1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = scope });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = rank });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetGuid(0), reader.GetInt32(1)) : null;
    }

    private static string Restriction(string scope) => scope.Length == 0 ? "" : " and i.definition_id = $1";
}
