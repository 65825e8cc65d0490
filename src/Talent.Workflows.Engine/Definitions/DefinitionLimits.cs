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

    /// <summary>Characters of an id, a type and the name of a variable or port: node ids and messages are made of them.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Messages that checking a definition gives; what is wrong beyond that shows when these are mended.</summary>
    public const int MaxMessages = 100;

    /// <summary>Depth of the JSON text.</summary>
    public const int MaxJsonDepth = 128;
}
