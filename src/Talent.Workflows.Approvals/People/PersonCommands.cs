using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People;

/// <summary>What people do with their own data: register, fill in the profile step by step, submit it (R-ACC-2, R-PER-1). Nobody does it for another.</summary>
public sealed class PersonCommands(PersonStore store, PersonReader reader, DirectoryReader directory, DataKeys keys, BusinessClock clock)
{
    /// <summary>Most characters of a name.</summary>
    public const int LongestName = 50;

    private const int Attempts = 3;

    /// <summary>Registers the acting user.</summary>
    /// <returns>The id of the person; the same when the request is repeated.</returns>
    /// <exception cref="WorkflowException"><c>invalid_form</c> with the errors; <c>conflict</c>: the user has registered before, or (<c>reason</c> <c>id_bound</c>) the
    /// identity number is bound to another account; <c>idempotency_key_reused</c>; <c>forbidden</c>.</exception>
    public async Task<Guid> RegisterAsync(Caller caller, NewPerson request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        PersonReader.RequireApplicant(caller);
        if (await directory.FindUserAsync(user, cancellationToken) is not { } known || !caller.MayActFor(known.OrganisationId))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act for '{user}' in their own matters: their organisation isn't one of the key's.", "此密钥无权代该用户本人办理。");
        var identity = Parse(new PersonChange(request.Name, request.ResidentId, request.Phone, request.Email), null);
        var ring = await keys.RingAsync(0, cancellationToken);
        await RequireUnboundAsync(identity, user, ring, cancellationToken);
        var id = RowIds.Of("person", idempotency, clock.Now);
        if (await store.InsertAsync(id, user, caller.Credential, identity, ring, cancellationToken))
            return id;
        var earlier = await store.FindOfAsync(user, cancellationToken);
        if (earlier?.Row.Id != id)
            throw earlier is null
                ? new WorkflowException(ErrorCodes.IdempotencyKeyReused, "This idempotency key was used to register another user. Use a new one.", "此幂等键已用于登记其他用户，请更换。")
                : new WorkflowException(ErrorCodes.Conflict, $"'{user}' has registered as person {earlier.Row.Id}. Change that one.", "您已登记个人信息，请直接修改。") { Facts = new Dictionary<string, object?> { ["personId"] = earlier.Row.Id } };
        ring = await keys.RingAsync(earlier.KeyId, cancellationToken);
        return earlier.Row.Version > 1 || Identity(earlier.Row, ring) == identity ? id
            : throw new WorkflowException(ErrorCodes.IdempotencyKeyReused, "This idempotency key was used to register other data. Use a new one.", "此幂等键已用于登记其他内容，请更换。");
    }

    /// <summary>Changes who somebody is. A verified name and number stay as they are until they are unbound (换绑、人工申诉).</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_form</c>, <c>wrong_state</c>: name and number are verified; <c>conflict</c> (<c>id_bound</c>), <c>precondition_failed</c>, <c>busy</c>.</exception>
    public async Task ChangeAsync(Caller caller, Guid id, PersonChange request, long? ifVersion, CancellationToken cancellationToken) =>
        await OnCurrentAsync(caller, id, ifVersion, async found =>
        {
            var ring = await keys.RingAsync(found.KeyId, cancellationToken);
            var before = Identity(found.Row, ring);
            var after = Parse(request, before);
            if (found.Row.VerifiedAt is not null && (after.Name, after.ResidentId) != (before.Name, before.ResidentId))
                throw new WorkflowException(ErrorCodes.WrongState, "Name and identity number are verified and can't be changed here.", "姓名和身份证号码已实名认证，不能直接修改。");
            if (after.ResidentId != before.ResidentId)
                await RequireUnboundAsync(after, found.Row.UserId, ring, cancellationToken);
            return await store.UpdateAsync(id, found.Row.Version, after, ring, cancellationToken);
        }, cancellationToken);

    /// <summary>Saves one step of the profile, complete or not: it replaces what was there. A number that is sent back masked stays as it is.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c> (person, step), <c>forbidden</c>, <c>invalid_form</c> with the errors, <c>precondition_failed</c>, <c>busy</c>.</exception>
    public async Task SaveStepAsync(Caller caller, Guid id, string stepKey, JsonElement data, long? ifVersion, CancellationToken cancellationToken)
    {
        var form = reader.Form;
        var step = form.Step(stepKey) ?? throw new WorkflowException(ErrorCodes.NotFound, $"A profile has no such step. Use one of {string.Join(", ", form.Steps.Select(s => s.Key))}.", "没有此填写步骤。");
        Check(form.CheckDraft(step.Key, data, Today));
        await OnCurrentAsync(caller, id, ifVersion, async found =>
        {
            var (saved, _) = await reader.OpenAsync(found, cancellationToken);
            var (full, errors) = MaskedInput.Resolve(step, data, saved.TryGetValue(step.Key, out var kept) ? kept : null);
            Check(errors);
            var ring = await keys.RingAsync(found.KeyId, cancellationToken);
            return await store.SaveAsync(id, found.Row.Version, step.Key, SealedStep.Of(form, ring, id, step.Key, full), ring.Current, caller.Credential, cancellationToken);
        }, cancellationToken);
    }

    /// <summary>Hands the profile in, complete and correct, or says everything that is missing. Submitting it again changes nothing.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_form</c> with <c>gaps</c>, <c>precondition_failed</c>, <c>busy</c>.</exception>
    public async Task SubmitAsync(Caller caller, Guid id, long? ifVersion, CancellationToken cancellationToken) =>
        await OnCurrentAsync(caller, id, ifVersion, async found =>
        {
            if (found.Row.SubmittedAt is not null)
                return found.Row.Version;
            var (_, progress) = await reader.OpenAsync(found, cancellationToken);
            if (!progress.IsComplete)
                throw new WorkflowException(ErrorCodes.InvalidForm, $"The profile has {progress.Gaps.Count} gaps, the first in '{progress.Gaps[0].Step}': {progress.Gaps[0].En}.", $"个人信息有 {progress.Gaps.Count} 处未完善：{progress.Gaps[0].Zh}。")
                { Facts = new Dictionary<string, object?> { ["gaps"] = progress.Gaps } };
            return await store.SubmitAsync(id, found.Row.Version, cancellationToken);
        }, cancellationToken);

    /// <summary>Changes the caller's own person as it is, only if it still is so; with no version asked for, a few times.</summary>
    private async Task OnCurrentAsync(Caller caller, Guid id, long? ifVersion, Func<FoundPerson, Task<long?>> change, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var found = await store.FindAsync(caller, id, PersonReach.AnyOffice, cancellationToken) ?? throw PersonReader.NotFound(id);
            if (!found.Own)
                throw new WorkflowException(ErrorCodes.Forbidden, $"Person {id} isn't '{user}': only they themselves may change it.", "只有本人可以修改个人信息。");
            if (ifVersion is { } version && version != found.Row.Version)
                throw new WorkflowException(ErrorCodes.PreconditionFailed, $"Person {id} is at version {found.Row.Version}, not {version}. Read it again.", "个人信息已更新，请刷新后重试。");
            if (await change(found) is not null)
                return;
        }
        throw new WorkflowException(ErrorCodes.Busy, $"Person {id} is being changed by others at this moment. Send it again.", "个人信息正在被修改，请稍后重试。");
    }

    private DateOnly Today => ChinaTime.DateOf(clock.Now);

    private async Task RequireUnboundAsync(PersonIdentity identity, string user, KeyRing ring, CancellationToken cancellationToken)
    {
        if (identity.ResidentId is { } number && await store.IsBoundAsync(ring.Index(number), user, cancellationToken))
            throw new WorkflowException(ErrorCodes.Conflict, "This identity number is bound to another account. Rebind it there, or appeal.", "该身份证号码已被其他账号认证，请换绑或人工申诉。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "id_bound" } };
    }

    /// <summary>What was given over what was there; every fault at once.</summary>
    private PersonIdentity Parse(PersonChange given, PersonIdentity? before)
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
        Check(errors);
        return new PersonIdentity(name, number, phone, email);
    }

    private PersonIdentity Identity(PersonRow row, KeyRing ring)
    {
        // The values were checked when they were sealed.
        _ = ResidentId.TryParse(row.OpenResidentId(ring), Today, out var number, out _);
        _ = PhoneNumber.TryParse(row.OpenPhone(ring), out var phone, out _);
        _ = EmailAddress.TryParse(row.OpenEmail(ring), out var email, out _);
        return new PersonIdentity(row.Name, number, phone, email);
    }

    private static void Check(IReadOnlyList<FormError> errors)
    {
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidForm, $"There are {errors.Count} errors, the first at '{errors[0].Path}': {errors[0].En}.", $"有 {errors.Count} 处填写有误：{errors[0].Zh}。")
            { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }
}
