using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>The rows of approvals.identity_verifications. Who may read or write them is decided by those who ask.</summary>
public sealed class RealNameStore(NpgsqlDataSource database, PersonStore people, BusinessClock clock)
{
    internal static readonly SealedTable Table = new("identity_verifications", "id", null, ["resident_id"]);

    /// <summary>What holds a confirmed identity that is bound to another account: rows <c>v</c> and <c>p</c>, of a person who isn't verified.</summary>
    internal const string Confirmed = "v.person_id = p.id and v.state = 'bound_to_another' and v.identity_version = p.identity_version and p.verified_at is null";

    /// <summary>Machine clock, in whole milliseconds: PostgreSQL keeps microseconds.</summary>
    internal DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(clock.Machine.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>What is still to be asked; null: it was answered, or there is none.</summary>
    internal Task<OpenVerification?> OpenAsync(Guid id, CancellationToken cancellationToken) => database.SingleAsync("""
        select v.person_id, v.identity_version, v.name, v.resident_id, v.key_id from approvals.identity_verifications v where v.id = $1 and v.state in ('pending', 'refused')
        """, r => new OpenVerification(r.GetGuid(0), r.GetInt64(1), r.GetString(2), r.GetFieldValue<byte[]>(3), r.GetInt32(4)), cancellationToken, id);

    /// <summary>Ends one that is open, with nothing bound.</summary>
    internal async Task EndAsync(Guid id, VerificationState state, CancellationToken cancellationToken) => await database.QueryAsync($"""
        update approvals.identity_verifications v set state = $2, answered_at = $3{(state == VerificationState.Refused ? "" : ", name = null, resident_id = null")}
        where v.id = $1 and v.state in ('pending', 'refused') returning 1
        """, r => r.GetInt32(0), cancellationToken, id, state.Code, Now);

    /// <summary>
    /// Writes a confirmed name and number to the person and ends the verification, in one statement: as verified, or, when the number is
    /// verified elsewhere, as what the person may take over. Only while the person is as they were read and the verification is open.
    /// </summary>
    /// <param name="identity">The confirmed name and number, with the person's telephone and address.</param>
    /// <returns>False: one of them has changed.</returns>
    /// <exception cref="PostgresException">A violation of <c>people_verified</c>: the number is bound to another account.</exception>
    internal async Task<bool> ConfirmAsync(Guid id, PersonRow row, PersonIdentity identity, KeyRing ring, VerificationState state, CancellationToken cancellationToken) => (await database.QueryAsync($"""
        with asked as (select v.id from approvals.identity_verifications v where v.id = $13 and v.state in ('pending', 'refused') for update),
        person as (
            update approvals.people p set version = version + 1, identity_version = identity_version + {PersonStore.IdentityChanges},
                submitted_at = case when {PersonStore.IdentityChanges} = 0 then submitted_at end, name = $2, name_folded = $3, name_grams = $4, key_id = $5,
                resident_id = $6, phone = $7, email = $8, resident_id_index = $9, phone_index = $10, email_index = $11, changed_at = $12,
                verified_at = case when $14 = 'verified' then $12 else verified_at end
            from asked where p.id = $1 and p.version = $15 returning p.identity_version)
        update approvals.identity_verifications v set state = $14, answered_at = $16, name = null, resident_id = null, identity_version = person.identity_version
        from person where v.id = $13 returning 1
        """, r => r.GetInt32(0), cancellationToken, [.. people.Values(row.Id, identity, ring), id, state.Code, row.Version, Now])).Count == 1;

    /// <summary>Whether it is a violation of the rule that a verified number belongs to one account.</summary>
    internal static bool IsBoundElsewhere(PostgresException e) => e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "people_verified" };

    /// <summary>The newest try of a person, and whether they are verified; null: no such person.</summary>
    internal Task<NewestVerification?> NewestAsync(Guid person, CancellationToken cancellationToken) => database.SingleAsync("""
        select p.verified_at, v.id, v.state, v.asked_at, v.answered_at, v.identity_version = p.identity_version, f.attempts, f.retry_at
        from approvals.people p
        left join lateral (select * from approvals.identity_verifications o where o.person_id = p.id order by o.seq desc limit 1) v on true
        left join lateral (select * from engine.outbox_failed o where o.instance_id = v.id and not o.dead and v.state = 'pending' limit 1) f on true
        where p.id = $1
        """, r => new NewestVerification(r.Instant(0), r.IsDBNull(1) ? null : r.GetGuid(1), r.IsDBNull(2) ? VerificationState.Unverified : VerificationState.Of(r.GetString(2)),
            r.Instant(3), r.Instant(4), !r.IsDBNull(5) && r.GetBoolean(5), r.IsDBNull(6) ? null : new ParkedVerification(r.GetInt32(6), r.GetFieldValue<DateTimeOffset>(7))), cancellationToken, person);

}

/// <summary>A question that isn't answered yet.</summary>
internal sealed record OpenVerification(Guid Person, long IdentityVersion, string Name, byte[] ResidentId, int KeyId);

/// <param name="Id">Null: there never was one.</param>
/// <param name="State">As the row has it.</param>
/// <param name="Current">It is about the name and number that the person has now.</param>
internal sealed record NewestVerification(DateTimeOffset? VerifiedAt, Guid? Id, VerificationState State, DateTimeOffset? AskedAt, DateTimeOffset? AnsweredAt, bool Current, ParkedVerification? Parked);

/// <summary>The office is out of reach: how often it was tried, and when it is asked again.</summary>
public sealed record ParkedVerification(int Attempts, DateTimeOffset NextTryAt);
