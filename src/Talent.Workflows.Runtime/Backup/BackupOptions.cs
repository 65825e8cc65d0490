using System.Reflection;

namespace Talent.Workflows.Runtime.Backup;

/// <summary>What a backup leaves out and says of itself.</summary>
public sealed record BackupOptions
{
    /// <summary>Schemas whose rows are made again at every start: by default those of the scheduler.</summary>
    public IReadOnlyList<string> ExcludedSchemas { get; init; } = ["quartz"];

    /// <summary>Recorded in the manifest.</summary>
    public string ProductVersion { get; init; } =
        typeof(BackupOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The machine clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
