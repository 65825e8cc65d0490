using System.Globalization;
using Npgsql;

namespace Talent.Workflows.Runtime.Backup;

/// <summary>
/// Event and outbox rows carry the transaction id they were written with, and readers go up to the oldest one still
/// running. In a younger cluster the restored ids would lie in the future: those rows would wait, and new rows would
/// sort before them. So the target's counter is brought up to the source's first.
/// </summary>
internal static class TransactionIds
{
    /// <summary>About an hour; beyond it the counter is set with PostgreSQL's own tool.</summary>
    private const ulong Limit = 300_000_000;

    /// <summary>A few seconds' work, so that it can be watched and cancelled.</summary>
    private const ulong Batch = 500_000;

    /// <exception cref="BackupException">The gap is too large to be closed this way.</exception>
    internal static async Task AdvanceAsync(NpgsqlConnection connection, ulong atLeast, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var current = await CurrentAsync(connection, cancellationToken);
        if (atLeast > current + Limit)
        {
            throw new BackupException(
                $"The source had used {atLeast} transaction ids and the target {current}. Stop the target's PostgreSQL, run 'pg_resetwal -e {atLeast >> 32} -x {(atLeast & uint.MaxValue) + 1} <data folder>', start it, and restore again.");
        }

        while (current < atLeast)
        {
            // Asking for the id of a transaction uses one up, and a commit that wrote nothing isn't flushed.
            var count = Math.Min(Batch, atLeast - current);
            progress?.Report($"Bringing the transaction counter from {current} up to {atLeast} ...");
            await using var burn = new NpgsqlCommand(
                $"do $$ begin for i in 1..{count.ToString(CultureInfo.InvariantCulture)} loop perform pg_catalog.pg_current_xact_id(); commit; end loop; end $$",
                connection) { CommandTimeout = 0 };
            await burn.ExecuteNonQueryAsync(cancellationToken);
            current = await CurrentAsync(connection, cancellationToken);
        }
    }

    private static async Task<ulong> CurrentAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_snapshot_xmax(pg_current_snapshot())::text", connection);
        return ulong.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!, CultureInfo.InvariantCulture);
    }
}
