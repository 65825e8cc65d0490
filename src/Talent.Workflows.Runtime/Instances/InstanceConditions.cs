using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>The conditions of a search as SQL on engine.instances as <c>i</c>.</summary>
internal static class InstanceConditions
{
    /// <summary>Appends what it needs to the parameters.</summary>
    public static string Sql(InstanceSearchQuery query, NpgsqlParameterCollection parameters)
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
        if (query.DefinitionIds is { } definitions)
            And("i.definition_id = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Text, definitions.ToArray());
        if (query.DefinitionVersionId is { Length: > 0 } version)
            And("i.definition_version_id = {0}", NpgsqlDbType.Text, version);
        if (query.DefinitionVersionIds is { } versions)
            And("i.definition_version_id = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Text, versions.ToArray());
        if (query.Version is { } number)
            And("i.definition_version_id in (select d.id from engine.definitions d where d.version = {0})", NpgsqlDbType.Integer, number);
        if (query.CorrelationId is { Length: > 0 } correlation)
            And("i.correlation_id = {0}", NpgsqlDbType.Text, correlation);
        if (query.CorrelationIds is { } correlations)
            And("i.correlation_id = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Text, correlations.ToArray());
        // Written out, because only then the planner knows that the index of just these fits.
        if (query.Statuses is [var status])
            where.Append(CultureInfo.InvariantCulture, $" and i.status = {(int)status}");
        else if (query.Statuses is { } statuses)
            And("i.status = any({0})", NpgsqlDbType.Array | NpgsqlDbType.Smallint, statuses.Select(s => (short)s).ToArray());
        if (query.SubStatuses is [WorkflowSubStatus.Cancelled])
            where.Append(" and i.sub_status = 4");
        else if (query.SubStatuses is { } subStatuses)
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

    /// <summary>Whether all that restricts is in engine.list_counts too.</summary>
    public static bool AreCounted(InstanceSearchQuery query) =>
        string.IsNullOrWhiteSpace(query.Text) && query is { Ids: null, CorrelationIds: null, Instants.Count: 0 } && string.IsNullOrEmpty(query.CorrelationId);

    /// <summary>The order in one direction; the other one is its reverse, wherever PostgreSQL puts what has no value.</summary>
    public static string OrderBy(InstanceSearchQuery query, bool descending)
    {
        var direction = descending ? "desc" : "asc";
        return query.Order switch
        {
            InstanceOrder.LastExecuted => $"i.updated_at {direction}, i.id {direction}",
            // What hasn't ended comes last, whichever way.
            InstanceOrder.Finished => $"i.finished_at {direction} nulls {(descending == query.Descending ? "last" : "first")}, i.id {direction}",
            InstanceOrder.Name => $"i.name {direction}, i.id {direction}",
            // The index on it finds the page.
            _ when query.Instants.Any(i => i.Column == InstantColumn.CreatedAt) => $"i.created_at {direction}, i.id {direction}",
            // Ids are in the order of creation, and have an index.
            _ => $"i.id {direction}",
        };
    }

    public static string Parameter(NpgsqlParameterCollection parameters, NpgsqlDbType type, object value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value });
        return $"${parameters.Count.ToString(CultureInfo.InvariantCulture)}";
    }

    private static string Column(InstantColumn column) => column switch
    {
        InstantColumn.CreatedAt => "created_at",
        InstantColumn.UpdatedAt => "updated_at",
        _ => "finished_at",
    };

    private static string Checked(string sqlOperator) => sqlOperator is "=" or "<>" or "<" or ">" or "<=" or ">=" ? sqlOperator
        : throw new ArgumentOutOfRangeException(nameof(sqlOperator), sqlOperator, "Not a comparison.");
}
