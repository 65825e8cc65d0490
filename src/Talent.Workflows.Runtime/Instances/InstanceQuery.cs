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
}
