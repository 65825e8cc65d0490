using System.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Approvals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Tests.Startup;

/// <summary>A database that an earlier state of the product has used is brought up to the schema of a new one.</summary>
public sealed class EarlierDatabaseTests
{
    // Tables, columns and their defaults, indexes, constraints, storage parameters.
    private const string Schema = """
        select coalesce(string_agg(line, E'\n' order by line), '') from (
            select format('%s.%s.%s %s %s %s', table_schema, table_name, column_name, data_type, is_nullable, column_default)
            from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema')
            union all select indexdef from pg_indexes where schemaname not in ('pg_catalog', 'information_schema')
            union all select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint where conrelid <> 0 and connamespace <> 'pg_catalog'::regnamespace
            union all select format('%s %s', oid::regclass, reloptions) from pg_class where reloptions is not null and relnamespace not in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
        ) as lines(line)
        """;

    private static readonly IReadOnlyList<Migration> All = Migration.From([typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly]);

    [Theory]
    [InlineData(1, 1001, 1101, 1102, 2001, 2002, 2003, 2004, 2020, 2030, 2110, 2140)]
    [InlineData(1, 1001, 1101, 1102, 2001, 2002, 2003, 2004, 2020, 2030, 2080, 2081, 2082, 2083, 2110, 2120, 2140, 2160, 2170, 2180)]
    public async Task Migrate_WhenTheDatabaseIsOfAnEarlierState_ThenItsSchemaIsThatOfANewOne(params int[] applied)
    {
        await using var earlier = await TestDatabase.CreateAsync();
        await using var fresh = await TestDatabase.CreateAsync();
        await MigrateAsync(earlier, All.Where(m => applied.Contains(m.Number)));

        await MigrateAsync(earlier, All);
        await MigrateAsync(fresh, All);

        var expected = await SchemaAsync(fresh);
        Assert.Contains("engine.instances", expected, StringComparison.Ordinal);
        Assert.Equal(expected, await SchemaAsync(earlier));
    }

    private static Task<IReadOnlyList<Migration>> MigrateAsync(TestDatabase database, IEnumerable<Migration> migrations) =>
        new Migrator(database.DataSource, NullLogger.Instance, migrations).MigrateAsync(default);

    private static async Task<string> SchemaAsync(TestDatabase database)
    {
        await using var command = database.DataSource.CreateCommand(Schema);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
