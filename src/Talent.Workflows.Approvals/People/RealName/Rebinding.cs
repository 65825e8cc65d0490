using System.Net;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>Has a code sent to the telephone of the account that holds the identity.</summary>
/// <param name="FaceCheckId">A passed face check for <c>rebinding</c>.</param>
/// <param name="ChallengeId">An image challenge (<c>/api/v1/verification/challenges</c>), and what the person read in it.</param>
/// <param name="Language"><c>zh-CN</c> (default) or <c>en</c>.</param>
/// <param name="Address">The IP address of the person, as the backend service sees it.</param>
public sealed record RebindingCodeRequest(Guid FaceCheckId, Guid ChallengeId, string? Answer, string? Language = null, string? Address = null);

/// <summary>A code that is on its way.</summary>
/// <param name="PhoneTail">The last four digits of the telephone that it goes to. Nothing else is told of whose it is.</param>
public sealed record SentRebindingCode(Guid Id, string PhoneTail, DateTimeOffset ExpiresAt, int ResendAfterSeconds);

/// <summary>Takes the identity over.</summary>
/// <param name="CodeId">Of the answer to <see cref="RebindingCodeRequest"/>.</param>
public sealed record RebindRequest(Guid FaceCheckId, Guid CodeId, string? Code)
{
    /// <summary>Without the code.</summary>
    public override string ToString() => nameof(RebindRequest);
}

/// <summary>
/// 换绑: an account takes over a verified identity from another one of the same person. It takes all three: the office has just confirmed
/// name and number for this account, the applicant's face is theirs, and they have the telephone of the account that holds it. A name
/// and number are known to many, a telephone may be somebody else's, and a face alone would let a picture do it.
/// </summary>
/// <remarks>Source: R-ACC-2; docs/adr/0033.</remarks>
public sealed class Rebinding(
    NpgsqlDataSource database, PersonReader reader, RealNameStore store, VerificationCodes codes, FaceChecks faces, DataKeys keys, ContactBook contacts, BusinessClock clock, Wakeups wakeups, IOptions<RealNameOptions> options)
{
    private readonly CodeLimit account = PersonLimits.PerDay("rebinding", options.Value.RebindingsPerDay);

    /// <summary>Sends the code. Without a face it sends none, so that nobody can make somebody's telephone ring by a name and a number.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>; <c>wrong_state</c> with the <c>reason</c>: <c>nothing_to_rebind</c>, <c>verification_old</c>, <c>not_held</c>,
    /// <c>no_phone</c>, <c>face_required</c>; and as <see cref="VerificationCodes.IssueAsync"/>.</exception>
    public async Task<SentRebindingCode> SendCodeAsync(Caller caller, Guid person, RebindingCodeRequest request, string language, IPAddress? address, CancellationToken cancellationToken)
    {
        var found = await reader.FindOwnAsync(caller, person, cancellationToken);
        await ClaimAsync(person, cancellationToken);
        await faces.RequireAsync(person, request.FaceCheckId, FacePurposes.Rebinding, found.Row.IdentityVersion, cancellationToken);
        var (_, phone) = await HolderAsync(person, cancellationToken);
        var issued = await codes.IssueAsync(request.ChallengeId, request.Answer, phone, CodePurpose.Rebinding, language, address, cancellationToken);
        return new SentRebindingCode(issued.Id, phone.Value[^4..], issued.ExpiresAt, issued.ResendAfterSeconds);
    }

    /// <summary>Checks the code and takes the identity over: from then on the other account isn't verified, both are told, and it is recorded.</summary>
    /// <exception cref="WorkflowException">As <see cref="SendCodeAsync"/> and <see cref="VerificationCodes.CheckAsync"/>; <c>rate_limited</c>; <c>conflict</c>: something has changed meanwhile.</exception>
    public async Task RebindAsync(Caller caller, Guid person, RebindRequest request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var found = await reader.FindOwnAsync(caller, person, cancellationToken);
        if (await DoneAsync(person, request, cancellationToken))
            return;
        var claim = await ClaimAsync(person, cancellationToken);
        await faces.RequireAsync(person, request.FaceCheckId, FacePurposes.Rebinding, found.Row.IdentityVersion, cancellationToken);
        await PersonLimits.TakeAsync(database, account, PersonLimits.Key(account, person.ToByteArray()), store.Now, cancellationToken);
        var (holder, phone) = await HolderAsync(person, cancellationToken);
        await codes.CheckAsync(request.CodeId, phone, CodePurpose.Rebinding, request.Code, idempotency, cancellationToken);
        if (!await MoveAsync(caller, person, claim, holder, request, cancellationToken))
            throw new WorkflowException(ErrorCodes.Conflict, "The identity has moved meanwhile, or name or number were changed. Verify again.", "实名认证信息刚刚发生变化，请重新认证。");
        wakeups.Outbox.Set();
    }

    /// <summary>The confirmed claim: which verification.</summary>
    private async Task<Guid> ClaimAsync(Guid person, CancellationToken cancellationToken)
    {
        var found = await database.QueryAsync($"""
            select v.id, v.answered_at from approvals.identity_verifications v join approvals.people p on {RealNameStore.Confirmed} where p.id = $1 order by v.seq desc limit 1
            """, r => (Id: r.GetGuid(0), At: r.GetFieldValue<DateTimeOffset>(1)), cancellationToken, person);
        return found switch
        {
            [] => throw Refused("nothing_to_rebind", $"Person {person} has no confirmed identity that is bound to another account. Verify first.", "没有可换绑的实名信息，请先办理实名认证。"),
            [var (id, at)] when at > store.Now.AddHours(-options.Value.ConfirmedHours) => id,
            _ => throw Refused("verification_old", $"Name and number were confirmed more than {options.Value.ConfirmedHours} h ago. Verify them again.", "实名信息核验已过期，请重新认证后换绑。"),
        };
    }

    /// <summary>Who holds the identity, and their telephone: the one they gave themselves before that of the directory.</summary>
    private async Task<(Guid Person, PhoneNumber Phone)> HolderAsync(Guid person, CancellationToken cancellationToken)
    {
        var holder = await database.SingleAsync($"""
            select b.id, b.phone, b.key_id, {UserContacts.Columns} from approvals.people a
            join approvals.people b on b.resident_id_index = a.resident_id_index and b.verified_at is not null and b.id <> a.id join approvals.users u on u.id = b.user_id where a.id = $1
            """, r => new Holder(r.GetGuid(0), r.IsDBNull(1) ? null : r.GetFieldValue<byte[]>(1), r.GetInt32(2), UserContacts.Read(r, 3)), cancellationToken, person)
            ?? throw Refused("not_held", "No account holds this identity any more. Verify again, and it is bound to yours.", "该身份证号码已无账号认证，请重新办理实名认证。");
        var text = holder.Sealed is not { } kept ? (await contacts.OpenAsync([holder.Contacts], cancellationToken))[0].Phone : (await keys.RingAsync(holder.KeyId, cancellationToken)).Open(kept, PersonStore.Table.At("phone", holder.Person));
        return PhoneNumber.TryParse(text, out var phone, out _) ? (holder.Person, phone)
            : throw Refused("no_phone", "The account that holds this identity has no telephone. Appeal instead.", "原账号未登记手机号，不能短信换绑，请提出人工申诉。");
    }

    /// <summary>One statement: the claim and the face are as they were, the holder loses the identity, the applicant has it, and it stands in the record and the outbox.</summary>
    private async Task<bool> MoveAsync(Caller caller, Guid person, Guid claim, Guid holder, RebindRequest request, CancellationToken cancellationToken)
    {
        var move = Guid.CreateVersion7(store.Now);
        var orders = AccountMessages.Orders(move, tellsNew: true);
        try
        {
            return (await database.QueryAsync($"""
                with claim as (
                    select p.id, p.resident_id_index, v.id as verification from approvals.identity_verifications v join approvals.people p on {RealNameStore.Confirmed}
                    where v.id = $1 and p.id = $2 for update of p, v),
                face as (
                    update approvals.face_checks f set used_at = $6, used_for = 'rebinding ' || $1::text from claim, approvals.people p
                    where f.id = $4 and f.person_id = claim.id and p.id = claim.id and f.identity_version = p.identity_version and f.purpose = '{FacePurposes.Rebinding}'
                        and f.state = 'passed' and f.used_at is null and f.ended_at > $7 returning f.id),
                released as (
                    update approvals.people b set version = b.version + 1, identity_version = b.identity_version + 1, verified_at = null, changed_at = $8 from claim, face
                    where b.id = $3 and b.resident_id_index = claim.resident_id_index and b.verified_at is not null and b.id <> claim.id returning b.id),
                bound as (
                    update approvals.people a set version = a.version + 1, verified_at = $8, changed_at = $8 from claim, released where a.id = claim.id returning a.id),
                settled as (
                    update approvals.identity_verifications v set state = 'verified' from bound, claim where v.person_id = bound.id and v.state = 'bound_to_another'),
                moved as (
                    insert into approvals.identity_moves (id, at, way, to_person, from_person, verification_id, code_id, face_check_id, user_id, credential)
                    select $9, $8, 'rebinding', bound.id, released.id, $1, $5, face.id, $10, $11 from bound, released, face returning id)
                insert into engine.outbox (id, instance_id, kind, payload, created_at)
                select o.id, moved.id, '{AccountMessages.WorkKind}', o.payload, $8 from moved, unnest($12, $13) o(id, payload) returning 1
                """, r => r.GetInt32(0), cancellationToken, claim, person, holder, request.FaceCheckId, request.CodeId, store.Now, faces.OldestUsable, clock.Now, move, caller.User, caller.Credential,
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid, Value = orders.Select(o => o.Id).ToArray() },
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = orders.Select(o => o.Payload).ToArray() })).Count > 0;
        }
        catch (PostgresException e) when (RealNameStore.IsBoundElsewhere(e))
        {
            return false; // A third account was verified with it at this instant.
        }
    }

    /// <summary>The same request was carried out before.</summary>
    private async Task<bool> DoneAsync(Guid person, RebindRequest request, CancellationToken cancellationToken) => (await database.QueryAsync(
        "select 1 from approvals.identity_moves m where m.to_person = $1 and m.code_id = $2 and m.face_check_id = $3", r => r.GetInt32(0), cancellationToken, person, request.CodeId, request.FaceCheckId)).Count > 0;

    private static WorkflowException Refused(string reason, string en, string zh) => new(ErrorCodes.WrongState, en, zh) { Facts = new Dictionary<string, object?> { ["reason"] = reason } };

    private sealed record Holder(Guid Person, byte[]? Sealed, int KeyId, UserContacts Contacts);
}
