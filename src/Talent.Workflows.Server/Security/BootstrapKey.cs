using System.Collections.Frozen;
using Npgsql;

namespace Talent.Workflows.Server.Security;

/// <summary>
/// The first administrator key: <c>Talent:BootstrapKey</c>, or one made at the first start and written to
/// <c>bootstrap-key</c> in the data folder, readable by its owner only. There is no default.
/// </summary>
internal sealed partial class BootstrapKey(KeyStore keys, NpgsqlDataSource database, TimeProvider time, ILogger<BootstrapKey> logger)
{
    public const string FileName = "bootstrap-key";
    public const int MinLength = 32;
    private const string Id = "bootstrap";

    // "bootkey" in ASCII: two first starts on one database make one key.
    private const long AdvisoryLock = 0x626F6F746B6579;

    /// <summary>Makes sure that somebody can administer.</summary>
    /// <param name="configured">The configured key; null when there is none.</param>
    /// <returns>The file with the key, when this installation has one; null when the key is configured or others were made.</returns>
    /// <exception cref="InvalidOperationException">The configured key is too weak.</exception>
    public async Task<string?> EnsureAsync(string? configured, string dataDirectory, CancellationToken cancellationToken)
    {
        var file = Path.Combine(dataDirectory, FileName);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var guard = new NpgsqlCommand($"select pg_advisory_lock({AdvisoryLock})", connection);
        await guard.ExecuteNonQueryAsync(cancellationToken);
        try
        {
            if (configured is { Length: > 0 })
            {
                await keys.WriteAsync(Row(Id, Checked(configured)), replace: true, cancellationToken);
                return null;
            }
            if (!await keys.HasAdministratorAsync(time.GetUtcNow(), cancellationToken))
            {
                // A file without its row: the database is new, the key stays.
                var existing = File.Exists(file) ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim() : "";
                if (existing.Length < MinLength || await keys.FindByHashAsync(ServiceKey.HashOf(existing), cancellationToken) is not null)
                {
                    existing = ServiceKey.Generate().Key;
                    OwnersFile.Write(file, existing);
                    LogMade(file);
                }
                await keys.WriteAsync(Row(existing.StartsWith("tk_", StringComparison.Ordinal) && existing.Split('_') is [_, { Length: 12 } id, _] ? id : Id, existing), replace: false, cancellationToken);
            }
            return File.Exists(file) ? file : null;
        }
        finally
        {
            await using var release = new NpgsqlCommand($"select pg_advisory_unlock({AdvisoryLock})", connection);
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private ServiceKey Row(string id, string key) => new()
    {
        Id = id,
        Name = "bootstrap",
        Hash = ServiceKey.HashOf(key),
        Scopes = new[] { Scopes.Admin, Scopes.Cases, Scopes.Workflows, Scopes.Definitions }.ToFrozenSet(StringComparer.Ordinal),
        CreatedAt = time.GetUtcNow(),
        CreatedBy = "system",
    };

    private static string Checked(string key) =>
        key.Length >= MinLength && key.Length <= 200 && key.All(c => c is > ' ' and < '\x7f') && key.Distinct().Count() >= 8
            ? key
            : throw new InvalidOperationException(
                $"Talent__BootstrapKey is too weak: give {MinLength} to 200 printable ASCII characters without spaces, at least 8 different ones. 'openssl rand -hex 24' makes one.");

    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "Made an administrator key; it is in {File}")]
    private partial void LogMade(string file);
}
