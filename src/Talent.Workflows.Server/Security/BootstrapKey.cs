using System.Collections.Frozen;
using Npgsql;
using Talent.Workflows.Server.Startup;

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
    /// <param name="configured">The configured key, see <see cref="Check"/>; null when there is none.</param>
    /// <returns>The file with the key, when this installation has one; null when the key is configured or others were made.</returns>
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
                await keys.WriteAsync(Row(Id, configured), replace: true, cancellationToken);
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
                await keys.WriteAsync(Row(ServiceKey.IdOf(existing) ?? Id, existing), replace: false, cancellationToken);
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

    /// <exception cref="WrongSettingException">The configured key is too weak.</exception>
    public static void Check(string? configured)
    {
        if (configured is { Length: > 0 } && !(configured.Length is >= MinLength and <= 200 && configured.All(c => c is > ' ' and < '\x7f') && configured.Distinct().Count() >= 8))
            throw new WrongSettingException("Talent:BootstrapKey",
                $"密钥强度不足。应为 {MinLength} 至 200 个可见 ASCII 字符，不含空格，且至少有 8 种不同字符；可用 openssl rand -hex 24 生成。",
                $"it is too weak. Give {MinLength} to 200 printable ASCII characters without spaces, at least 8 different ones; 'openssl rand -hex 24' makes one.");
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "Made an administrator key; it is in {File}")]
    private partial void LogMade(string file);
}
