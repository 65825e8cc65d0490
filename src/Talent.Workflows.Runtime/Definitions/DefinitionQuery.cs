namespace Talent.Workflows.Runtime.Definitions;

/// <summary>Which versions of definitions to list, in which order, which page of them.</summary>
public sealed record DefinitionQuery
{
    public VersionFilter Versions { get; init; } = VersionFilter.All;

    /// <summary>The version, when <see cref="Versions"/> is <see cref="VersionFilter.Number"/>.</summary>
    public int? Version { get; init; }

    public IReadOnlyList<string>? DefinitionIds { get; init; }

    /// <summary>Ids of versions.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>In the name, description, or one of the ids.</summary>
    public string? Search { get; init; }

    public DefinitionOrder Order { get; init; }
    public bool Descending { get; init; }
    public int Skip { get; init; }

    /// <summary>1 to 2,000.</summary>
    public int Take { get; init; } = 100;
}

/// <summary>Which versions count.</summary>
public enum VersionFilter
{
    All,
    Latest,
    Published,
    LatestOrPublished,
    LatestAndPublished,
    Draft,
    Number,
}

/// <summary>What a list is sorted by.</summary>
public enum DefinitionOrder
{
    Created,
    Name,
    Version,
}

/// <summary>One page.</summary>
public sealed record DefinitionPage(IReadOnlyList<DefinitionRecord> Items, long Total);
