using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People.Faces;

/// <summary>The rows of approvals.face_checks.</summary>
public sealed class FaceStore(NpgsqlDataSource database, BusinessClock clock)
{
    private const string Columns = "f.id, f.person_id, f.identity_version, f.purpose, f.state, f.token, f.qr_content, f.expires_at, f.ended_at, f.used_at, f.request_hash";

    /// <summary>How long the office isn't asked again where a session stands.</summary>
    private static readonly TimeSpan AskedAtMost = TimeSpan.FromSeconds(2);

    /// <summary>Machine clock, in whole milliseconds: PostgreSQL keeps microseconds.</summary>
    internal DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(clock.Machine.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>As it stands now: what is past its end has expired, whether or not anybody has looked.</summary>
    internal async Task<FaceRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var row = await database.SingleAsync($"select {Columns} from approvals.face_checks f where f.id = $1", Row, cancellationToken, id);
        if (row is not { State: FaceState.Waiting } || row.ExpiresAt > Now)
            return row;
        await database.QueryAsync("""
            update approvals.face_checks set state = 'expired', ended_at = expires_at, token = null, qr_content = null where id = $1 and state = 'waiting' and expires_at <= $2 returning 1
            """, r => r.GetInt32(0), cancellationToken, id, Now);
        return await database.SingleAsync($"select {Columns} from approvals.face_checks f where f.id = $1", Row, cancellationToken, id);
    }

    /// <summary>Keeps a session that the office has begun. Of two with one id the first counts.</summary>
    /// <returns>False: the office gave the token of another session.</returns>
    internal async Task<bool> InsertAsync(FaceRow row, string credential, CancellationToken cancellationToken) => (await database.QueryAsync("""
        insert into approvals.face_checks (id, person_id, identity_version, purpose, token_hash, token, qr_content, issued_at, expires_at, credential, request_hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning 1
        """, r => r.GetInt32(0), cancellationToken, row.Id, row.Person, row.IdentityVersion, row.Purpose, Hash(row.Token!), row.Token, row.QrContent, Now, row.ExpiresAt, credential,
        row.RequestHash ?? (object)new Sql.Null(NpgsqlDbType.Bytea))).Count == 1
        || await FindAsync(row.Id, cancellationToken) is not null;

    /// <summary>The office has decided. What has ended or expired stays as it is, however often and late it is told.</summary>
    /// <returns>The state that counts; null: no session has this token.</returns>
    internal async Task<FaceState?> SettleAsync(string token, FaceState state, CancellationToken cancellationToken)
    {
        var hash = Hash(token);
        await database.QueryAsync("""
            update approvals.face_checks set state = $2, ended_at = $3, token = null, qr_content = null where token_hash = $1 and state = 'waiting' and expires_at > $3 returning 1
            """, r => r.GetInt32(0), cancellationToken, hash, state.ToString().ToLowerInvariant(), Now);
        var found = await database.QueryAsync("select f.id from approvals.face_checks f where f.token_hash = $1", r => r.GetGuid(0), cancellationToken, hash);
        return found is [var id] ? (await FindAsync(id, cancellationToken))?.State : null;
    }

    /// <summary>Whether it is this caller's turn to ask the office; one in two seconds is.</summary>
    internal async Task<bool> TakeTurnAsync(Guid id, CancellationToken cancellationToken) => (await database.QueryAsync("""
        update approvals.face_checks set asked_at = $2 where id = $1 and state = 'waiting' and (asked_at is null or asked_at <= $3) returning 1
        """, r => r.GetInt32(0), cancellationToken, id, Now, Now - AskedAtMost)).Count == 1;

    /// <summary>Uses a passed result, for one thing; for the same thing again, by a request that is repeated.</summary>
    /// <returns>False: it was used for something else, is too old, or isn't of this person as they are and for this purpose.</returns>
    internal async Task<bool> UseAsync(Guid id, Guid person, string purpose, string usedFor, DateTimeOffset endedAfter, CancellationToken cancellationToken) => (await database.QueryAsync("""
        update approvals.face_checks f set used_at = coalesce(f.used_at, $6), used_for = $4 from approvals.people p
        where f.id = $1 and f.person_id = $2 and f.purpose = $3 and f.state = 'passed' and (f.used_at is null or f.used_for = $4) and f.ended_at > $5 and p.id = f.person_id and p.identity_version = f.identity_version
        returning 1
        """, r => r.GetInt32(0), cancellationToken, id, person, purpose, usedFor, endedAfter, Now)).Count == 1;

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static FaceRow Row(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetGuid(1), r.GetInt64(2), r.GetString(3), Enum.Parse<FaceState>(r.GetString(4), ignoreCase: true),
        r.Text(5), r.Text(6), r.GetFieldValue<DateTimeOffset>(7), r.Instant(8), r.Instant(9), r.IsDBNull(10) ? null : r.GetFieldValue<byte[]>(10));
}

internal sealed record FaceRow(Guid Id, Guid Person, long IdentityVersion, string Purpose, FaceState State, string? Token, string? QrContent, DateTimeOffset ExpiresAt, DateTimeOffset? EndedAt = null, DateTimeOffset? UsedAt = null,
    byte[]? RequestHash = null)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(FaceRow);
}
