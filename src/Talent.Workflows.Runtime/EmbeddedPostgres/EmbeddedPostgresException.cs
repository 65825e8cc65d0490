namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>The private PostgreSQL can't be found, started, adopted or stopped. The message says what to do next.</summary>
public sealed class EmbeddedPostgresException : Exception
{
    /// <inheritdoc cref="EmbeddedPostgresException"/>
    public EmbeddedPostgresException(string message) : base(message)
    {
    }

    /// <inheritdoc cref="EmbeddedPostgresException"/>
    public EmbeddedPostgresException(string message, Exception? cause) : base(message, cause)
    {
    }
}
