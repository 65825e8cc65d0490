using System.Text.RegularExpressions;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Employers.Profiles;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Employers.Handlers;

/// <summary>维护业务经办人信息: who handles an employer's matters, and on which phone they are reached (R-EMP-3).</summary>
public sealed partial class HandlerCommands(NpgsqlDataSource database, ContactBook contacts, RequestReceipts receipts, CommandRecords records, VerificationCodes codes, BusinessClock clock)
{
    /// <summary>
    /// Puts somebody in the place of a handler. In one transaction the one before loses the role and the other gets it, what was unread goes
    /// over, and the messages that hand their tasks over and tell both are left. Every gate asks for the role, so that the one before can do
    /// nothing from that instant on, and the other can go on with everything the employer has filed.
    /// </summary>
    /// <param name="idempotency">The same request again is answered alike.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>: neither a handler of the employer nor an officer of its unit or the bureau; <c>invalid_request</c>, <c>invalid_form</c>: the new
    /// account's data; <c>unknown_user</c>; <c>conflict</c> with the fact <c>reason</c>: <c>replaced</c> (the one before isn't a handler any more), <c>has_handler</c>, <c>handles</c> (the new one is one already),
    /// <c>elsewhere</c> (their account is another organisation's), <c>left</c> (they have handed over their work), <c>taken</c> (the account's id); <c>idempotency_key_reused</c>.</exception>
    public async Task<HandlerReplaced> ReplaceAsync(Caller caller, string employer, ReplaceHandler request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        caller.RequireUser();
        CaseReader.RequireActing(caller);
        if (request.UserId is null == request.Account is null)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Name the new handler: either 'userId' or 'account'.", "请指定新的业务经办人：已有账号（userId）或新账号（account），二者填一。");
        var account = request.Account is { } given ? Parse(given) : null;
        var reason = Texts.Optional(request.Reason, "reason");
        if (await receipts.FindAsync<HandlerReplaced>(idempotency, cancellationToken) is { } before)
            return before;
        var reached = account is null ? null : await contacts.WriteAsync(account.Id, account.Phone.Value, account.Email?.Value, cancellationToken);
        var replaced = await receipts.OnceAsync(idempotency, connection =>
            new HandlerReplacement(connection, records, caller, employer, reached, clock.Now).CarryOutAsync(request.Replaces, request.UserId, account, reason, cancellationToken), cancellationToken);
        records.Committed();
        return replaced;
    }

    /// <summary>更换注册手机号: a handler's own, with the code that was sent to the new number.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>: it is another's, or they aren't a handler there; <c>invalid_form</c>: the number, or the code with <c>fault</c> and <c>triesLeft</c>; <c>unavailable</c>.</exception>
    public async Task<HandlerView> ChangePhoneAsync(Caller caller, string employer, string user, ChangePhone request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        if (caller.RequireUser() != user)
            throw new WorkflowException(ErrorCodes.Forbidden, "A handler changes their own registered phone, and nobody else's. When a handler has left, name another in their place.", "注册手机号只能由本人更换；经办人已离职的，请更换经办人。");
        if (!PhoneNumber.TryParse(request.Phone, out var phone, out var fault))
            throw new WorkflowException(ErrorCodes.InvalidForm, fault.En, fault.Zh) { Facts = new Dictionary<string, object?> { ["fault"] = fault.Code } };
        // Who may not do it isn't to use up a code.
        if ((await database.QueryAsync($"select {HandlerRights.Handles("$1", "$2", "$3", "$4")}", r => r.GetBoolean(0), cancellationToken, user, employer, caller.Organisations.OrNull(), caller.Roles.OrNull())) is not [true])
            throw NoHandler(user, employer);
        await codes.CheckAsync(request.CodeId, phone, CodePurpose.PhoneChange, request.Code, idempotency, cancellationToken);
        // Both are written, because they are sealed under one key: the address as it is at this instant.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (await database.SingleAsync($"select u.name, {UserContacts.Columns} from approvals.users u where u.id = $1", r => new { Name = r.GetString(0), Contacts = UserContacts.Read(r, 1) }, cancellationToken, user) is not { } before)
                throw NoHandler(user, employer);
            var email = (await contacts.OpenAsync([before.Contacts], cancellationToken))[0].Email;
            var reached = await contacts.WriteAsync(user, phone.Value, email, cancellationToken);
            var changed = await database.QueryAsync($"""
                with changed as (
                    update approvals.users u set phone = $7, email = $8, phone_sealed = $9, email_sealed = $10, key_id = $11
                    where u.id = $1 and {HandlerRights.Handles("$1", "$2", "$3", "$4")} and u.email is not distinct from $12 and u.email_sealed is not distinct from $13 returning u.id),
                noted as (
                    insert into approvals.directory_changes (at, credential, user_id, subject, subject_id, change, fields) select $5, $6, $1, 'user', c.id, 'changed', array['phone'] from changed c)
                select id from changed
                """, r => r.GetString(0), cancellationToken, [user, employer, caller.Organisations.OrNull(), caller.Roles.OrNull(), clock.Now, caller.Credential, .. reached.Values,
                    before.Contacts.ClearEmail, before.Contacts.Email ?? (object)new Sql.Null(NpgsqlTypes.NpgsqlDbType.Bytea)]);
            if (changed.Count == 1)
                return EmployerReader.View(new HandlerRow(user, before.Name, phone.Value, email));
        }
        throw NoHandler(user, employer);
    }

    private static WorkflowException NoHandler(string user, string employer) =>
        new(ErrorCodes.Forbidden, $"'{user}' isn't a handler of '{employer}', or this key may not act for them there.", "您不是该单位现任业务经办人。");

    /// <summary>Every fault at once.</summary>
    private static HandlerAccount Parse(NewHandler given)
    {
        var errors = new List<FormError>();
        if (!AccountId().IsMatch(given.Id ?? ""))
            errors.Add(new FormError("account.id", FormErrorCodes.BadFormat, "账号应由小写字母、数字和连字符组成，不超过60位", "An account's id is lower-case letters, digits and hyphens, at most 60"));
        var name = given.Name?.Trim() ?? "";
        if (name.EnumerateRunes().Count() is 0 or > PersonCommands.LongestName || name.Any(char.IsControl))
            errors.Add(new FormError("account.name", FormErrorCodes.BadText, $"姓名应为 1 至 {PersonCommands.LongestName} 个字", $"A name has 1 to {PersonCommands.LongestName} characters"));
        if (!PhoneNumber.TryParse(given.Phone, out var phone, out var fault))
            errors.Add(new FormError("account.phone", fault.Code, fault.Zh, fault.En));
        EmailAddress? email = null;
        if (given.Email is { } address && !EmailAddress.TryParse(address, out email, out fault))
            errors.Add(new FormError("account.email", fault.Code, fault.Zh, fault.En));
        ProfileKeeper.Check(errors);
        return new HandlerAccount(given.Id!, name, phone!, email);
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,59}\z")]
    private static partial Regex AccountId();
}

/// <summary>An account to make.</summary>
internal sealed record HandlerAccount(string Id, string Name, PhoneNumber Phone, EmailAddress? Email);
