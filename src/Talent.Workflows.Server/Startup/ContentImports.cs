using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Employers.Directory;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// The rows of content.imports, within one transaction. All contents that a file ever had are remembered, not only the
/// last: an old release that restarts during a rolling upgrade brings an old file, which is no change.
/// </summary>
internal sealed class ContentImports : IAsyncDisposable
{
    public const string Definition = "definition";
    public const string Directory = "directory";

    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;

    private ContentImports(NpgsqlConnection connection, NpgsqlTransaction transaction) => (this.connection, this.transaction) = (connection, transaction);

    /// <summary>Waits until no other node imports. What isn't committed is imported again at the next start, which changes nothing.</summary>
    public static async Task<ContentImports> BeginAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            // "content" in ASCII.
            await using var turn = new NpgsqlCommand("select pg_advisory_xact_lock(x'636F6E74656E74'::bigint)", connection);
            await turn.ExecuteNonQueryAsync(cancellationToken);
            return new ContentImports(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>SHA-256 in lower-case hexadecimal. Line ends are left out, so that a checkout on another system is no change.</summary>
    public static string HashOf(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData([.. file.ToArray().Where(b => b != (byte)'\r')]));

    public async Task<ImportHistory> HistoryAsync(string kind, string name, string hash, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select hash = $3 from content.imports where kind = $1 and name = $2 order by imported_at desc", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var history = ImportHistory.NeverSeen;
        for (var newest = true; await reader.ReadAsync(cancellationToken); newest = false)
            history = reader.GetBoolean(0) ? (newest ? ImportHistory.Current : ImportHistory.Superseded)
                : history is ImportHistory.NeverSeen ? ImportHistory.Changed : history;
        return history;
    }

    public async Task RememberAsync(string kind, string name, string hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("insert into content.imports (kind, name, hash, imported_at) values ($1, $2, $3, $4) on conflict (kind, name, hash) do update set imported_at = excluded.imported_at", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether everything that a directory file names is known already.</summary>
    public async Task<bool> KnowsAllAsync(OrganisationDirectory directory, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            select not exists (select from unnest($1) f(id) where not exists (select from approvals.organisations o where o.id = f.id))
                and not exists (select from unnest($2) f(id) where not exists (select from approvals.users u where u.id = f.id))
            """, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = directory.Organisations.Select(o => o.Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = directory.Users.Select(u => u.Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public Task CommitAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}

/// <summary>What is known of a file's content.</summary>
internal enum ImportHistory
{
    /// <summary>No content of this file was ever imported.</summary>
    NeverSeen,

    /// <summary>Others were, this one wasn't.</summary>
    Changed,

    /// <summary>It was the last one.</summary>
    Current,

    /// <summary>It was imported, and another one after it.</summary>
    Superseded,
}
