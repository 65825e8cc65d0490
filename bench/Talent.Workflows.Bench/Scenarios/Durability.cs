using Npgsql;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>What the server's own counters say of the work between two readings.</summary>
internal sealed record Counters(long WalBytes, long RowsWritten, long Commits)
{
    public static async Task<Counters> ReadAsync(NpgsqlDataSource database)
    {
        // The counters of other sessions arrive with a delay; an own flush makes them current.
        await using var command = database.CreateCommand("""
            select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint, sum(tup_inserted + tup_updated + tup_deleted)::bigint, sum(xact_commit)::bigint
            from pg_stat_database where datname = current_database()
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    public (double Wal, double Rows) PerOperation(Counters before, double operations) =>
        ((WalBytes - before.WalBytes) / operations, (RowsWritten - before.RowsWritten) / operations);
}
