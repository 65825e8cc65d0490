using Npgsql;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>
/// A connection that a server of ours keeps for as long as it uses the private PostgreSQL: others see by it that
/// somebody is there, and its break tells at once that PostgreSQL died.
/// </summary>
internal sealed class PostgresPresence : IAsyncDisposable
{
    private const string Database = "talent";

    /// <summary>A closed connection stays visible until its server process has ended.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly NpgsqlConnection connection;

    private PostgresPresence(NpgsqlConnection connection, string connectionString) =>
        (this.connection, ConnectionString) = (connection, connectionString);

    /// <summary>Reaches the database <c>talent</c>.</summary>
    internal string ConnectionString { get; }

    /// <summary>Connects, checks that it is the server of this folder, and makes the database when it is missing.</summary>
    /// <returns>Null when nothing answers there (yet).</returns>
    /// <exception cref="EmbeddedPostgresException">Something else answers.</exception>
    internal static async Task<PostgresPresence?> ConnectAsync(
        PostgresFolder folder, int port, string password, CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = PostgresFolder.Superuser,
            Password = password,
            Database = Database,
            // It listens on loopback alone and offers neither.
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        };
        var own = new NpgsqlConnectionStringBuilder(target.ConnectionString)
        {
            Database = "postgres",
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
            return new PostgresPresence(connection, target.ConnectionString);
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
            return null;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Client connections other than this one, after those that have just been closed are gone.</summary>
    internal async Task<long> CountOthersAsync(CancellationToken cancellationToken)
    {
        await using var question = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()", connection);
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

    /// <summary>Returns when the connection has broken.</summary>
    internal async Task WaitUntilBrokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await connection.WaitAsync(cancellationToken);
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, nothing is heard on this connection any more.
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async Task EnsureDatabaseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var question = new NpgsqlCommand($"select 1 from pg_database where datname = '{Database}'", connection);
        if (await question.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var creation = new NpgsqlCommand($"create database {Database}", connection);
            await creation.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
