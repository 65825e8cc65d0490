using Npgsql;

namespace Talent.Workflows.Runtime.Backup;

/// <summary>The tables and sequences that a backup holds, as a database has them.</summary>
internal sealed record DatabaseCatalog(
    IReadOnlyList<DatabaseCatalog.Table> Tables,
    IReadOnlyList<DatabaseCatalog.Sequence> Sequences,
    IReadOnlyList<BackupManifest.AppliedMigration> Migrations)
{
    /// <summary>Values travel as text: these make it the same text everywhere, and hidden rows an error.</summary>
    internal const string Session = """
        set local client_encoding = 'UTF8';
        set local datestyle = 'ISO, YMD';
        set local intervalstyle = 'postgres';
        set local timezone = 'UTC';
        set local bytea_output = 'hex';
        set local extra_float_digits = 1;
        set local statement_timeout = 0;
        set local idle_in_transaction_session_timeout = 0;
        set local row_security = off;
        set local search_path = pg_catalog;
        """;

    /// <summary>Partitions are read and written through their root; what belongs to an extension comes with it.</summary>
    private const string Ours = """
        n.nspname not like 'pg\_%' and n.nspname <> 'information_schema' and n.nspname <> all($1)
            and c.relpersistence <> 't' and not c.relispartition
            and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        """;

    internal sealed record Table(string Schema, string Name, IReadOnlyList<string> Columns, bool Partitioned)
    {
        /// <summary>Its own rows: those of its partitions, but not those of tables that inherit from it.</summary>
        internal string Rows => Partitioned ? Sql : $"only {Sql}";

        internal string Sql => $"{Quote(Schema)}.{Quote(Name)}";

        internal string ColumnList => string.Join(", ", Columns.Select(Quote));
    }

    internal sealed record Sequence(string Schema, string Name)
    {
        internal string Sql => $"{Quote(Schema)}.{Quote(Name)}";
    }

    internal static async Task<DatabaseCatalog> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<string> excludedSchemas, CancellationToken cancellationToken)
    {
        var tables = await ReadAsync(
            connection,
            $"""
            select n.nspname, c.relname, coalesce(array_agg(a.attname::text order by a.attnum) filter (where a.attname is not null), '{"{}"}'), c.relkind = 'p'
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            where c.relkind in ('r', 'p') and {Ours} and (n.nspname, c.relname) <> ('public', 'schema_migrations')
            group by 1, 2, 4 order by 1, 2
            """,
            excludedSchemas,
            reader => new Table(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<string[]>(2), reader.GetBoolean(3)),
            cancellationToken);
        var sequences = await ReadAsync(
            connection,
            $"select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S' and {Ours} order by 1, 2",
            excludedSchemas,
            reader => new Sequence(reader.GetString(0), reader.GetString(1)),
            cancellationToken);
        await using var exists = new NpgsqlCommand("select to_regclass('public.schema_migrations') is not null", connection);
        var migrations = (bool)(await exists.ExecuteScalarAsync(cancellationToken))!
            ? await ReadAsync(
                connection,
                "select number, name, checksum from public.schema_migrations order by number",
                null,
                reader => new BackupManifest.AppliedMigration(reader.GetInt32(0), reader.GetString(1), reader.GetString(2)),
                cancellationToken)
            : throw new BackupException("This database has no public.schema_migrations, so it isn't one of this product. Check the connection string; start the server once to make a new one.");
        return new DatabaseCatalog(tables, sequences, migrations);
    }

    internal static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection connection, string sql, IReadOnlyList<string>? excludedSchemas, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        if (excludedSchemas is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = excludedSchemas.ToArray() });
        }

        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }
}
