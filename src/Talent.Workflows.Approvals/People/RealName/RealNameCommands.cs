using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>Has somebody's name and identity number verified (实名认证). What is left out is what the person has.</summary>
public sealed record NewVerification(string? Name = null, string? ResidentId = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(NewVerification);
}

/// <summary>
/// Asks for verifications, for oneself alone. The check character comes first (GB 11643), then the limits, and the office is asked after
/// the commit (<see cref="RealNameCalls"/>). Nothing is written to the person before the office has confirmed it.
/// </summary>
/// <remarks>Source: R-ACC-2, R-INT-1; docs/adr/0033.</remarks>
public sealed class RealNameCommands(NpgsqlDataSource database, PersonReader reader, PersonCommands people, RealNameStore store, DataKeys keys, BusinessClock clock, Wakeups wakeups, IOptions<RealNameOptions> options)
{
    private const int Attempts = 3;
    private const string PendingConstraint = "identity_verifications_pending";

    private readonly CodeLimit account = PersonLimits.PerDay("verification", options.Value.TriesPerDay);
    private readonly CodeLimit number = PersonLimits.PerDay("verification-number", options.Value.TriesPerNumberPerDay);

    /// <summary>Begins one, unless the same is under way or was verified before.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_form</c> with the errors (no number, or one that can't be), <c>rate_limited</c>, <c>idempotency_key_reused</c>, <c>busy</c>.</exception>
    public async Task StartAsync(Caller caller, Guid person, NewVerification request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var id = RowIds.Of("verification", idempotency, store.Now);
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var found = await reader.FindOwnAsync(caller, person, cancellationToken);
            var ring = await keys.RingAsync(found.KeyId, cancellationToken);
            var before = people.Identity(found.Row, ring);
            var claim = people.Parse(new PersonChange(request.Name, request.ResidentId), before);
            if (claim.ResidentId is not { } given)
            {
                ProfileKeeper.Check([new FormError("residentId", FormErrorCodes.Required, "请填写身份证号码", "Give the identity number")]);
                return;
            }
            if (found.Row.VerifiedAt is not null && (claim.Name, given) == (before.Name, before.ResidentId) || await IsKnownAsync(id, idempotency, found.Row, claim.Name, given, ring, cancellationToken))
                return;
            try
            {
                if (await AskAsync(id, idempotency, caller, found.Row, claim.Name, given, ring, cancellationToken))
                {
                    wakeups.Outbox.Set();
                    return;
                }
            }
            catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: PendingConstraint })
            {
                continue; // Another request of the same person was first.
            }
        }
        throw new WorkflowException(ErrorCodes.Busy, $"Person {person} is being changed by others at this moment. Send it again.", "个人信息正在被修改，请稍后重试。");
    }

    /// <summary>The same request was taken before, or the same question is under way.</summary>
    private async Task<bool> IsKnownAsync(Guid id, Idempotency? idempotency, PersonRow row, string name, ResidentId given, KeyRing ring, CancellationToken cancellationToken)
    {
        var known = await database.QueryAsync("""
            select v.id, v.person_id, v.name, v.resident_id, v.key_id, v.request_hash from approvals.identity_verifications v
            where v.id = $1 or v.person_id = $2 and v.state = 'pending' and v.identity_version = $3
            """, r => (Id: r.GetGuid(0), Person: r.GetGuid(1), Name: r.Text(2), Number: r.IsDBNull(3) ? null : r.GetFieldValue<byte[]>(3), KeyId: r.GetInt32(4), Hash: r.IsDBNull(5) ? [] : r.GetFieldValue<byte[]>(5)), cancellationToken, id, row.Id, row.IdentityVersion);
        foreach (var one in known)
        {
            if (one.Id == id)
                return one.Person == row.Id && one.Hash.AsSpan().SequenceEqual(idempotency?.RequestHash) ? true
                    : throw new WorkflowException(ErrorCodes.IdempotencyKeyReused, "This idempotency key was used for another verification. Use a new one.", "此幂等键已用于其他认证，请更换。");
            if (one.KeyId > ring.Current)
                ring = await keys.RingAsync(one.KeyId, cancellationToken);
            if (one.Name == name && one.Number is { } kept && ring.Open(kept, RealNameStore.Table.At("resident_id", one.Id)) == given.Value)
                return true;
        }
        return false;
    }

    /// <summary>Takes the places, ends what is under way about another name or number, and leaves the question in the outbox: one statement.</summary>
    /// <returns>False: the person has changed.</returns>
    private async Task<bool> AskAsync(Guid id, Idempotency? idempotency, Caller caller, PersonRow row, string name, ResidentId given, KeyRing ring, CancellationToken cancellationToken)
    {
        var (now, accountKey, numberKey) = (store.Now, PersonLimits.Key(account, row.Id.ToByteArray()), PersonLimits.Key(number, ring.Index(given)));
        var (same, first, second) = (await database.QueryAsync($"""
            with person as (select p.id from approvals.people p where p.id = $2 and p.identity_version = $3),
            account as ({account.TakeSql("$8", "$7", "person")}),
            number as ({number.TakeSql("$9", "$7", "account")}),
            outdated as (
                update approvals.identity_verifications v set state = 'changed', answered_at = $7, name = null, resident_id = null
                from number where v.person_id = $2 and v.state = 'pending' returning v.id),
            made as (
                insert into approvals.identity_verifications (id, person_id, identity_version, name, key_id, resident_id, asked_at, credential, request_hash)
                select $1, $2, $3, $4, $5, $6, $7, $10, $12 from number, (select count(*) from outdated) o returning id),
            question as (
                insert into engine.outbox (id, instance_id, kind, payload, created_at) select made.id, made.id, '{RealNameCalls.WorkKind}', '\x7b7d'::bytea, $11 from made)
            select exists (select from person), exists (select from account), exists (select from number)
            """, r => (r.GetBoolean(0), r.GetBoolean(1), r.GetBoolean(2)), cancellationToken,
            id, row.Id, row.IdentityVersion, name, ring.Current, ring.Seal(given.Value, RealNameStore.Table.At("resident_id", id)), now, accountKey, numberKey, caller.Credential, clock.Now,
            idempotency?.RequestHash ?? (object)new Sql.Null(NpgsqlDbType.Bytea)))[0];
        return (same, first, second) switch
        {
            (true, true, true) => true,
            (false, _, _) => false,
            (_, false, _) => throw await PersonLimits.RefusalAsync(database, account, accountKey, now, cancellationToken),
            _ => throw await PersonLimits.RefusalAsync(database, number, numberKey, now, cancellationToken),
        };
    }
}
