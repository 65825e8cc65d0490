using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>The rows of approvals.eligibility_sessions. Who may read or write them is decided by those who ask.</summary>
public sealed class SessionStore(NpgsqlDataSource database, DataKeys keys, BusinessClock clock)
{
    internal static readonly SealedTable Table = new("eligibility_sessions", "id", null, ["sealed"]);

    /// <summary>Sessions that are over, removed with each that is begun.</summary>
    private const int Swept = 50;

    /// <summary>The business clock, by which conditions are judged too: a session is of one day, and over by it.</summary>
    internal DateTimeOffset Now => clock.Now;

    /// <summary>The machine clock, which nobody advances: limits count by it. In whole milliseconds: PostgreSQL keeps microseconds.</summary>
    internal DateTimeOffset Counted => DateTimeOffset.FromUnixTimeMilliseconds(clock.Machine.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The session as long as it isn't over; null: there is none.</summary>
    internal async Task<SessionRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var found = await database.SingleAsync("""
            select s.id, s.user_id, s.service, s.version, s.key_id, s.sealed, s.expires_at, s.request_hash from approvals.eligibility_sessions s where s.id = $1 and s.expires_at > $2
            """, r => (Row: new SessionRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetFieldValue<DateTimeOffset>(6), r.IsDBNull(7) ? null : r.GetFieldValue<byte[]>(7), new SessionData()),
                Key: r.GetInt32(4), Sealed: r.GetFieldValue<byte[]>(5)).ToTuple(), cancellationToken, id, Now);
        if (found is null)
            return null;
        var json = (await keys.OpeningAsync(found.Item2, cancellationToken)).OpenBytes(found.Item3, Table.At("sealed", id));
        return found.Item1 with { Data = JsonSerializer.Deserialize<SessionData>(json, JsonSerializerOptions.Web)! };
    }

    /// <returns>False: there is one with this id.</returns>
    internal async Task<bool> InsertAsync(Guid id, string user, string service, DateTimeOffset expiresAt, byte[]? requestHash, string credential, CancellationToken cancellationToken)
    {
        var ring = await keys.RingAsync(0, cancellationToken);
        return (await database.QueryAsync($"""
            with over as (
                delete from approvals.eligibility_sessions where id in (select o.id from approvals.eligibility_sessions o where o.expires_at <= $6 order by o.expires_at limit {Swept} for update skip locked))
            insert into approvals.eligibility_sessions (id, user_id, service, key_id, sealed, begun_at, changed_at, expires_at, credential, request_hash) values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)
            on conflict (id) do nothing returning 1
            """, r => r.GetInt32(0), cancellationToken, id, user, service, ring.Current, Seal(ring, id, new SessionData()), Now, expiresAt, credential, requestHash ?? (object)new Sql.Null(NpgsqlDbType.Bytea))).Count == 1;
    }

    /// <returns>False: it isn't of that version any more.</returns>
    internal async Task<bool> UpdateAsync(SessionRow before, SessionData data, CancellationToken cancellationToken)
    {
        var ring = await keys.RingAsync(0, cancellationToken);
        return (await database.QueryAsync("""
            update approvals.eligibility_sessions set version = version + 1, key_id = $3, sealed = $4, changed_at = $5 where id = $1 and version = $2 returning 1
            """, r => r.GetInt32(0), cancellationToken, before.Id, before.Version, ring.Current, Seal(ring, before.Id, data), Now)).Count == 1;
    }

    private static byte[] Seal(KeyRing ring, Guid id, SessionData data) => ring.Seal(JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web), Table.At("sealed", id));
}

internal sealed record SessionRow(Guid Id, string User, string Service, long Version, DateTimeOffset ExpiresAt, byte[]? RequestHash, SessionData Data);
