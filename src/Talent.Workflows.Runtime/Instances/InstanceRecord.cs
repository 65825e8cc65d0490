using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>An instance as the database has it.</summary>
public sealed record InstanceRecord
{
    public required Guid Id { get; init; }
    public required string DefinitionId { get; init; }
    public required string DefinitionVersionId { get; init; }

    /// <summary>Rises by one with every step; the ETag.</summary>
    public required long Version { get; init; }

    /// <summary>Shared: never change it.</summary>
    public required WorkflowState State { get; init; }

    public required byte[]? ChainHash { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Bytes of the snapshot.</summary>
    internal int Size { get; init; }
}
