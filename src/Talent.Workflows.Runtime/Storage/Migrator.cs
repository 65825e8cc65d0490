using System.Reflection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// Brings a database to the schema of this product: forward only, each migration in a transaction of its own and
/// recorded in <c>public.schema_migrations</c> with it. Any number of nodes may call it at once; one does the work.
/// </summary>
public sealed class Migrator(NpgsqlDataSource database, ILogger logger, IEnumerable<Migration> steps)
{
    /// <summary>"talent" in ASCII: the advisory lock of everybody who changes the schema.</summary>
    private const long AdvisoryLock = 0x74616C656E74;

    /// <summary>
    /// Migrations up to this one came in another order than that of their numbers; whichever of them a database has, the
    /// others lead to the same schema.
    /// </summary>
    private const int LastUnordered = 2180;

    private const string CreateTable = """
        create table if not exists public.schema_migrations (
            number integer primary key,
            name text not null,
            checksum text not null,
            applied_at timestamptz not null default now()
        )
        """;

    private readonly IReadOnlyList<Migration> migrations = Migration.Order(steps);

    /// <summary>With the migrations that are embedded in these assemblies.</summary>
    /// <exception cref="MigrationException">Two of them have one number.</exception>
    public Migrator(NpgsqlDataSource database, ILogger logger, params IEnumerable<Assembly> assemblies)
        : this(database, logger, Migration.From(assemblies))
    {
    }

    /// <summary>The migrations that this product knows, in order.</summary>
    public IReadOnlyList<Migration> Migrations => migrations;

    /// <summary>Applies what is missing.</summary>
    /// <returns>The migrations that this call applied.</returns>
    /// <exception cref="MigrationException">
    /// An applied migration was changed since, or the database has one that this product doesn't know, or one fails.
    /// </exception>
    public async Task<IReadOnlyList<Migration>> MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"select pg_advisory_lock({AdvisoryLock})", cancellationToken);
        try
        {
            await ExecuteAsync(connection, CreateTable, cancellationToken);
            var missing = await FindMissingAsync(connection, cancellationToken);
            foreach (var migration in missing)
            {
                await ApplyAsync(connection, migration, cancellationToken);
                logger.LogInformation("Applied migration {Number:0000} {Name}", migration.Number, migration.Name);
            }

            return missing;
        }
        finally
        {
            // A broken connection has given the lock back already.
            if (connection.FullState.HasFlag(System.Data.ConnectionState.Open))
            {
                await ExecuteAsync(connection, $"select pg_advisory_unlock({AdvisoryLock})", CancellationToken.None);
            }
        }
    }

    private async Task<IReadOnlyList<Migration>> FindMissingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var known = migrations.ToDictionary(migration => migration.Number);
        var missing = new SortedDictionary<int, Migration>(known);
        await using var command = new NpgsqlCommand("select number, name, checksum from public.schema_migrations order by number", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var newest = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            var (number, name, checksum) = (reader.GetInt32(0), reader.GetString(1), reader.GetString(2));
            if (!known.TryGetValue(number, out var migration))
            {
                throw new MigrationException(
                    $"The database has migration {number:0000} {name}, which this version doesn't know: it was used by a newer version. Start that version, or restore a backup made before the upgrade.");
            }

            if (migration.Checksum != checksum)
            {
                throw new MigrationException(
                    $"Migration {number:0000} {migration.Name} was applied with other content (checksum {checksum[..12]}, here {migration.Checksum[..12]}). Applied migrations never change: put the file back and add a new one.");
            }

            missing.Remove(number);
            newest = number;
        }

        if (missing.Values.FirstOrDefault(migration => migration.Number > LastUnordered && migration.Number < newest) is { } late)
        {
            throw new MigrationException(
                $"Migration {late.Number:0000} {late.Name} is missing, but {newest:0000} is applied already. Give it a number above {newest:0000}.");
        }

        return [.. missing.Values];
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, migration.Sql, cancellationToken);
        }
        catch (PostgresException cause)
        {
            throw new MigrationException(
                $"Migration {migration.Number:0000} {migration.Name} failed and was rolled back: {cause.MessageText} (position {cause.Position}).", cause);
        }

        await using var record = new NpgsqlCommand(
            "insert into public.schema_migrations (number, name, checksum) values ($1, $2, $3)", connection, transaction)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = migration.Number },
                new NpgsqlParameter { Value = migration.Name },
                new NpgsqlParameter { Value = migration.Checksum },
            },
        };
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
