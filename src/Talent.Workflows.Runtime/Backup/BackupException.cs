namespace Talent.Workflows.Runtime.Backup;

/// <summary>A backup can't be written or restored. The message says what to do; the database is as it was.</summary>
public sealed class BackupException : Exception
{
    /// <inheritdoc cref="BackupException"/>
    public BackupException(string message) : base(message)
    {
    }

    /// <inheritdoc cref="BackupException"/>
    public BackupException(string message, Exception cause) : base(message, cause)
    {
    }
}
