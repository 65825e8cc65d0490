using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Talent.Workflows.Server.Security.Staff;

/// <summary>
/// Who is signed in: rows of security.sessions, so that a session holds on every node and ends everywhere when it is ended.
/// A session lives 12 hours at most and 2 hours after its last use (machine clock).
/// </summary>
internal sealed class StaffSessions(NpgsqlDataSource database, TimeProvider time)
{
    public const string CookieName = "talent-session";
    public static readonly TimeSpan LongestLife = TimeSpan.FromHours(12);
    public static readonly TimeSpan LongestIdle = TimeSpan.FromHours(2);

    private const string Prefix = "ts_";
    private const int TokenLength = 46;
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (StaffMember Member, DateTimeOffset Until)> known = new(StringComparer.Ordinal);

    /// <summary>Whether a text can be a session's token at all.</summary>
    public static bool IsToken(string text) => text.Length == TokenLength && text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Opens a session.</summary>
    /// <returns>Its token, which is kept nowhere.</returns>
    public async Task<string> BeginAsync(StaffMember member, CancellationToken cancellationToken)
    {
        var token = Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var now = time.GetUtcNow();
        await using var command = database.CreateCommand("""
            with old as (delete from security.sessions where seen_at < $4 or created_at < $5)
            insert into security.sessions (hash, staff_id, created_at, seen_at) values ($1, $2, $3, $3)
            """);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = HashOf(token) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = member.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - LongestIdle });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - LongestLife });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return token;
    }

    /// <summary>Whose session it is; null when there is none or it has ended.</summary>
    /// <param name="fresh">Asks the database whatever is remembered: for what changes something.</param>
    public async ValueTask<StaffMember?> FindAsync(string token, bool fresh, CancellationToken cancellationToken)
    {
        if (!IsToken(token))
            return null;
        var hash = HashOf(token);
        var name = Convert.ToHexString(hash);
        var now = time.GetUtcNow();
        if (!fresh && known.TryGetValue(name, out var entry) && entry.Until > now)
            return entry.Member;
        known.TryRemove(name, out _);
        await using var command = database.CreateCommand("""
            with found as (
                select s.id, s.name, s.role, s.created_at, s.disabled_at, e.seen_at from security.sessions e join security.staff s on s.id = e.staff_id
                where e.hash = $1 and e.seen_at > $3 and e.created_at > $4 and s.disabled_at is null),
            seen as (update security.sessions set seen_at = $2 where hash = $1 and exists (select from found where seen_at < $2 - interval '1 minute'))
            select id, name, role, created_at, disabled_at from found
            """);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - LongestIdle });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - LongestLife });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var member = StaffStore.Read(reader);
        if (known.Count >= MaxRemembered)
            known.Clear();
        known[name] = (member, now + Remembered);
        return member;
    }

    /// <summary>Ends a session.</summary>
    public async Task EndAsync(string token, CancellationToken cancellationToken)
    {
        var hash = HashOf(token);
        known.TryRemove(Convert.ToHexString(hash), out _);
        await using var command = database.CreateCommand("delete from security.sessions where hash = $1");
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
