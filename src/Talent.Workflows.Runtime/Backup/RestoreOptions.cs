namespace Talent.Workflows.Runtime.Backup;

/// <summary>How a restore treats its target.</summary>
public sealed record RestoreOptions
{
    /// <summary>Schemas to leave as they are: the same as in <see cref="BackupOptions.ExcludedSchemas"/>.</summary>
    public IReadOnlyList<string> ExcludedSchemas { get; init; } = ["quartz"];

    /// <summary>True: all rows of the target are replaced. False: a target with rows of its own is refused.</summary>
    public bool ReplaceExisting { get; init; }

    /// <summary>Told what is being done, a line at a time.</summary>
    public IProgress<string>? Progress { get; init; }
}
