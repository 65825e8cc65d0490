namespace Talent.Workflows.Approvals.Materials.Contents;

/// <summary>What is wrong with a content.</summary>
internal enum ContentFlaw
{
    /// <summary>It breaks off, or isn't put together as its kind has to be.</summary>
    Damaged,

    /// <summary>It holds what another program would take for its own.</summary>
    Hidden,

    /// <summary>A picture that is larger than anything should decode.</summary>
    Dimensions,
}
