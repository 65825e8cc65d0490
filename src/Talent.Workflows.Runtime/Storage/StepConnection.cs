using Npgsql;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>An open connection on which the statements of the hot path stay prepared: loads from the start, a step's shape from its first use on.</summary>
internal sealed class StepConnection : IAsyncDisposable
{
    // One plan for good: planning the step anew costs more than running it. Everything in it goes by keys, so that the
    // plan must not depend on how small the tables were when it was made.
    internal const string Settings = """
        set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off
        """;

    // A prepared shape holds some hundred KB in PostgreSQL; a node uses a few of them nearly always.
    private const int MostPrepared = 32;

    private readonly StepStatement statement;
    private readonly NpgsqlConnection connection;
    private readonly int timeoutSeconds;
    private readonly StepValues values;
    private readonly Dictionary<StepShape, PreparedStep> steps = [];
    private long uses;
    private readonly NpgsqlCommand load;
    private readonly NpgsqlCommand loadByBookmark;

    private StepConnection(StepStatement statement, NpgsqlConnection connection, int timeoutSeconds)
    {
        this.statement = statement;
        this.connection = connection;
        this.timeoutSeconds = timeoutSeconds;
        values = statement.CreateValues();
        load = Uuid($"{InstanceReader.Select} where id = $1");
        loadByBookmark = Uuid($"{InstanceReader.Select} where id = coalesce({statement.LookupSql})");
    }

    public bool IsUsable => connection.FullState == System.Data.ConnectionState.Open;

    public static async Task<StepConnection> OpenAsync(NpgsqlDataSource database, StepStatement statement, int timeoutSeconds, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        var opened = new StepConnection(statement, connection, timeoutSeconds);
        try
        {
            await using (var settings = new NpgsqlCommand(Settings, connection))
                await settings.ExecuteNonQueryAsync(cancellationToken);
            foreach (var command in (NpgsqlCommand[])[opened.load, opened.loadByBookmark])
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
        var shape = statement.Bind(values, write, state);
        var command = steps.TryGetValue(shape, out var known) ? known.Command : (known = await PrepareAsync(shape)).Command;
        known.LastUsed = ++uses;
        shape.Fill(command, values);
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
        foreach (var prepared in steps.Values)
            await prepared.Command.DisposeAsync();
        await load.DisposeAsync();
        await loadByBookmark.DisposeAsync();
        await connection.DisposeAsync();
    }

    /// <summary>One round trip more, the first time that this connection meets a shape.</summary>
    private async Task<PreparedStep> PrepareAsync(StepShape shape)
    {
        if (steps.Count >= MostPrepared)
        {
            var (oldest, least) = steps.MinBy(s => s.Value.LastUsed);
            steps.Remove(oldest);
            await least.Command.UnprepareAsync(CancellationToken.None);
            await least.Command.DisposeAsync();
        }
        var command = shape.CreateCommand(connection);
        command.CommandTimeout = timeoutSeconds;
        try
        {
            await command.PrepareAsync(CancellationToken.None);
        }
        catch
        {
            await command.DisposeAsync();
            throw;
        }
        var prepared = new PreparedStep(command);
        steps.Add(shape, prepared);
        return prepared;
    }

    private static async Task<Instances.InstanceRecord?> LoadAsync(NpgsqlCommand command, Guid id, CancellationToken cancellationToken)
    {
        ((NpgsqlParameter<Guid>)command.Parameters[0]).TypedValue = id;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? InstanceReader.Read(reader) : null;
    }

    private NpgsqlCommand Uuid(string sql) => new(sql, connection) { Parameters = { new NpgsqlParameter<Guid>() } };

    private sealed class PreparedStep(NpgsqlCommand command)
    {
        public NpgsqlCommand Command => command;
        public long LastUsed { get; set; }
    }
}

/// <summary>Whether the step went through, and else which gate was closed; neither: another step was faster.</summary>
internal readonly record struct StepWritten(bool Committed, string? GateFailed);
