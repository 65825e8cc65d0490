using Npgsql;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>An open connection with the statements of the hot path prepared on it.</summary>
internal sealed class StepConnection : IAsyncDisposable
{
    // One plan for good: planning the step anew costs more than running it. Everything in it goes by keys, so that the
    // plan must not depend on how small the tables were when it was made.
    private const string Settings = """
        set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off
        """;

    private readonly StepStatement statement;
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlCommand start;
    private readonly NpgsqlCommand step;
    private readonly NpgsqlCommand load;
    private readonly NpgsqlCommand loadByBookmark;

    private StepConnection(StepStatement statement, NpgsqlConnection connection)
    {
        this.statement = statement;
        this.connection = connection;
        start = statement.CreateCommand(connection, statement.StartSql);
        step = statement.CreateCommand(connection, statement.StepSql);
        load = Uuid($"{InstanceReader.Select} where id = $1");
        loadByBookmark = Uuid($"{InstanceReader.Select} where id = coalesce({statement.LookupSql})");
    }

    public bool IsUsable => connection.FullState == System.Data.ConnectionState.Open;

    public static async Task<StepConnection> OpenAsync(NpgsqlDataSource database, StepStatement statement, int timeoutSeconds, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        var opened = new StepConnection(statement, connection);
        try
        {
            await using (var settings = new NpgsqlCommand(Settings, connection))
                await settings.ExecuteNonQueryAsync(cancellationToken);
            foreach (var command in (NpgsqlCommand[])[opened.start, opened.step, opened.load, opened.loadByBookmark])
            {
                command.CommandTimeout = timeoutSeconds;
                await command.PrepareAsync(cancellationToken);
            }
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the step. It isn't cancelled half-way: whoever asked gets to know whether it was committed.</summary>
    public async Task<StepWritten> WriteAsync(StepWrite write, byte[]? state)
    {
        var command = write.IsStart ? start : step;
        statement.Bind(command, write, state);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);
        var written = new StepWritten(!reader.IsDBNull(0), reader.IsDBNull(1) ? null : reader.GetString(1));
        // The row comes before the other parts have run: only the end of the answer says that all is committed.
        while (await reader.NextResultAsync(CancellationToken.None)) { }
        return written;
    }

    public Task<Instances.InstanceRecord?> LoadAsync(Guid id, CancellationToken cancellationToken) => LoadAsync(load, id, cancellationToken);

    public Task<Instances.InstanceRecord?> LoadByBookmarkAsync(Guid bookmarkId, CancellationToken cancellationToken) => LoadAsync(loadByBookmark, bookmarkId, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await start.DisposeAsync();
        await step.DisposeAsync();
        await load.DisposeAsync();
        await loadByBookmark.DisposeAsync();
        await connection.DisposeAsync();
    }

    private static async Task<Instances.InstanceRecord?> LoadAsync(NpgsqlCommand command, Guid id, CancellationToken cancellationToken)
    {
        ((NpgsqlParameter<Guid>)command.Parameters[0]).TypedValue = id;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? InstanceReader.Read(reader) : null;
    }

    private NpgsqlCommand Uuid(string sql) => new(sql, connection) { Parameters = { new NpgsqlParameter<Guid>() } };
}

/// <summary>Whether the step went through, and else which gate was closed; neither: another step was faster.</summary>
internal readonly record struct StepWritten(bool Committed, string? GateFailed);
