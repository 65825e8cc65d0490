using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Definitions;

/// <summary>A definition to keep.</summary>
public sealed record DraftSave
{
    /// <summary>Elsa 3 definition JSON, UTF-8.</summary>
    public required ReadOnlyMemory<byte> Document { get; init; }

    public bool Publish { get; init; }
    public required Actor Actor { get; init; }

    /// <summary>The revision that was edited; null: whatever is there is replaced.</summary>
    public int? BasedOn { get; init; }
}

/// <summary>What became of it.</summary>
/// <param name="Definition">The version that has the content now.</param>
/// <param name="Revision">The number of the definition's newest save.</param>
/// <param name="AlreadyPublished">It was to be published, and was before with this very content.</param>
public sealed record SavedDraft(DefinitionRecord Definition, int Revision, bool AlreadyPublished);

/// <summary>One save of a definition.</summary>
public sealed record DefinitionRevision(int Revision, string VersionId, int Version, string ContentHash, DateTimeOffset SavedAt, string SavedBy);
