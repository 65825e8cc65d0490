using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Tests;

/// <summary>
/// A fresh, migrated database on the PostgreSQL of the test run, dropped when disposed. It is copied from a template
/// that is migrated once for each set of migrations, so making one takes a fraction of a second.
/// </summary>
/// <example><code>
/// public sealed class FooTests : IAsyncLifetime
/// {
///     private TestDatabase db = null!;
///     public async Task InitializeAsync() => db = await TestDatabase.CreateAsync(typeof(Migrator).Assembly);
///     public async Task DisposeAsync() => await db.DisposeAsync();
/// }
/// </code></example>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Templates = new();

    // One for all databases: a new source reads the catalogue of types first.
    private static readonly Lazy<Task<NpgsqlDataSource>> Admin = new(async () => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(await TestServer.ConnectionStringAsync()) { Pooling = false }.ConnectionString));

    private readonly string name;

    private TestDatabase(string server, string name)
    {
        this.name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 32 }.ConnectionString;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    /// <summary>Disposed with the database.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Reaches the database as a superuser.</summary>
    public string ConnectionString { get; }

    /// <summary>Makes a database with the migrations of these assemblies; with none, an empty one.</summary>
    public static async Task<TestDatabase> CreateAsync(params Assembly[] assembliesWithMigrations)
    {
        var server = await TestServer.ConnectionStringAsync();
        var admin = await Admin.Value;
        var template = assembliesWithMigrations.Length == 0 ? "template1"
            : await Templates.GetOrAdd(string.Join('\n', assembliesWithMigrations.Select(one => one.FullName)), _ => new(() => TemplateAsync(server, admin, assembliesWithMigrations))).Value;
        var name = $"test_{Guid.NewGuid():N}";
        // Copying files takes a fifth of the time of writing every page to the log.
        await using var creation = admin.CreateCommand($"create database {name} template {template} strategy file_copy");
        await creation.ExecuteNonQueryAsync();
        return new TestDatabase(server, name);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await using var drop = (await Admin.Value).CreateCommand($"drop database if exists {name} with (force)");
        await drop.ExecuteNonQueryAsync();
    }

    /// <summary>Makes the template unless this or another test process has made it.</summary>
    private static async Task<string> TemplateAsync(string server, NpgsqlDataSource admin, Assembly[] assemblies)
    {
        var migrations = Migration.From(assemblies);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', migrations.Select(one => $"{one.Number} {one.Checksum}"))));
        var template = $"template_{Convert.ToHexStringLower(digest)[..24]}";
        var key = BitConverter.ToInt64(digest).ToString(CultureInfo.InvariantCulture);

        await using var connection = await admin.OpenConnectionAsync();
        await ExecuteAsync(connection, $"select pg_advisory_lock({key})");
        await using var question = new NpgsqlCommand($"select 1 from pg_database where datname = '{template}'", connection);
        if (await question.ExecuteScalarAsync() is not null)
        {
            return template;
        }

        // Named as a template only when complete: a killed test run leaves nothing half-made behind.
        var building = $"{template}_new";
        await ExecuteAsync(connection, $"drop database if exists {building} with (force)");
        await ExecuteAsync(connection, $"create database {building}");
        await using (var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = building, Pooling = false }.ConnectionString))
        {
            await new Migrator(database, NullLogger.Instance, assemblies).MigrateAsync(CancellationToken.None);
        }

        await ExecuteAsync(connection, $"alter database {building} rename to {template}");
        return template;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
