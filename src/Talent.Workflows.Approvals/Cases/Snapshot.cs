using Npgsql;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Several reads that see the database at one instant, in one round trip.</summary>
/// <remarks>The transaction's begin and end travel with the reads, so that it costs none of its own.</remarks>
internal sealed class Snapshot(NpgsqlDataSource database)
{
    private readonly List<NpgsqlBatchCommand> commands = [new("begin isolation level repeatable read, read only")];
    private readonly List<Action<NpgsqlDataReader>> readers = [];

    /// <summary>Adds a read; the rows are there once <see cref="ReadAsync"/> is done.</summary>
    public IReadOnlyList<T> Add<T>(string sql, Func<NpgsqlDataReader, T> read, params object?[] parameters)
    {
        var rows = new List<T>();
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in parameters)
            command.Parameters.Add(Sql.Parameter(value));
        commands.Add(command);
        readers.Add(row => rows.Add(read(row)));
        return rows;
    }

    /// <summary>Reads all that was added. Once.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var take in readers)
        {
            while (await reader.ReadAsync(cancellationToken))
                take(reader);
            await reader.NextResultAsync(cancellationToken);
        }
    }
}
