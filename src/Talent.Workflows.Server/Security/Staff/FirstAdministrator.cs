using System.Security.Cryptography;
using Npgsql;

namespace Talent.Workflows.Server.Security.Staff;

/// <summary>
/// The first account for Studio: <c>admin</c> with the password <c>Talent:AdminPassword</c>, or with one made at the first
/// start and written to <c>admin-password</c> in the data folder, readable by its owner only. There is no default.
/// </summary>
internal sealed partial class FirstAdministrator(StaffStore staff, NpgsqlDataSource database, ILogger<FirstAdministrator> logger)
{
    public const string Id = "admin";
    public const string FileName = "admin-password";

    // "admpass" in ASCII: two first starts on one database make one account.
    private const long AdvisoryLock = 0x61646D70617373;

    /// <summary>Makes sure that somebody can administer.</summary>
    /// <returns>The file with the password, when this installation has one; null when it is configured or others administer.</returns>
    public async Task<string?> EnsureAsync(string? configured, string dataDirectory, CancellationToken cancellationToken)
    {
        var file = Path.Combine(dataDirectory, FileName);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var guard = new NpgsqlCommand($"select pg_advisory_lock({AdvisoryLock})", connection);
        await guard.ExecuteNonQueryAsync(cancellationToken);
        try
        {
            if (await staff.HasAdministratorAsync(cancellationToken))
                return configured is { Length: > 0 } || !File.Exists(file) ? null : file;
            var password = configured is { Length: > 0 } ? configured : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
            if (!await staff.AddAsync(Id, "系统管理员", StaffRoles.Administrator, password, "system", cancellationToken))
                await staff.ChangeAsync(Id, null, StaffRoles.Administrator, password, false, "system", cancellationToken);
            if (configured is { Length: > 0 })
                return null;
            OwnersFile.Write(file, password);
            LogMade(Id, file);
            return file;
        }
        finally
        {
            await using var release = new NpgsqlCommand($"select pg_advisory_unlock({AdvisoryLock})", connection);
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    [LoggerMessage(EventId = 4011, Level = LogLevel.Information, Message = "Made the account {Account} for Studio; its password is in {File}")]
    private partial void LogMade(string account, string file);
}
