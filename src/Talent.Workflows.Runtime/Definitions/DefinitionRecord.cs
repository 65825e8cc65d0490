namespace Talent.Workflows.Runtime.Definitions;

/// <summary>One stored version of a definition. Its document never changes.</summary>
public sealed record DefinitionRecord
{
    /// <summary>Id of the version.</summary>
    public required string Id { get; init; }

    /// <summary>Id shared by all versions.</summary>
    public required string DefinitionId { get; init; }

    public required int Version { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required bool IsLatest { get; init; }
    public required bool IsPublished { get; init; }

    /// <summary>SHA-256 of the document without version ids and dates, in lower-case hexadecimal.</summary>
    public required string ContentHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
}
