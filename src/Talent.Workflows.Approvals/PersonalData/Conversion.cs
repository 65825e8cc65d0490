using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>
/// Seals what the release before wrote in clear: batch by batch, each in a transaction of its own, so that it may be killed at any
/// instant and goes on with what is left. Rows that somebody is writing are left to the next round. Any number of nodes may do it at once.
/// </summary>
/// <remarks>Source: R-AUD-2; docs/adr/0031.</remarks>
public sealed class Conversion(NpgsqlDataSource database, DataKeys keys, SealingStart start, IEnumerable<ClearTable> tables)
{
    /// <summary>Rows of one transaction.</summary>
    public const int BatchRows = 200;

    /// <summary>Goes once through all that is in clear; does nothing while a node of the release before runs.</summary>
    /// <returns>Rows that were sealed.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        if (!await start.HasBegunAsync(cancellationToken))
            return 0;
        var changed = 0L;
        foreach (var table in tables)
            for (var rows = await BatchAsync(table, BatchRows, cancellationToken); rows > 0; rows = await BatchAsync(table, BatchRows, cancellationToken))
                changed += rows;
        return changed;
    }

    /// <summary>How many rows are in clear yet.</summary>
    public async Task<long> LeftAsync(CancellationToken cancellationToken)
    {
        var left = 0L;
        foreach (var table in tables)
            left += (await database.QueryAsync($"select count(*) from approvals.{table.Name} where {table.Clear}", r => r.GetInt64(0), cancellationToken))[0];
        return left;
    }

    /// <summary>One transaction.</summary>
    /// <returns>Rows that were sealed; 0: none is left that nobody is writing.</returns>
    public async Task<int> BatchAsync(ClearTable table, int most, CancellationToken cancellationToken)
    {
        var ring = await keys.RingAsync(0, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var commands = await table.NextAsync(connection, ring, most, cancellationToken);
        if (commands.Count == 0)
            return 0;
        await using var update = new NpgsqlBatch(connection, transaction);
        foreach (var command in commands)
            update.BatchCommands.Add(command);
        await update.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return commands.Count;
    }
}
