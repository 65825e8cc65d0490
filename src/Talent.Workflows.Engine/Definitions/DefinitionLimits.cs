namespace Talent.Workflows.Engine.Definitions;

/// <summary>Bounds of a definition; beyond them it is refused, whoever wrote it.</summary>
public static class DefinitionLimits
{
    /// <summary>Size of the JSON text, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Activities in one definition, nested ones included.</summary>
    public const int MaxActivities = 2000;

    /// <summary>Containers inside containers.</summary>
    public const int MaxNesting = 32;

    /// <summary>Depth of the JSON text.</summary>
    public const int MaxJsonDepth = 128;
}
