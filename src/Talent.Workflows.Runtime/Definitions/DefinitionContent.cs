namespace Talent.Workflows.Runtime.Definitions;

/// <summary>What the definition says that an instance was running by, on whatever server that was.</summary>
/// <param name="Hash">As <see cref="DefinitionRecord.ContentHash"/> there; null: not known.</param>
/// <param name="Fingerprint">By <see cref="Engine.Definitions.DefinitionFingerprint"/>; null: not known.</param>
public sealed record DefinitionContent(string DefinitionId, string? Hash, string? Fingerprint)
{
    public bool IsKnown => Hash is not null || Fingerprint is not null;
}
