using System.IO.Compression;
using Npgsql;

namespace Talent.Workflows.Runtime.Backup;

/// <summary>
/// Fills a freshly migrated database from an archive of <see cref="DatabaseBackup"/>, in one transaction: after any
/// failure the target is as it was. Servers must not run on the target meanwhile.
/// </summary>
public static class DatabaseRestore
{
    /// <summary>Restores a file.</summary>
    /// <inheritdoc cref="ReadAsync(NpgsqlDataSource, Stream, RestoreOptions, CancellationToken)"/>
    public static async Task<BackupManifest> ReadAsync(
        NpgsqlDataSource database, string file, RestoreOptions options, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw new BackupException($"There is no file {Path.GetFullPath(file)}. Check the name.");
        }

        await using var stream = File.OpenRead(file);
        return await ReadAsync(database, stream, options, cancellationToken);
    }

    /// <summary>Restores a stream that can seek.</summary>
    /// <exception cref="BackupException">
    /// The archive is damaged or of another schema, or the target has rows of its own and
    /// <see cref="RestoreOptions.ReplaceExisting"/> isn't set.
    /// </exception>
    public static async Task<BackupManifest> ReadAsync(
        NpgsqlDataSource database, Stream source, RestoreOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        if (!source.CanSeek)
        {
            throw new ArgumentException("A backup is read from a stream that can seek, such as a file.", nameof(source));
        }

        try
        {
            await using var archive = await ZipArchive.CreateAsync(source, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellationToken);
            await using var manifestEntry = await Entry(archive, BackupManifest.EntryName).OpenAsync(cancellationToken);
            var manifest = await BackupManifest.ReadAsync(manifestEntry, cancellationToken);
            await using (var ids = await database.OpenConnectionAsync(cancellationToken))
            {
                await TransactionIds.AdvanceAsync(ids, manifest.NextTransactionId, options.Progress, cancellationToken);
            }

            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await FillAsync(connection, archive, manifest, options, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return manifest;
        }
        catch (InvalidDataException cause)
        {
            throw new BackupException($"This isn't a complete backup: {cause.Message} Take another copy of the file.", cause);
        }
        catch (PostgresException cause)
        {
            throw new BackupException($"PostgreSQL refused the restore, and nothing was changed: {cause.MessageText} {cause.Detail} {cause.Where}", cause);
        }
    }

    private static async Task FillAsync(
        NpgsqlConnection connection, ZipArchive archive, BackupManifest manifest, RestoreOptions options, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, DatabaseCatalog.Session, cancellationToken);
        await SwitchOffTriggersAsync(connection, cancellationToken);
        var catalog = await DatabaseCatalog.ReadAsync(connection, options.ExcludedSchemas, cancellationToken);
        RestoreTarget.CheckFits(catalog, manifest);
        if (catalog.Tables.Count > 0)
        {
            await ExecuteAsync(connection, $"lock table {string.Join(", ", catalog.Tables.Select(table => table.Sql))} in access exclusive mode", cancellationToken);
            if (!options.ReplaceExisting)
            {
                await RestoreTarget.CheckEmptyAsync(connection, catalog, cancellationToken);
            }

            // Rows that migrations brought are in the backup too.
            await ExecuteAsync(connection, $"truncate {string.Join(", ", catalog.Tables.Select(table => table.Sql))}", cancellationToken);
        }

        var targets = catalog.Tables.ToDictionary(table => (table.Schema, table.Name));
        foreach (var table in manifest.Tables)
        {
            options.Progress?.Report($"{table.Schema}.{table.Name}: {table.Rows} rows");
            await LoadAsync(connection, archive, targets[(table.Schema, table.Name)], table, cancellationToken);
        }

        await RefreshViewsAsync(connection, options, cancellationToken);

        // Last, because a rollback doesn't undo it.
        foreach (var sequence in manifest.Sequences)
        {
            await using var set = new NpgsqlCommand("select setval($1::text::regclass, $2, $3)", connection)
            {
                Parameters =
                {
                    new NpgsqlParameter { Value = new DatabaseCatalog.Sequence(sequence.Schema, sequence.Name).Sql },
                    new NpgsqlParameter { Value = sequence.LastValue },
                    new NpgsqlParameter { Value = sequence.IsCalled },
                },
            };
            await set.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>The rows fit each other, being of one instant, so neither foreign keys nor triggers need to run again.</summary>
    private static async Task SwitchOffTriggersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, "set local session_replication_role = replica", cancellationToken);
        }
        catch (PostgresException cause) when (cause.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new BackupException(
                "This user may not restore. As a superuser run: grant set on parameter session_replication_role to <user>; or restore as a superuser.", cause);
        }
    }

    private static async Task LoadAsync(
        NpgsqlConnection connection, ZipArchive archive, DatabaseCatalog.Table target, BackupManifest.TableEntry table, CancellationToken cancellationToken)
    {
        // The order of columns is the backup's.
        var columns = string.Join(", ", table.Columns.Select(DatabaseCatalog.Quote));
        await using var entry = await Entry(archive, table.Entry).OpenAsync(cancellationToken);
        (long Rows, string Sha256) read;
        await using (var writer = await connection.BeginTextImportAsync(
            $"copy {target.Sql}{(columns.Length == 0 ? "" : $" ({columns})")} from stdin", cancellationToken))
        {
            try
            {
                read = await CopyPump.RunAsync(entry, writer.BaseStream, cancellationToken);
            }
            catch
            {
                await writer.CancelAsync();
                throw;
            }
        }

        if (read.Sha256 != table.Sha256 || read.Rows != table.Rows)
        {
            throw new BackupException(
                $"The rows of {target.Sql} are damaged: {read.Rows} rows with SHA-256 {read.Sha256}, but the manifest says {table.Rows} with {table.Sha256}. Nothing was changed; take another copy of the file.");
        }

        await using var count = new NpgsqlCommand($"select count(*) from {target.Rows}", connection) { CommandTimeout = 0 };
        if ((long)(await count.ExecuteScalarAsync(cancellationToken))! is var stored && stored != table.Rows)
        {
            throw new BackupException($"{target.Sql} took {stored} of {table.Rows} rows. Nothing was changed; look for a trigger or rule on it that drops rows.");
        }
    }

    private static async Task RefreshViewsAsync(NpgsqlConnection connection, RestoreOptions options, CancellationToken cancellationToken)
    {
        // By age: a view on a view is the younger one.
        await using var command = new NpgsqlCommand(
            "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'm' and c.relispopulated and n.nspname <> all($1) order by c.oid",
            connection)
        {
            Parameters = { new NpgsqlParameter { Value = options.ExcludedSchemas.ToArray() } },
        };
        var views = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                views.Add(reader.GetString(0));
            }
        }

        foreach (var view in views)
        {
            await ExecuteAsync(connection, $"refresh materialized view {view}", cancellationToken);
        }
    }

    private static ZipArchiveEntry Entry(ZipArchive archive, string name) =>
        archive.GetEntry(name) ?? throw new BackupException($"This isn't a complete backup: {name} is missing. Take another copy of the file.");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
