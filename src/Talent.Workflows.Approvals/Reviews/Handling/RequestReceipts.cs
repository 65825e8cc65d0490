using System.Text.Json;
using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>
/// Requests that are no step, each carried out once: what they were answered is a receipt beside those of steps, so that a key
/// is one request's alone, whatever it asks for.
/// </summary>
public sealed class RequestReceipts(WorkflowRuntime runtime, NpgsqlDataSource database, BusinessClock clock)
{
    private const string Taken = "receipts_pkey";

    /// <summary>How the same request was answered before; null: it is new. To be asked before the request is judged by what is true now.</summary>
    /// <exception cref="WorkflowException"><c>idempotency_key_reused</c>.</exception>
    public async Task<T?> FindAsync<T>(Idempotency? idempotency, CancellationToken cancellationToken)
        where T : class
    {
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not { } earlier)
            return null;
        return earlier.ReceiptAnswer is { } answer ? JsonSerializer.Deserialize<T>(answer, JsonSerializerOptions.Web)
            : throw new InvalidOperationException($"The receipt of '{idempotency!.Key}' has no answer.");
    }

    /// <summary>Carries a request out in a transaction of its own, with its receipt; all of it is on this connection.</summary>
    /// <exception cref="WorkflowException"><c>idempotency_key_reused</c>, and whatever the act refuses.</exception>
    public async Task<T> OnceAsync<T>(Idempotency? idempotency, Func<NpgsqlConnection, Task<T>> act, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var answer = await act(connection);
            if (idempotency is not null)
                await DelegationCommands.ExecuteAsync(connection, """
                    insert into engine.receipts (credential, key, request_hash, instance_id, version, outcome, answer, at) values ($1, $2, $3, $4, 0, 0, $5, $6)
                    """, cancellationToken, idempotency.Credential, idempotency.Key, idempotency.RequestHash, Guid.Empty, JsonSerializer.SerializeToUtf8Bytes(answer, JsonSerializerOptions.Web), clock.Machine.GetUtcNow());
            await transaction.CommitAsync(cancellationToken);
            return answer;
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: Taken })
        {
            // The same request came by another way and was faster.
        }
        return await FindAsync<T>(idempotency, cancellationToken) ?? throw new WorkflowException(ErrorCodes.Conflict, "The same request is being carried out. Try again.", "相同的请求正在处理，请重试。");
    }
}
