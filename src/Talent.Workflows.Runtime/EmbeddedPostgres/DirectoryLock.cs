namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>
/// A lock between processes of one machine that the kernel releases when its holder dies: an exclusively opened file.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);
    private readonly FileStream file;

    private DirectoryLock(FileStream file) => this.file = file;

    internal static DirectoryLock? Try(string path)
    {
        try
        {
            return new DirectoryLock(PostgresFolder.OpenPrivate(path, FileMode.OpenOrCreate));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <exception cref="EmbeddedPostgresException">Somebody else still holds it after <paramref name="timeout"/>.</exception>
    internal static async Task<DirectoryLock> TakeAsync(string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (Try(path) is { } taken)
            {
                return taken;
            }

            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                throw new EmbeddedPostgresException(
                    $"Another server has been starting or stopping the PostgreSQL of this folder for {timeout.TotalSeconds:0} s ({path}). Wait for it or end it, then start again.");
            }

            await Task.Delay(Retry, cancellationToken);
        }
    }

    public void Dispose() => file.Dispose();
}
