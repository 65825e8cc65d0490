using Microsoft.Extensions.Logging;
using Npgsql;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>
/// A private PostgreSQL for installations without one: made, started, adopted and stopped by the server itself.
/// It runs in a session of its own, so a terminal's Ctrl-C reaches the server and not the database.
/// </summary>
/// <remarks>
/// Several servers may share one folder: the first starts PostgreSQL, the others adopt it. The last one out stops it.
/// After a crash the next start adopts what still runs, or recovers.
/// </remarks>
public sealed class EmbeddedPostgresServer : IAsyncDisposable
{
    private readonly PostgresFolder folder;
    private readonly PostgresBinaries binaries;
    private readonly PostgresAccount account;
    private readonly TimeSpan timeout;
    private readonly IReadOnlyDictionary<string, string> settings;
    private readonly ILogger logger;
    private readonly CancellationTokenSource ending = new();
    private Task supervision = Task.CompletedTask;
    private DirectoryLock? ownership;
    private PostgresPresence? presence;
    private bool stopped;

    private EmbeddedPostgresServer(
        PostgresFolder folder, PostgresBinaries binaries, PostgresAccount account, EmbeddedPostgresOptions options, ILogger logger)
    {
        (this.folder, this.binaries, this.account, this.logger) = (folder, binaries, account, logger);
        (timeout, settings) = (options.Timeout, options.ServerSettings);
    }

    /// <summary>Reaches the database <c>talent</c> as its superuser, on loopback.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>True when this start launched PostgreSQL, false when it adopted one that ran already.</summary>
    public bool StartedByUs { get; private set; }

    /// <summary>The major version of PostgreSQL, as in 17.</summary>
    public int MajorVersion => binaries.Major;

    /// <summary>The process id of the postmaster.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Starts or adopts the PostgreSQL of a folder and makes sure that the database <c>talent</c> exists.</summary>
    /// <exception cref="EmbeddedPostgresException">It can't; the message says why and what to do.</exception>
    public static async Task<EmbeddedPostgresServer> StartAsync(
        EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        if (OperatingSystem.IsWindows())
        {
            throw new EmbeddedPostgresException("The private PostgreSQL needs Linux or macOS. On Windows set ConnectionStrings__Talent.");
        }

        var folder = PostgresFolder.Open(options.DataDirectory);
        using var exclusive = await folder.LockAsync(options.Timeout, cancellationToken);
        var major = await folder.ClusterMajorAsync(cancellationToken);
        var found = await PostgresBinaries.FindAsync(options.BinariesDirectory, major, folder.Cluster, cancellationToken);
        var account = await PostgresAccount.ChooseAsync(folder.Cluster, cancellationToken);
        var binaries = await found.ReachableByAsync(account, cancellationToken);
        if (major is null)
        {
            logger.LogInformation("Making a PostgreSQL {Major} data folder in {Cluster}", binaries.Major, folder.Cluster);
            await folder.CreateClusterAsync(binaries, account, cancellationToken);
        }

        var server = new EmbeddedPostgresServer(folder, binaries, account, options, logger);
        try
        {
            await server.AdoptOrLaunchAsync(cancellationToken);
            if (options.Supervise)
            {
                server.supervision = server.SuperviseAsync(server.ending.Token);
            }

            return server;
        }
        catch
        {
            await server.ReleaseAsync();
            throw;
        }
    }

    /// <summary>
    /// Stops PostgreSQL if this server is responsible for it (it started it, or whoever did has ended) and nobody
    /// else is connected; otherwise leaves it running. Dispose data sources on <see cref="ConnectionString"/> before.
    /// </summary>
    /// <returns>True when PostgreSQL was stopped.</returns>
    /// <exception cref="EmbeddedPostgresException">PostgreSQL was told to stop and didn't.</exception>
    public async Task<bool> StopAsync(CancellationToken cancellationToken = default)
    {
        if (stopped)
        {
            return false;
        }

        stopped = true;
        await EndSupervisionAsync();
        using var exclusive = await folder.LockAsync(timeout, cancellationToken);
        try
        {
            ownership ??= folder.TryOwn();
            if (ownership is null)
            {
                logger.LogInformation("PostgreSQL keeps running: the server that started it is still there");
                return false;
            }

            // Orphans of a killed one end by themselves.
            var processes = Postmaster.ProcessesOn(folder.Cluster);
            if (processes.Count == 0 || (Postmaster.Read(folder.Cluster) is { } recorded && !processes.Contains(recorded.ProcessId)))
            {
                return false;
            }

            var others = await CountOthersAsync(cancellationToken);
            if (others > 0)
            {
                logger.LogInformation("PostgreSQL keeps running: {Count} other connections are open", others);
                return false;
            }

            var result = await account.RunAsync(
                binaries.Program("pg_ctl"),
                ["stop", "-D", folder.Cluster, "-m", "fast", "-w", "-t", Seconds(timeout)],
                cancellationToken);
            if (result.ExitCode != 0 && Postmaster.ProcessesOn(folder.Cluster).Count > 0)
            {
                throw new EmbeddedPostgresException($"PostgreSQL in {folder.Cluster} didn't stop: {result.Output}");
            }

            logger.LogInformation("PostgreSQL stopped");
            return true;
        }
        finally
        {
            await ReleaseAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
    }

    private async Task AdoptOrLaunchAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var password = await folder.PasswordAsync(cancellationToken);
        while (Postmaster.ProcessesOn(folder.Cluster) is { Count: > 0 } processes)
        {
            // A postmaster that starts, recovers or shuts down becomes adoptable or ends; orphans of a killed one end.
            if (Postmaster.Read(folder.Cluster) is { } running
                && processes.Contains(running.ProcessId)
                && await PostgresPresence.ConnectAsync(folder, running.Port, password, cancellationToken) is { } connected)
            {
                Use(connected);
                logger.LogInformation("Adopted the running PostgreSQL {Major} on port {Port} (process {Process})", binaries.Major, running.Port, running.ProcessId);
                return;
            }

            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                throw new EmbeddedPostgresException(
                    $"PostgreSQL processes work on {folder.Cluster} but don't answer after {timeout.TotalSeconds:0} s: {string.Join(", ", processes)}. " +
                    $"Read the newest log in {Path.Combine(folder.Cluster, "log")}; end them with 'kill -INT {processes[0]}' and start again.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }

        if (Postmaster.FileExists(folder.Cluster))
        {
            // Proven stale: no process works on this cluster, whatever the recorded process id stands for today.
            logger.LogWarning("PostgreSQL was killed earlier; removing its process file and recovering");
            Postmaster.DeleteStaleFile(folder.Cluster);
        }

        var launcher = new PostgresLauncher(folder, binaries, account, timeout, logger);
        var port = await launcher.LaunchAsync(settings, cancellationToken);
        Use(await PostgresPresence.ConnectAsync(folder, port, password, cancellationToken)
            ?? throw new EmbeddedPostgresException($"PostgreSQL started on port {port} but doesn't answer there. Read the newest log in {Path.Combine(folder.Cluster, "log")}."));
        StartedByUs = true;
        logger.LogInformation("Started PostgreSQL {Major} on port {Port} (process {Process})", binaries.Major, port, ProcessId);
    }

    private void Use(PostgresPresence connected)
    {
        presence = connected;
        ProcessId = Postmaster.Read(folder.Cluster)?.ProcessId
            ?? throw new EmbeddedPostgresException($"PostgreSQL in {folder.Cluster} ended again as soon as it had answered. Read the newest log in {Path.Combine(folder.Cluster, "log")}.");
        ownership ??= folder.TryOwn();
        if (ConnectionString.Length > 0 && ConnectionString != connected.ConnectionString)
        {
            logger.LogError("PostgreSQL had to move to another port: restart this server");
        }

        ConnectionString = connected.ConnectionString;
    }

    /// <summary>Starts PostgreSQL again whenever it dies, as after an out-of-memory kill.</summary>
    private async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await presence!.WaitUntilBrokenAsync(cancellationToken);
            logger.LogWarning("PostgreSQL (process {Process}) is gone; starting it again", ProcessId);
            await StartAgainAsync(cancellationToken);
        }
    }

    /// <summary>Tries until it succeeds, whatever stands against it: a full disk and exhausted memory pass too. Ends by cancellation alone.</summary>
    private async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        for (var said = false; ;)
        {
            try
            {
                await presence!.DisposeAsync();
                using var exclusive = await folder.LockAsync(timeout, cancellationToken);
                await AdoptOrLaunchAsync(cancellationToken);
                return;
            }
            catch (Exception cause) when (!cancellationToken.IsCancellationRequested)
            {
                if (!said)
                {
                    logger.LogError(cause, "PostgreSQL can't be started again; trying on every second");
                }

                said = true;
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            }
        }
    }

    /// <summary>Zero when PostgreSQL doesn't answer, because then it is of use to nobody.</summary>
    private async Task<long> CountOthersAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Postmaster.Read(folder.Cluster) is not { } running
                || await PostgresPresence.ConnectAsync(folder, running.Port, await folder.PasswordAsync(cancellationToken), cancellationToken) is not { } connection)
            {
                return 0;
            }

            await using (connection)
            {
                return await connection.CountOthersAsync(cancellationToken);
            }
        }
        catch (NpgsqlException)
        {
            return 0;
        }
    }

    private async Task EndSupervisionAsync()
    {
        await ending.CancelAsync();
        // However it ends: PostgreSQL is still to be stopped.
        await supervision.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (presence is not null)
        {
            await presence.DisposeAsync();
        }
    }

    private async Task ReleaseAsync()
    {
        await EndSupervisionAsync();
        ownership?.Dispose();
        ending.Dispose();
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture);
}
