using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>A bounded number of connections on which the statements of the hot path are prepared. One caller each at a time.</summary>
internal sealed class StepConnections(NpgsqlDataSource database, StepStatement statement, IOptions<RuntimeOptions> options) : IAsyncDisposable
{
    private readonly ConcurrentStack<StepConnection> idle = new();
    private readonly SemaphoreSlim free = new(options.Value.StepConnections);
    private volatile bool disposed;
    private long roundTrips;

    /// <summary>Statements sent by the hot path so far.</summary>
    public long RoundTrips => Interlocked.Read(ref roundTrips);

    public StepStatement Statement => statement;

    public Task<InstanceRecord?> LoadAsync(Guid id, CancellationToken cancellationToken) =>
        UseAsync(static (connection, id, cancellation) => connection.LoadAsync(id, cancellation), id, cancellationToken);

    public Task<InstanceRecord?> LoadByBookmarkAsync(Guid bookmarkId, CancellationToken cancellationToken) =>
        UseAsync(static (connection, id, cancellation) => connection.LoadByBookmarkAsync(id, cancellation), bookmarkId, cancellationToken);

    public Task<StepWritten> WriteAsync(StepWrite write, byte[]? state, CancellationToken cancellationToken) =>
        UseAsync(static (connection, work, _) => connection.WriteAsync(work.write, work.state), (write, state), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        disposed = true;
        while (idle.TryPop(out var connection))
            await connection.DisposeAsync();
    }

    private async Task<TResult> UseAsync<TWork, TResult>(Func<StepConnection, TWork, CancellationToken, Task<TResult>> use, TWork work, CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        StepConnection? connection = null;
        try
        {
            while (idle.TryPop(out connection) && !connection.IsUsable)
                await connection.DisposeAsync();
            connection ??= await StepConnection.OpenAsync(database, statement, options.Value.CommandTimeoutSeconds, cancellationToken);
            Interlocked.Increment(ref roundTrips);
            return await use(connection, work, cancellationToken);
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.SqlState is "57P01" or "57P02" or "57P03" or "53300")
        {
            throw new WorkflowException(ErrorCodes.Unavailable,
                "The database can't be reached at the moment. Send the request again with the same idempotency key.",
                "数据库暂时无法访问，请使用相同的幂等键重新发送请求。", e)
            { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 5 } };
        }
        finally
        {
            if (connection is { IsUsable: true } && !disposed)
                idle.Push(connection);
            else if (connection is not null)
                await connection.DisposeAsync();
            free.Release();
        }
    }
}
