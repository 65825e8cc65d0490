using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>Launches PostgreSQL on a cluster with our settings.</summary>
internal sealed class PostgresLauncher(PostgresFolder folder, PostgresBinaries binaries, PostgresAccount account, TimeSpan timeout, ILogger logger)
{
    private const int Attempts = 5;

    /// <summary>Sized for two cores and a few hundred megabytes; durability is never traded for speed.</summary>
    private static readonly Dictionary<string, string> BuiltIn = new(StringComparer.OrdinalIgnoreCase)
    {
        ["listen_addresses"] = "127.0.0.1",
        ["unix_socket_directories"] = "",
        ["max_connections"] = "200",
        ["shared_buffers"] = "256MB",
        ["work_mem"] = "8MB",
        ["maintenance_work_mem"] = "64MB",
        ["effective_cache_size"] = "1GB",
        ["random_page_cost"] = "1.1",
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        ["full_page_writes"] = "on",
        ["wal_compression"] = "on",
        ["wal_buffers"] = "16MB",
        ["min_wal_size"] = "256MB",
        ["max_wal_size"] = "2GB",
        ["checkpoint_completion_target"] = "0.9",
        ["checkpoint_timeout"] = "15min",
        // Queue-like tables (timers, outbox) die young: clean them early.
        ["autovacuum_naptime"] = "15s",
        ["autovacuum_vacuum_scale_factor"] = "0.05",
        ["jit"] = "off",
        ["timezone"] = "UTC",
        ["log_timezone"] = "UTC",
        // A week of logs, one file a weekday.
        ["logging_collector"] = "on",
        ["log_directory"] = "log",
        ["log_filename"] = "postgresql-%a.log",
        ["log_truncate_on_rotation"] = "on",
        ["log_rotation_age"] = "1d",
        ["log_rotation_size"] = "0",
    };

    /// <returns>The port that it listens on.</returns>
    /// <exception cref="EmbeddedPostgresException">It doesn't come up; the message carries the end of its log.</exception>
    internal async Task<int> LaunchAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var startLog = Path.Combine(folder.Cluster, "start.log");
        for (var attempt = 1; ; attempt++)
        {
            var port = await folder.ChoosePortAsync(cancellationToken);
            File.Delete(startLog);

            // pg_ctl makes the postmaster the leader of a session of its own.
            var result = await account.RunAsync(
                binaries.Program("pg_ctl"),
                ["start", "-D", folder.Cluster, "-l", startLog, "-w", "-t", timeout.TotalSeconds.ToString("0", CultureInfo.InvariantCulture), "-o", Options(port, settings)],
                cancellationToken);
            if (result.ExitCode == 0)
            {
                await RecordPortAsync(port, cancellationToken);
                return port;
            }

            var log = await ReadLogsAsync(startLog, cancellationToken);
            var portTaken = log.Contains("could not bind", StringComparison.Ordinal) || log.Contains("Address already in use", StringComparison.Ordinal);
            if (!portTaken || attempt == Attempts)
            {
                throw new EmbeddedPostgresException(
                    $"PostgreSQL {binaries.Major} didn't start on {folder.Cluster}: {result.Output}\n{log}\n" +
                    "If the disk is full, make room; if the folder is damaged, move it away and restore a backup with './dev restore FILE'.");
            }
        }
    }

    /// <summary>Only the next start would like to know it; this PostgreSQL works without, even on a full disk.</summary>
    private async Task RecordPortAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            await folder.RecordPortAsync(port, cancellationToken);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The port {Port} of PostgreSQL can't be noted in {Folder}; after the next start it may be another: {Cause}", port, folder.Root, cause.Message);
        }
    }

    private static string Options(int port, IReadOnlyDictionary<string, string> settings)
    {
        var all = new Dictionary<string, string>(BuiltIn, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        all["port"] = port.ToString(CultureInfo.InvariantCulture);
        var text = new StringBuilder();
        foreach (var (name, value) in all)
        {
            // pg_ctl hands this to a shell.
            text.Append("-c '").Append($"{name}={value}".Replace("'", @"'\''", StringComparison.Ordinal)).Append("' ");
        }

        return text.ToString();
    }

    private async Task<string> ReadLogsAsync(string startLog, CancellationToken cancellationToken)
    {
        var files = new List<string> { startLog };
        var directory = Path.Combine(folder.Cluster, "log");
        if (Directory.Exists(directory))
        {
            files.AddRange(Directory.GetFiles(directory).OrderByDescending(File.GetLastWriteTimeUtc).Take(1));
        }

        var lines = new List<string>();
        foreach (var file in files.Where(File.Exists))
        {
            lines.AddRange((await File.ReadAllLinesAsync(file, cancellationToken)).TakeLast(10));
        }

        return string.Join('\n', lines);
    }
}
