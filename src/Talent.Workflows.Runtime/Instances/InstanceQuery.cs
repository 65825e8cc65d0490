using Npgsql;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Which instances to list, newest first. Conditions left out don't restrict.</summary>
public sealed record InstanceQuery
{
    public string? DefinitionId { get; init; }
    public string? DefinitionVersionId { get; init; }
    public string? CorrelationId { get; init; }
    public WorkflowStatus? Status { get; init; }
    public WorkflowSubStatus? SubStatus { get; init; }
    public bool? HasIncidents { get; init; }

    /// <summary>The <see cref="InstancePage.Next"/> of the page before.</summary>
    public Guid? After { get; init; }

    /// <summary>1 to 200.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>One page of instances.</summary>
public sealed record InstancePage(IReadOnlyList<InstanceSummary> Items, Guid? Next);

/// <summary>A line in a list of instances.</summary>
public sealed record InstanceSummary
{
    public required Guid Id { get; init; }
    public required string DefinitionId { get; init; }
    public required string DefinitionVersionId { get; init; }
    public required long Version { get; init; }
    public required WorkflowStatus Status { get; init; }
    public required WorkflowSubStatus SubStatus { get; init; }
    public required string? CorrelationId { get; init; }
    public required string? Name { get; init; }
    public required int Incidents { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What <see cref="Read"/> reads, of engine.instances as <c>i</c>.</summary>
    internal const string Columns = "i.id, i.definition_id, i.definition_version_id, i.version, i.status, i.sub_status, i.correlation_id, i.name, i.incidents, i.created_at, i.updated_at, i.finished_at";

    internal static InstanceSummary Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        DefinitionId = reader.GetString(1),
        DefinitionVersionId = reader.GetString(2),
        Version = reader.GetInt64(3),
        Status = (WorkflowStatus)reader.GetInt16(4),
        SubStatus = (WorkflowSubStatus)reader.GetInt16(5),
        CorrelationId = reader.IsDBNull(6) ? null : reader.GetString(6),
        Name = reader.IsDBNull(7) ? null : reader.GetString(7),
        Incidents = reader.GetInt32(8),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(10),
        FinishedAt = reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11),
    };
}
