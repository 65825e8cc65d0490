using Npgsql;

namespace Talent.Workflows.Runtime.Backup;

/// <summary>Whether a database may take a backup: the same migrations, the same tables, no rows of its own.</summary>
internal static class RestoreTarget
{
    /// <exception cref="BackupException">Schema and backup differ.</exception>
    internal static void CheckFits(DatabaseCatalog catalog, BackupManifest manifest)
    {
        var extra = catalog.Migrations.Except(manifest.Migrations).ToList();
        var missing = manifest.Migrations.Except(catalog.Migrations).ToList();
        if (extra.Count + missing.Count > 0)
        {
            throw new BackupException(
                $"The backup was written by version {manifest.ProductVersion} with other migrations than the target's" +
                (missing.Count > 0 ? $"; the target lacks {List(missing)}" : "") +
                (extra.Count > 0 ? $"; the backup lacks {List(extra)}" : "") +
                $". Restore into a new database with version {manifest.ProductVersion}, then start the version you want: it migrates.");
        }

        var target = catalog.Tables.ToDictionary(table => (table.Schema, table.Name));
        foreach (var table in manifest.Tables)
        {
            if (!target.Remove((table.Schema, table.Name), out var own) || !own.Columns.ToHashSet().SetEquals(table.Columns))
            {
                throw new BackupException(
                    $"The target has no table {table.Schema}.{table.Name} with the columns {string.Join(", ", table.Columns)}, although its migrations are the same. It was changed by hand: restore into a new database.");
            }
        }

        if (target.Count > 0)
        {
            throw new BackupException(
                $"The target has tables that the backup lacks: {string.Join(", ", target.Values.Select(table => table.Sql))}. Restore into a new database.");
        }
    }

    /// <summary>Rows that came with a migration carry the transaction id of its record; all others are somebody's data.</summary>
    /// <exception cref="BackupException">There are such rows.</exception>
    internal static async Task CheckEmptyAsync(NpgsqlConnection connection, DatabaseCatalog catalog, CancellationToken cancellationToken)
    {
        foreach (var table in catalog.Tables)
        {
            await using var command = new NpgsqlCommand(
                $"select exists (select from {table.Rows} where xmin not in (select xmin from public.schema_migrations))", connection) { CommandTimeout = 0 };
            if ((bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            {
                throw new BackupException(
                    $"The target isn't empty: {table.Sql} has rows. Restore into a new database (another Talent__DataDir or ConnectionStrings__Talent), or say that its data are to be replaced (--replace).");
            }
        }
    }

    private static string List(IEnumerable<BackupManifest.AppliedMigration> migrations) =>
        string.Join(", ", migrations.Select(one => $"{one.Number:0000} {one.Name} ({one.Checksum[..12]})"));
}
