using Npgsql;
using Talent.Workflows.Bench.Measuring;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>What operations write: rows and bytes of WAL, by the counters of the database.</summary>
internal readonly record struct Written(double WalBytes, double Rows, double Commits)
{
    // A session that has nothing to do reports what it has counted after ten seconds.
    private static readonly TimeSpan Reported = TimeSpan.FromSeconds(12);

    /// <summary>
    /// Of one of so many operations. Images of whole pages, which depend on when the last checkpoint was, are left out; so is
    /// autovacuum, which tidies up after whatever ran a minute ago.
    /// </summary>
    public static async Task<Written> OfAsync(NpgsqlDataSource database, int operations, Func<Task> run)
    {
        await SettingAsync(database, "full_page_writes", "off");
        await SettingAsync(database, "autovacuum", "off");
        try
        {
            await Task.Delay(Reported);
            await VacuumedAsync(database);
            var before = await ReadAsync(database);
            await run();
            await Task.Delay(Reported);
            var after = await ReadAsync(database);
            return new((after.WalBytes - before.WalBytes) / operations, (after.Rows - before.Rows) / operations, (after.Commits - before.Commits) / operations);
        }
        finally
        {
            await SettingAsync(database, "autovacuum", "on");
            await SettingAsync(database, "full_page_writes", "on");
        }
    }

    // Workers that were under way when autovacuum was turned off end their table first.
    private static async Task VacuumedAsync(NpgsqlDataSource database)
    {
        await using var workers = database.CreateCommand("select count(*) from pg_stat_activity where backend_type = 'autovacuum worker'");
        while ((long)(await workers.ExecuteScalarAsync())! > 0)
            await Task.Delay(100);
    }

    private static async Task<Written> ReadAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("""
            select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8, (tup_inserted + tup_updated + tup_deleted)::float8, xact_commit::float8
            from pg_stat_database where datname = current_database()
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new(reader.GetDouble(0), reader.GetDouble(1), reader.GetDouble(2));
    }

    private static async Task SettingAsync(NpgsqlDataSource database, string name, string value)
    {
        foreach (var sql in (string[])[$"alter system set {name} = {value}", "select pg_reload_conf()"])
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }
}
