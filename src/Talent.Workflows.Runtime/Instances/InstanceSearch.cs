using System.Data;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Lists of instances as administrators look at them: any filter, any order, any page.</summary>
public sealed class InstanceSearch(NpgsqlDataSource database)
{
    private const string Columns = $"""
        {InstanceSummary.Columns},
        (select d.version from engine.definitions d where d.id = i.definition_version_id)
        """;

    /// <summary>Totals of filters that have no marks are counted up to here; beyond it the last count of their kinds tells, where there is one.</summary>
    internal int ExactUpTo { get; init; } = 10_000;

    /// <summary>
    /// Every page is exact, in every order, and so is the total; but beyond 10,000 a combination of definitions, versions,
    /// statuses and incidents has the total of the last count.
    /// </summary>
    public async Task<FoundInstances> FindAsync(InstanceSearchQuery query, CancellationToken cancellationToken)
    {
        query = Normalized(query);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // One snapshot for the total, the page and what they are found by.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var (ids, total) = await new InstancePages(connection, query, ExactUpTo).FindAsync(cancellationToken);
        return new FoundInstances(await ReadAsync(connection, ids, cancellationToken), total);
    }

    /// <summary>Ids of all that fit, oldest first, to do something with each.</summary>
    public async Task<List<Guid>> IdsAsync(InstanceSearchQuery query, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        var where = InstanceConditions.Sql(query, command.Parameters);
        command.CommandText = $"select i.id from engine.instances i where {where} order by i.id limit {InstanceConditions.Parameter(command.Parameters, NpgsqlDbType.Integer, limit)}";
        var ids = new List<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    private static InstanceSearchQuery Normalized(InstanceSearchQuery query) => query with
    {
        Take = Math.Clamp(query.Take, 1, 500),
        Skip = Math.Max(0, query.Skip),
        Text = string.IsNullOrWhiteSpace(query.Text) ? null : query.Text,
        DefinitionVersionId = string.IsNullOrEmpty(query.DefinitionVersionId) ? null : query.DefinitionVersionId,
        CorrelationId = string.IsNullOrEmpty(query.CorrelationId) ? null : query.CorrelationId,
        // All that there are is no condition.
        Statuses = query.Statuses?.Distinct().Count() == Enum.GetValues<WorkflowStatus>().Length ? null : query.Statuses,
    };

    private static async Task<List<FoundInstance>> ReadAsync(NpgsqlConnection connection, List<Guid> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
            return [];
        await using var list = new NpgsqlCommand($"select {Columns} from engine.instances i where i.id = any($1)", connection);
        list.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] });
        var found = new Dictionary<Guid, FoundInstance>();
        await using var reader = await list.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var one = new FoundInstance(InstanceSummary.Read(reader), reader.IsDBNull(12) ? 0 : reader.GetInt32(12));
            found.Add(one.Instance.Id, one);
        }
        return [.. ids.Select(id => found[id])];
    }
}
