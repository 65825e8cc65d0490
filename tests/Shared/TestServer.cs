using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Runtime.EmbeddedPostgres;

namespace Talent.Workflows.Tests;

/// <summary>
/// The PostgreSQL of the test run: <c>TALENT_TEST_POSTGRES</c> (a connection string of a superuser) when it is set;
/// else one in the folder <c>TALENT_TEST_POSTGRES_DIR</c>, shared with other test processes; else one of this
/// process alone in a temporary folder. Both of the latter are fast and not durable (fsync off).
/// </summary>
public static class TestServer
{
    private const string FolderPrefix = "talent-tests-";
    private static readonly Lazy<Task<string>> Shared = new(StartSharedAsync);
    private static readonly Lazy<Task<string>> Prepared = new(MakePreparedAsync);

    /// <summary>Connects to the maintenance database of the shared server.</summary>
    public static Task<string> ConnectionStringAsync() => Shared.Value;

    /// <summary>
    /// A server of one's own that keeps every promise of durability: for crash tests. Dispose it, then its folder.
    /// </summary>
    /// <param name="directory">Its folder.</param>
    /// <param name="supervise">Whether it is started again when it dies; off, so that a test decides.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public static Task<EmbeddedPostgresServer> StartDurableAsync(
        string directory, bool supervise = false, CancellationToken cancellationToken = default) =>
        EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = directory, Supervise = supervise }, NullLogger.Instance, cancellationToken);

    /// <summary>Puts an empty, stopped cluster into a folder: quicker than to make one, where making isn't the matter.</summary>
    public static async Task PrepareAsync(string directory)
    {
        using var copy = Process.Start("cp", ["-a", Path.Combine(await Prepared.Value, "."), directory]);
        await copy.WaitForExitAsync();
    }

    private static async Task<string> MakePreparedAsync()
    {
        var own = new TemporaryFolder(FolderPrefix);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => RemoveInBackground(own.Path);
        await (await StartDurableAsync(own.Path)).DisposeAsync();
        // Copies that all wanted its port would take it from each other while one of them is down.
        File.Delete(Path.Combine(own.Path, "port"));
        return own.Path;
    }

    private static async Task<string> StartSharedAsync()
    {
        if (Environment.GetEnvironmentVariable("TALENT_TEST_POSTGRES") is { Length: > 0 } given)
        {
            return given;
        }

        var shared = Environment.GetEnvironmentVariable("TALENT_TEST_POSTGRES_DIR");
        if (!string.IsNullOrEmpty(shared))
        {
            // Whoever made the folder stops the server at the end of the run.
            return await StartFastAsync(shared);
        }

        foreach (var abandoned in Directory.GetDirectories(Path.GetTempPath(), FolderPrefix + "*").Where(IsAbandoned))
        {
            RemoveInBackground(abandoned);
        }

        var own = new TemporaryFolder(FolderPrefix);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => RemoveInBackground(own.Path);
        return await StartFastAsync(own.Path);
    }

    // Holds the lock on its folder for as long as the process lives: collected as garbage, another process would take it for abandoned.
    private static EmbeddedPostgresServer? running;

    private static async Task<string> StartFastAsync(string directory)
    {
        var server = running = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions
            {
                DataDirectory = directory,
                Supervise = false,
                ServerSettings = new Dictionary<string, string>
                {
                    ["fsync"] = "off",
                    ["synchronous_commit"] = "off",
                    ["full_page_writes"] = "off",
                    ["max_connections"] = "300",
                },
            },
            NullLogger.Instance,
            CancellationToken.None);
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "postgres" }.ConnectionString;
    }

    /// <summary>Its owner file is locked for as long as the test process that started it lives.</summary>
    private static bool IsAbandoned(string directory)
    {
        try
        {
            var file = new FileInfo(Path.Combine(directory, "owner"));
            if (TimeProvider.System.GetUtcNow() - file.CreationTimeUtc < TimeSpan.FromMinutes(2))
            {
                // Its owner may be just about to lock it.
                return false;
            }

            using var owner = file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A process that outlives this one, because a test host is given 0.1 s to end.</summary>
    private static void RemoveInBackground(string directory)
    {
        const string script = """
            pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
            if [ -n "$pid" ] && { [ ! -d /proc/self ] || [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; }; then
                kill -QUIT "$pid"
                tries=0
                while [ -e "$1/data/postmaster.pid" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
            fi
            rm -rf "$1"
            """;
        string[] arguments = ["sh", "-c", script, "sh", directory];
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("setsid", arguments)
            : new ProcessStartInfo(arguments[0], arguments[1..]);

        // Its output would keep the caller's pipes open.
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        Process.Start(start)?.Dispose();
    }
}
