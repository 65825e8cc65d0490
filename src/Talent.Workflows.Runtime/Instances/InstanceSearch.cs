using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>What instances can be ordered by.</summary>
public enum InstanceOrder { Created, LastExecuted, Finished, Name }

/// <summary>A condition on an instant of an instance.</summary>
/// <param name="Column">CreatedAt, UpdatedAt or FinishedAt.</param>
/// <param name="Operator">One of <c>=</c>, <c>&lt;&gt;</c>, <c>&lt;</c>, <c>&gt;</c>, <c>&lt;=</c>, <c>&gt;=</c>.</param>
public sealed record InstantCondition(InstantColumn Column, string Operator, DateTimeOffset Instant);

public enum InstantColumn { CreatedAt, UpdatedAt, FinishedAt }

/// <summary>Which instances to list, and which page of them. Conditions left out don't restrict.</summary>
public sealed record InstanceSearchQuery
{
    /// <summary>A part of the name or correlation id, or a whole id.</summary>
    public string? Text { get; init; }

    public IReadOnlyList<Guid>? Ids { get; init; }
    public IReadOnlyList<string>? DefinitionIds { get; init; }
    public string? DefinitionVersionId { get; init; }
    public IReadOnlyList<string>? DefinitionVersionIds { get; init; }
    public int? Version { get; init; }
    public string? CorrelationId { get; init; }
    public IReadOnlyList<string>? CorrelationIds { get; init; }
    public IReadOnlyList<WorkflowStatus>? Statuses { get; init; }
    public IReadOnlyList<WorkflowSubStatus>? SubStatuses { get; init; }
    public bool? HasIncidents { get; init; }
    public IReadOnlyList<InstantCondition> Instants { get; init; } = [];
    public InstanceOrder Order { get; init; }
    public bool Descending { get; init; } = true;
    public int Skip { get; init; }

    /// <summary>1 to 500.</summary>
    public int Take { get; init; } = 10;
}

/// <summary>An instance in such a list.</summary>
/// <param name="DefinitionVersion">Number of the definition's version.</param>
public sealed record FoundInstance(InstanceSummary Instance, int DefinitionVersion);

/// <summary>A page, and how many there are in all; beyond <see cref="InstanceSearch.ExactUpTo"/> that is an estimate and never less.</summary>
public sealed record FoundInstances(IReadOnlyList<FoundInstance> Items, long Total);

/// <summary>Lists of instances as administrators look at them: any filter, any order, any page.</summary>
public sealed class InstanceSearch(NpgsqlDataSource database)
{
    /// <summary>Totals are counted up to here.</summary>
    public const int ExactUpTo = 10_000;

    private const string Columns = $"""
        {InstanceSummary.Columns},
        (select d.version from engine.definitions d where d.id = i.definition_version_id)
        """;

    /// <summary>
    /// In the order of creation every page is exact, however deep; without a filter, or with one definition only, the marks
    /// lead there. In any other order the newest <see cref="ExactUpTo"/> that fit are put in order, and the total says so.
    /// </summary>
    public async Task<FoundInstances> FindAsync(InstanceSearchQuery query, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var list = new NpgsqlCommand { Connection = connection };
        var take = Math.Clamp(query.Take, 1, 500);
        var skip = Math.Max(0, query.Skip);
        if (query.Order != InstanceOrder.Created)
        {
            var where = Where(query, list.Parameters);
            list.CommandText = $"select {Columns} from (select * from engine.instances i where {where} order by i.id desc limit {ExactUpTo}) i order by {OrderBy(query)} limit {Integer(list, take)} offset {Integer(list, skip)}";
            var sorted = await ReadAsync(list, cancellationToken);
            return new FoundInstances(sorted, Math.Min(ExactUpTo, await CountAsync(connection, query, cancellationToken)));
        }
        if (InstanceMarks.ScopeOf(query) is { } scope)
        {
            var total = await InstanceMarks.CountAsync(connection, scope, cancellationToken);
            if (skip >= total)
                return new FoundInstances([], total);
            var place = await InstanceMarks.PlaceAsync(connection, scope, query.Descending ? total - skip : skip, query.Descending, cancellationToken);
            var where = Where(query, list.Parameters);
            if (place is { } near)
                where += $" and i.id {(query.Descending ? "<=" : ">")} {Parameter(list.Parameters, NpgsqlDbType.Uuid, near.Id)}";
            list.CommandText = Page(where, query, take, place?.Offset ?? skip, list);
            return new FoundInstances(await ReadAsync(list, cancellationToken), total);
        }
        list.CommandText = Page(Where(query, list.Parameters), query, take, skip, list);
        return new FoundInstances(await ReadAsync(list, cancellationToken), await CountAsync(connection, query, cancellationToken));
    }

    // The index alone finds the page; rows are read for what is on it.
    private static string Page(string where, InstanceSearchQuery query, int take, int skip, NpgsqlCommand list)
    {
        var order = OrderBy(query);
        return $"select {Columns} from engine.instances i where i.id = any(array(select i.id from engine.instances i where {where} order by {order} limit {Integer(list, take)} offset {Integer(list, skip)})) order by {order}";
    }

    private static string Integer(NpgsqlCommand command, int value) => Parameter(command.Parameters, NpgsqlDbType.Integer, value);

    private static async Task<List<FoundInstance>> ReadAsync(NpgsqlCommand list, CancellationToken cancellationToken)
    {
        var items = new List<FoundInstance>();
        await using var reader = await list.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            items.Add(new FoundInstance(InstanceSummary.Read(reader), reader.IsDBNull(12) ? 0 : reader.GetInt32(12)));
        return items;
    }

    /// <summary>Ids of all that fit, oldest first, to do something with each.</summary>
    public async Task<List<Guid>> IdsAsync(InstanceSearchQuery query, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        var where = Where(query, command.Parameters);
        command.CommandText = $"select i.id from engine.instances i where {where} order by i.id limit {Parameter(command.Parameters, NpgsqlDbType.Integer, limit)}";
        var ids = new List<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, InstanceSearchQuery query, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        var where = Where(query, command.Parameters);
        command.CommandText = $"select count(*) from (select 1 from engine.instances i where {where} limit {Parameter(command.Parameters, NpgsqlDbType.Integer, ExactUpTo + 1)}) counted";
        var counted = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (counted <= ExactUpTo)
            return counted;
        // What the planner expects, from the statistics that it keeps of these columns.
        await using var estimate = new NpgsqlCommand { Connection = connection };
        estimate.CommandText = $"explain (format json) select 1 from engine.instances i where {Where(query, estimate.Parameters)}";
        using var plan = JsonDocument.Parse((string)(await estimate.ExecuteScalarAsync(cancellationToken))!);
        return Math.Max(counted, (long)plan.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble());
    }

    private static string Where(InstanceSearchQuery query, NpgsqlParameterCollection parameters)
    {
        var where = new StringBuilder("true");
        if (Guid.TryParse(query.Text, out var whole))
        {
            where.Append(CultureInfo.InvariantCulture, $" and (i.id = {Parameter(parameters, NpgsqlDbType.Uuid, whole)} or i.correlation_id = {Parameter(parameters, NpgsqlDbType.Text, query.Text.Trim())})");
        }
        else if (query.Text?.Trim() is { Length: > 0 } text)
        {
            var like = Parameter(parameters, NpgsqlDbType.Text, $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%");
            where.Append(CultureInfo.InvariantCulture, $" and (i.name ilike {like} or i.correlation_id ilike {like})");
        }
        if (query.Ids is { } ids)
            And("i.id = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Uuid, ids.ToArray());
        if (query.DefinitionIds is { Count: > 0 } definitions)
            And("i.definition_id = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Text, definitions.ToArray());
        if (query.DefinitionVersionId is { Length: > 0 } version)
            And("i.definition_version_id = {0}", NpgsqlDbType.Text, version);
        if (query.DefinitionVersionIds is { Count: > 0 } versions)
            And("i.definition_version_id = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Text, versions.ToArray());
        if (query.Version is { } number)
            And("i.definition_version_id in (select d.id from engine.definitions d where d.version = {0})", NpgsqlDbType.Integer, number);
        if (query.CorrelationId is { Length: > 0 } correlation)
            And("i.correlation_id = {0}", NpgsqlDbType.Text, correlation);
        if (query.CorrelationIds is { Count: > 0 } correlations)
            And("i.correlation_id = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Text, correlations.ToArray());
        // Written out, because only then the planner knows that the index of just these fits.
        if (query.Statuses is [var status])
            where.Append(CultureInfo.InvariantCulture, $" and i.status = {(int)status}");
        else if (query.Statuses is { Count: > 0 } statuses)
            And("i.status = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Smallint, statuses.Select(s => (short)s).ToArray());
        if (query.SubStatuses is [WorkflowSubStatus.Cancelled])
            where.Append(" and i.sub_status = 4");
        else if (query.SubStatuses is { Count: > 0 } subStatuses)
            And("i.sub_status = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Smallint, subStatuses.Select(s => (short)s).ToArray());
        // Only what has an open incident is faulted, and that has an index.
        if (query.SubStatuses is [WorkflowSubStatus.Faulted] && query.HasIncidents is null)
            where.Append(" and i.incidents > 0");
        if (query.HasIncidents is { } incidents)
            where.Append(incidents ? " and i.incidents > 0" : " and i.incidents = 0");
        foreach (var instant in query.Instants)
            And($"i.{Column(instant.Column)} {Checked(instant.Operator)} {{0}}", NpgsqlDbType.TimestampTz, instant.Instant.ToUniversalTime());
        return where.ToString();

        void And(string condition, NpgsqlDbType type, object value) =>
            where.Append(" and ").AppendFormat(CultureInfo.InvariantCulture, condition, Parameter(parameters, type, value));
    }

    private static string OrderBy(InstanceSearchQuery query)
    {
        var direction = query.Descending ? "desc" : "asc";
        return query.Order switch
        {
            InstanceOrder.LastExecuted => $"i.updated_at {direction}, i.id {direction}",
            InstanceOrder.Finished => $"i.finished_at {direction} nulls last, i.id {direction}",
            InstanceOrder.Name => $"i.name {direction} nulls last, i.id {direction}",
            // The index on it finds the page.
            _ when query.Instants.Any(i => i.Column == InstantColumn.CreatedAt) => $"i.created_at {direction}, i.id {direction}",
            // Ids are in the order of creation, and have an index.
            _ => $"i.id {direction}",
        };
    }

    private static string Column(InstantColumn column) => column switch
    {
        InstantColumn.CreatedAt => "created_at",
        InstantColumn.UpdatedAt => "updated_at",
        _ => "finished_at",
    };

    private static string Checked(string sqlOperator) => sqlOperator is "=" or "<>" or "<" or ">" or "<=" or ">=" ? sqlOperator
        : throw new ArgumentOutOfRangeException(nameof(sqlOperator), sqlOperator, "Not a comparison.");

    private static string Parameter(NpgsqlParameterCollection parameters, NpgsqlDbType type, object value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value });
        return $"${parameters.Count.ToString(CultureInfo.InvariantCulture)}";
    }
}
