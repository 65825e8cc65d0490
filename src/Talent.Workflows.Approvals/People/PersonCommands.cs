using System.Text.Json;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People;

/// <summary>What people do with their own data: register, fill in the profile step by step, submit it (R-ACC-2, R-PER-1). Nobody does it for another.</summary>
public sealed partial class PersonCommands(PersonStore store, PersonReader reader, DirectoryReader directory, ContactBook contacts, DataKeys keys, VerificationCodes codes, BusinessClock clock)
{
    /// <summary>Most characters of a name.</summary>
    public const int LongestName = 50;

    private readonly ProfileKeeper profiles = store.Profiles(keys);

    /// <summary>Registers the acting user; or, for a service that acts for nobody and whose key isn't limited, somebody new, whose account is opened with it.</summary>
    /// <returns>The id of the person; the same when the request is repeated.</returns>
    /// <exception cref="WorkflowException"><c>invalid_form</c> with the errors; <c>conflict</c>: the user has registered before, or (<c>reason</c> <c>id_bound</c>) the
    /// identity number is bound to another account; <c>idempotency_key_reused</c>; <c>forbidden</c>.</exception>
    public async Task<Guid> RegisterAsync(Caller caller, NewPerson request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var opens = caller.User is null && request.UserId is not null;
        var user = opens ? NewAccount(caller, request.UserId!) : caller.RequireUser();
        if (request.UserId is { } given && given != user)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "A request that acts for somebody registers them. Leave userId out, or the header Talent-User.", "代用户办理的请求只能登记该用户本人，请勿填写 userId。");
        PersonReader.RequireApplicant(caller);
        if (!opens && (await directory.FindUserAsync(user, cancellationToken) is not { } known || !(known.OrganisationId is { } organisation ? caller.MayActFor(organisation) : caller.Organisations is null)))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act for '{user}' in their own matters: their organisation isn't one of the key's.", "此密钥无权代该用户本人办理。");
        var identity = Parse(new PersonChange(request.Name, request.ResidentId, request.Phone, request.Email), null);
        var ring = await keys.RingAsync(0, cancellationToken);
        await RequireUnboundAsync(identity, user, ring, cancellationToken);
        var id = RowIds.Of("person", idempotency, clock.Now);
        var reached = opens ? await contacts.WriteAsync(user, identity.Phone?.Value, identity.Email?.Value, cancellationToken) : null;
        if (await store.InsertAsync(id, user, reached, caller.Credential, identity, ring, cancellationToken))
            return id;
        var earlier = await store.FindOfAsync(user, cancellationToken);
        if (earlier is null && opens)
            throw new WorkflowException(ErrorCodes.Conflict, $"There is an account '{user}' already. Register it by acting for it (Talent-User), or choose another id.", "该用户编号已存在，请更换编号，或以该用户身份登记。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "account_exists" } };
        if (earlier?.Row.Id != id)
            throw earlier is null
                ? new WorkflowException(ErrorCodes.IdempotencyKeyReused, "This idempotency key was used to register another user. Use a new one.", "此幂等键已用于登记其他用户，请更换。")
                : new WorkflowException(ErrorCodes.Conflict, $"'{user}' has registered as person {earlier.Row.Id}. Change that one.", "您已登记个人信息，请直接修改。") { Facts = new Dictionary<string, object?> { ["personId"] = earlier.Row.Id } };
        ring = await keys.RingAsync(earlier.KeyId, cancellationToken);
        return earlier.Row.Version > 1 || Identity(earlier.Row, ring) == identity ? id
            : throw new WorkflowException(ErrorCodes.IdempotencyKeyReused, "This idempotency key was used to register other data. Use a new one.", "此幂等键已用于登记其他内容，请更换。");
    }

    /// <summary>Changes who somebody is. A verified name and number change by another verification alone, a telephone with the code that was sent to the new one (R-ACC-1).</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_form</c> (of a code with <c>fault</c> and <c>triesLeft</c>), <c>unavailable</c>, <c>wrong_state</c>: name and number are verified; <c>conflict</c> (<c>id_bound</c>), <c>precondition_failed</c>, <c>busy</c>.</exception>
    public async Task ChangeAsync(Caller caller, Guid id, PersonChange request, long? ifVersion, CancellationToken cancellationToken)
    {
        FoundPerson? current = null;
        var proven = false;
        await ProfileKeeper.OnCurrentAsync(NameOf(id), async () => (current = await FindOwnAsync(caller, id, cancellationToken)).Profile, ifVersion, async _ =>
        {
            var found = current!;
            var ring = await keys.RingAsync(found.KeyId, cancellationToken);
            var before = Identity(found.Row, ring);
            var after = Parse(request, before);
            if (found.Row.VerifiedAt is not null && (after.Name, after.ResidentId) != (before.Name, before.ResidentId))
                throw new WorkflowException(ErrorCodes.WrongState, $"Name and identity number are verified and can't be changed here. Verify the new ones with POST /api/v1/people/{id}/verification: until that succeeds, the verified ones stay.", "姓名和身份证号码已实名认证，不能直接修改；确需变更的，请以新的姓名、证件号码重新实名认证，认证成功前原信息不变。");
            if (after.ResidentId != before.ResidentId)
                await RequireUnboundAsync(after, found.Row.UserId, ring, cancellationToken);
            // Last, because a code passes once; and once, though others change the person meanwhile.
            if (!proven && after.Phone is { } phone && phone != before.Phone)
                await RequireCodeAsync(phone, request, cancellationToken);
            proven = true;
            return await store.UpdateAsync(id, found.Row.Version, after, ring, cancellationToken) is not null;
        });
    }

    /// <summary>Saves one step of the profile, complete or not: it replaces what was there. A number that is sent back masked stays as it is.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c> (person, step), <c>forbidden</c>, <c>invalid_form</c> with the errors, <c>precondition_failed</c>, <c>busy</c>.</exception>
    public Task SaveStepAsync(Caller caller, Guid id, string stepKey, JsonElement data, long? ifVersion, CancellationToken cancellationToken) =>
        profiles.SaveStepAsync(reader.Form, NameOf(id), async () => (await FindOwnAsync(caller, id, cancellationToken)).Profile, ProfileGate.None, stepKey, data, ifVersion, caller.Credential, cancellationToken);

    /// <summary>Hands the profile in, complete and correct, or says everything that is missing. Submitting it again changes nothing.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_form</c> with <c>gaps</c>, <c>precondition_failed</c>, <c>busy</c>.</exception>
    public async Task SubmitAsync(Caller caller, Guid id, long? ifVersion, CancellationToken cancellationToken)
    {
        FoundPerson? found = null;
        await profiles.SubmitAsync(NameOf(id), async () => (found = await FindOwnAsync(caller, id, cancellationToken)).Profile, ProfileGate.None,
            async _ => (await reader.OpenAsync(found!, cancellationToken)).Progress.Gaps, ifVersion, cancellationToken);
    }

    private async Task RequireCodeAsync(PhoneNumber phone, PersonChange request, CancellationToken cancellationToken)
    {
        if (request is not { CodeId: { } sent, Code: { } code })
        {
            ProfileKeeper.Check([new FormError(request.CodeId is null ? "codeId" : "code", FormErrorCodes.Required, "更换手机号须填写发送到新手机号的短信验证码", "Another telephone takes the code that was sent to it: POST /api/v1/verification/codes with the purpose phone-change")]);
            return;
        }
        await codes.CheckAsync(sent, phone, CodePurpose.PhoneChange, code, null, cancellationToken);
    }

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>: it isn't the caller's own.</exception>
    private async Task<FoundPerson> FindOwnAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var found = await store.FindAsync(caller, id, PersonReach.AnyOffice, cancellationToken) ?? throw PersonReader.NotFound(id);
        return found.Own ? found : throw new WorkflowException(ErrorCodes.Forbidden, $"Person {id} isn't '{user}': only they themselves may change it.", "只有本人可以修改个人信息。");
    }

    private static ProfileName NameOf(Guid id) => new("个人信息", $"Person {id}");

    /// <summary>Opening accounts is for a service that may act for everybody: a limited key would open one that it may then act for.</summary>
    private static string NewAccount(Caller caller, string id)
    {
        if (caller.Services is not null || caller.Organisations is not null || caller.Roles is not null)
            throw new WorkflowException(ErrorCodes.Forbidden, "Only a key without limits of services, organisations and roles opens accounts.", "只有不限范围的密钥可以开立账号。");
        return AccountId().IsMatch(id) ? id : throw new WorkflowException(ErrorCodes.InvalidForm, "userId has 3 to 60 lower-case letters, digits and hyphens, and begins with a letter.", "用户编号须为 3 至 60 位小写字母、数字或连字符，以字母开头。")
        { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new FormError("userId", FormErrorCodes.BadFormat, "用户编号须为 3 至 60 位小写字母、数字或连字符，以字母开头", "3 to 60 lower-case letters, digits and hyphens, the first a letter") } } };
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{2,59}\z", RegexOptions.NonBacktracking)]
    private static partial Regex AccountId();

    private DateOnly Today => ChinaTime.DateOf(clock.Now);

    private async Task RequireUnboundAsync(PersonIdentity identity, string user, KeyRing ring, CancellationToken cancellationToken)
    {
        if (identity.ResidentId is { } number && await store.IsBoundAsync(ring.Index(number), user, cancellationToken))
            throw new WorkflowException(ErrorCodes.Conflict, "This identity number is bound to another account. Rebind it there, or appeal.", "该身份证号码已被其他账号认证，请换绑或人工申诉。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "id_bound" } };
    }

    /// <summary>What was given over what was there; every fault at once.</summary>
    internal PersonIdentity Parse(PersonChange given, PersonIdentity? before)
    {
        var errors = new List<FormError>();
        var name = given.Name?.Trim() ?? before!.Name;
        if (name.EnumerateRunes().Count() is 0 or > LongestName || name.Any(char.IsControl) || NameGrams.Fold(name).Length == 0)
            errors.Add(new FormError("name", FormErrorCodes.BadText, $"姓名应为 1 至 {LongestName} 个字", $"A name has 1 to {LongestName} characters"));
        var (number, phone, email) = (before?.ResidentId, before?.Phone, before?.Email);
        if (given.ResidentId is { } id && !ResidentId.TryParse(id, Today, out number, out var fault))
            errors.Add(new FormError("residentId", fault.Code, fault.Zh, fault.En));
        if (given.Phone is { } digits && !PhoneNumber.TryParse(digits, out phone, out fault))
            errors.Add(new FormError("phone", fault.Code, fault.Zh, fault.En));
        if (given.Email is { } address && !EmailAddress.TryParse(address, out email, out fault))
            errors.Add(new FormError("email", fault.Code, fault.Zh, fault.En));
        ProfileKeeper.Check(errors);
        return new PersonIdentity(name, number, phone, email);
    }

    /// <summary>Who a person is, opened.</summary>
    internal PersonIdentity Identity(PersonRow row, KeyRing ring)
    {
        // The values were checked when they were sealed.
        _ = ResidentId.TryParse(row.OpenResidentId(ring), Today, out var number, out _);
        _ = PhoneNumber.TryParse(row.OpenPhone(ring), out var phone, out _);
        _ = EmailAddress.TryParse(row.OpenEmail(ring), out var email, out _);
        return new PersonIdentity(row.Name, number, phone, email);
    }
}
