using System.Security.Cryptography;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>The public keys that checkpoints are checked with. The first node that seals registers its key; further keys are an operator's decision.</summary>
public sealed class AuditKeys(NpgsqlDataSource database, BusinessClock clock, AuditKey key)
{
    /// <summary>Lets this node seal with its own key from now on.</summary>
    /// <returns>The key's id; null when it was registered before.</returns>
    public async Task<string?> RegisterAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await InsertAsync(connection, cancellationToken) ? key.Id : null;
    }

    /// <summary>All registered public keys, oldest first, as one PEM text; empty when nothing was ever sealed.</summary>
    public async Task<string> PublicPemsAsync(CancellationToken cancellationToken) =>
        string.Join('\n', await database.QueryAsync("select public_pem from approvals.audit_keys order by created_at, id", r => r.GetString(0), cancellationToken));

    /// <summary>Makes sure that this node may seal. Called in the transaction that holds the turn to seal.</summary>
    /// <exception cref="InvalidOperationException">Other keys are registered, and this one isn't.</exception>
    internal async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select count(*), coalesce(bool_or(id = $1), false) from approvals.audit_keys", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Id });
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            if (reader.GetBoolean(1))
                return;
            if (reader.GetInt64(0) > 0)
                throw new InvalidOperationException(
                    $"This node's audit key {key.Id} isn't registered. Give all nodes the same Talent__AuditKeyFile, or register this node's key with 'register-audit-key'.");
        }
        await InsertAsync(connection, cancellationToken);
    }

    private async Task<bool> InsertAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("insert into approvals.audit_keys (id, public_pem, created_at) values ($1, $2, $3) on conflict do nothing", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.PublicPem });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Machine.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }
}
