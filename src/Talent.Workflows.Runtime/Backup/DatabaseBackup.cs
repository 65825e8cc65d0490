using System.Data;
using System.Globalization;
using System.IO.Compression;
using Npgsql;

namespace Talent.Workflows.Runtime.Backup;

/// <summary>
/// Writes a whole database into one zip archive, as of one instant and while the servers go on working. It needs no
/// programs of PostgreSQL and can be restored into another major version. See docs/adr/0002-logical-backup-by-copy.md.
/// </summary>
public static class DatabaseBackup
{
    /// <summary>Writes a new file that only its owner can read; it appears under its name when it is complete.</summary>
    /// <exception cref="BackupException">The file exists already, or the database isn't one of this product.</exception>
    public static async Task<BackupManifest> WriteAsync(
        NpgsqlDataSource database, string file, BackupOptions options, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(file);
        if (File.Exists(path))
        {
            throw new BackupException($"{path} exists already. Give another name, so that no earlier backup is lost.");
        }

        var partial = path + ".partial";
        var creation = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            creation.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            File.Delete(partial);
            BackupManifest manifest;
            await using (var stream = new FileStream(partial, creation))
            {
                manifest = await WriteAsync(database, stream, options, cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path);
            return manifest;
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Writes to a stream, which is left open. The manifest comes last.</summary>
    /// <exception cref="BackupException">The database isn't one of this product.</exception>
    public static async Task<BackupManifest> WriteAsync(
        NpgsqlDataSource database, Stream destination, BackupOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(options);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using (var session = new NpgsqlCommand($"set transaction read only; {DatabaseCatalog.Session}", connection))
        {
            await session.ExecuteNonQueryAsync(cancellationToken);
        }

        var catalog = await DatabaseCatalog.ReadAsync(connection, options.ExcludedSchemas, cancellationToken);
        var tables = new List<BackupManifest.TableEntry>();
        await using var archive = await ZipArchive.CreateAsync(destination, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        foreach (var table in catalog.Tables)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"tables/{tables.Count + 1:0000}.copy");
            await using var entry = await archive.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
            using var reader = await connection.BeginTextExportAsync($"copy (select {table.ColumnList} from {table.Rows}) to stdout", cancellationToken);

            // The bytes as they are: decoding and encoding them again would be for nothing.
            var (rows, hash) = await CopyPump.RunAsync(reader.BaseStream, entry, cancellationToken);
            tables.Add(new BackupManifest.TableEntry(table.Schema, table.Name, table.Columns, name, rows, hash));
        }

        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat,
            ProductVersion = options.ProductVersion,
            CreatedAt = options.Clock.GetUtcNow(),
            NextTransactionId = await NextTransactionAsync(connection, cancellationToken),
            Migrations = catalog.Migrations,
            Tables = tables,
            Sequences = await ReadSequencesAsync(connection, catalog.Sequences, cancellationToken),
        };
        await using var last = await archive.CreateEntry(BackupManifest.EntryName).OpenAsync(cancellationToken);
        await manifest.WriteAsync(last, cancellationToken);
        return manifest;
    }

    private static async Task<ulong> NextTransactionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_snapshot_xmax(pg_current_snapshot())::text", connection);
        return ulong.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!, CultureInfo.InvariantCulture);
    }

    /// <summary>Sequences aren't part of the snapshot; read after it began, they are at or beyond every value in it.</summary>
    private static async Task<List<BackupManifest.SequenceValue>> ReadSequencesAsync(
        NpgsqlConnection connection, IReadOnlyList<DatabaseCatalog.Sequence> sequences, CancellationToken cancellationToken)
    {
        var values = new List<BackupManifest.SequenceValue>();
        foreach (var sequence in sequences)
        {
            await using var command = new NpgsqlCommand($"select last_value, is_called from {sequence.Sql}", connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            values.Add(new BackupManifest.SequenceValue(sequence.Schema, sequence.Name, reader.GetInt64(0), reader.GetBoolean(1)));
        }

        return values;
    }
}
