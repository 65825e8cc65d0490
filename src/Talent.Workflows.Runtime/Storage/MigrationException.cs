namespace Talent.Workflows.Runtime.Storage;

/// <summary>The schema of the database and the migrations of this product don't fit together. The message says what to do.</summary>
public sealed class MigrationException : Exception
{
    /// <inheritdoc cref="MigrationException"/>
    public MigrationException(string message) : base(message)
    {
    }

    /// <inheritdoc cref="MigrationException"/>
    public MigrationException(string message, Exception cause) : base(message, cause)
    {
    }
}
