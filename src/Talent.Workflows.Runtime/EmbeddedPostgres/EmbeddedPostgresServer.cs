using System.Data;
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
    private const string Database = "talent";

    /// <summary>A closed connection stays visible until its server process has ended.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly PostgresFolder folder;
    private readonly PostgresBinaries binaries;
    private readonly PostgresAccount account;
    private readonly TimeSpan timeout;
    private readonly ILogger logger;
    private DirectoryLock? ownership;
    private NpgsqlConnection? presence;
    private bool stopped;

    private EmbeddedPostgresServer(
        PostgresFolder folder, PostgresBinaries binaries, PostgresAccount account, TimeSpan timeout, ILogger logger) =>
        (this.folder, this.binaries, this.account, this.timeout, this.logger) = (folder, binaries, account, timeout, logger);

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

        var server = new EmbeddedPostgresServer(folder, binaries, account, options.Timeout, logger);
        try
        {
            await server.AdoptOrLaunchAsync(options.ServerSettings, cancellationToken);
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
        using var exclusive = await folder.LockAsync(timeout, cancellationToken);
        try
        {
            ownership ??= folder.TryOwn();
            if (ownership is null)
            {
                logger.LogInformation("PostgreSQL keeps running: the server that started it is still there");
                return false;
            }

            if (Postmaster.ProcessesOn(folder.Cluster).Count == 0)
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

    private async Task AdoptOrLaunchAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var password = await folder.PasswordAsync(cancellationToken);
        while (Postmaster.ProcessesOn(folder.Cluster) is { Count: > 0 } processes)
        {
            // A postmaster that starts, recovers or shuts down becomes adoptable or ends; orphans of a killed one end.
            if (Postmaster.Read(folder.Cluster) is { } running
                && processes.Contains(running.ProcessId)
                && await ConnectAsync(running.Port, password, cancellationToken))
            {
                ProcessId = running.ProcessId;
                ownership = folder.TryOwn();
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

        var launcher = new PostgresLauncher(folder, binaries, account, timeout);
        var port = await launcher.LaunchAsync(settings, cancellationToken);
        if (!await ConnectAsync(port, password, cancellationToken))
        {
            throw new EmbeddedPostgresException($"PostgreSQL started on port {port} but isn't the one of {folder.Cluster}.");
        }

        StartedByUs = true;
        ProcessId = Postmaster.Read(folder.Cluster)!.ProcessId;
        ownership = folder.TryOwn();
        logger.LogInformation("Started PostgreSQL {Major} on port {Port} (process {Process})", binaries.Major, port, ProcessId);
    }

    /// <summary>Connects, checks that it is the server of our folder, and keeps a connection as the sign of our presence.</summary>
    private async Task<bool> ConnectAsync(int port, string password, CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = PostgresFolder.Superuser,
            Password = password,
            Database = "postgres",
        };
        var own = new NpgsqlConnectionStringBuilder(target.ConnectionString)
        {
            Pooling = false,
            Timeout = 5,
            ApplicationName = "talent-presence",
        };
        var connection = new NpgsqlConnection(own.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var question = new NpgsqlCommand("select current_setting('data_directory')", connection);
            if ((string?)await question.ExecuteScalarAsync(cancellationToken) != folder.Cluster)
            {
                throw new EmbeddedPostgresException(
                    $"The server on port {port} isn't the one of {folder.Cluster}, although its process file says so. Remove {Path.Combine(folder.Cluster, "postmaster.pid")} if no PostgreSQL runs there.");
            }

            await EnsureDatabaseAsync(connection, cancellationToken);
        }
        catch (PostgresException cause) when (cause.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            await connection.DisposeAsync();
            throw new EmbeddedPostgresException(
                $"The PostgreSQL on port {port} refuses the password kept in {folder.Root}. Put the password file of this cluster back, or set Talent__DataDir to another folder.", cause);
        }
        catch (NpgsqlException)
        {
            // Not ready yet, or on its way out.
            await connection.DisposeAsync();
            return false;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        presence = connection;
        target.Database = Database;
        ConnectionString = target.ConnectionString;
        return true;
    }

    private static async Task EnsureDatabaseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var question = new NpgsqlCommand($"select 1 from pg_database where datname = '{Database}'", connection);
        if (await question.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var creation = new NpgsqlCommand($"create database {Database}", connection);
            await creation.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Client connections other than our own, after those that have just been closed are gone; zero when the server
    /// doesn't answer, because then it is of use to nobody.
    /// </summary>
    private async Task<long> CountOthersAsync(CancellationToken cancellationToken)
    {
        if (presence is not { State: ConnectionState.Open })
        {
            return 0;
        }

        try
        {
            await using var question = new NpgsqlCommand(
                "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()", presence);
            var asked = TimeProvider.System.GetTimestamp();
            while (true)
            {
                var others = (long)(await question.ExecuteScalarAsync(cancellationToken))!;
                if (others == 0 || TimeProvider.System.GetElapsedTime(asked) > Farewell)
                {
                    return others;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
        }
        catch (NpgsqlException)
        {
            return 0;
        }
    }

    private async Task ReleaseAsync()
    {
        if (presence is not null)
        {
            await presence.DisposeAsync();
        }

        ownership?.Dispose();
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture);
}
