using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>What instances can be ordered by.</summary>
public enum InstanceOrder { Created, LastExecuted, Finished, Name }

/// <summary>A condition on an instant of an instance.</summary>
/// <param name="Column">CreatedAt, UpdatedAt or FinishedAt.</param>
/// <param name="Operator">One of <c>=</c>, <c>&lt;&gt;</c>, <c>&lt;</c>, <c>&gt;</c>, <c>&lt;=</c>, <c>&gt;=</c>.</param>
public sealed record InstantCondition(InstantColumn Column, string Operator, DateTimeOffset Instant);

public enum InstantColumn { CreatedAt, UpdatedAt, FinishedAt }

/// <summary>Which instances to list, and which page of them. A condition that is null doesn't restrict; a list that is empty fits none.</summary>
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

/// <summary>A page, and how many there are in all.</summary>
public sealed record FoundInstances(IReadOnlyList<FoundInstance> Items, long Total);
