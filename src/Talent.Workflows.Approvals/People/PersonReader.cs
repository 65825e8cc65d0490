using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People;

/// <summary>Reads and finds people, always masked (R-AUD-2) and only those whom the caller may see.</summary>
public sealed class PersonReader(PersonStore store, DataKeys keys, ApprovalContent content, Cursors cursors, BusinessClock clock)
{
    /// <summary>Most characters of a fragment of a name.</summary>
    public const int LongestFragment = 50;

    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    private readonly ProfileKeeper profiles = store.Profiles(keys);

    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, or not for the caller; <c>forbidden</c>; <c>unavailable</c>: no profile is set up.</exception>
    public async Task<PersonView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        CaseReader.RequireActing(caller);
        return await ViewAsync(await store.FindAsync(caller, id, PersonReach.AnyOffice, cancellationToken) ?? throw NotFound(id), cancellationToken);
    }

    /// <summary>The acting user's own.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: they haven't registered.</exception>
    public async Task<PersonView> ReadOwnAsync(Caller caller, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        RequireApplicant(caller);
        var own = await store.FindOfAsync(user, cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound, $"'{user}' hasn't registered. Register with POST /api/v1/people.", "您尚未登记个人信息。");
        return await ReadAsync(caller, own.Row.Id, cancellationToken);
    }

    /// <summary>Finds people by a fragment of their name, or by a whole number or address.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: none or several criteria, or one that can't be; <c>forbidden</c>.</exception>
    public async Task<Page<PersonSummary>> SearchAsync(Caller caller, PersonSearch search, CancellationToken cancellationToken)
    {
        CaseReader.RequireActing(caller);
        var limit = search.Limit is null ? DefaultLimit : search.Limit is >= 1 and <= MaxLimit ? search.Limit.Value
            : throw Invalid("limit", $"须为 1 至 {MaxLimit}", $"1 to {MaxLimit}");
        var ring = await keys.RingAsync(0, cancellationToken);
        var (fits, values, list) = Criterion(search, ring);
        Guid? before = cursors.Read(list, search.Cursor) is { } position ? Guid.Parse(position) : null;
        var rows = await store.SearchAsync(caller, fits, values, before, limit, cancellationToken);
        if (rows.Count > 0)
            ring = await keys.RingAsync(rows.Max(r => r.KeyId), cancellationToken);
        return new Page<PersonSummary>(rows.ConvertAll(r => Summary(r, ring)), cursors.Write(list, rows.Count == limit ? rows[^1].Id.ToString() : null));
    }

    /// <summary>The person of an account; null: not registered. For other parts; it asks for no right.</summary>
    internal async Task<Guid?> FindOfAsync(string user, CancellationToken cancellationToken) => (await store.FindOfAsync(user, cancellationToken))?.Row.Id;

    /// <summary>The people of accounts as lists show them, masked, by account. For other parts; it asks for no right.</summary>
    internal async Task<IReadOnlyDictionary<string, PersonSummary>> SummariesAsync(string[] users, CancellationToken cancellationToken)
    {
        var rows = await store.FindAllOfAsync(users, cancellationToken);
        if (rows.Count == 0)
            return new Dictionary<string, PersonSummary>();
        var ring = await keys.RingAsync(rows.Values.Max(r => r.KeyId), cancellationToken);
        return rows.ToDictionary(r => r.Key, r => Summary(r.Value, ring), StringComparer.Ordinal);
    }

    /// <summary>What keeps a user from filing, by name: empty when their profile is complete and submitted (R-PER-1). For other parts; it asks for no right.</summary>
    public async Task<IReadOnlyList<ProfileGap>> GapsAsync(string user, CancellationToken cancellationToken)
    {
        if (await store.FindOfAsync(user, cancellationToken) is not { } found)
            return [new ProfileGap("", "", ProfileGapCodes.NotRegistered, "请先登记并完善个人信息", "Register and complete the profile first")];
        var (_, progress) = await OpenAsync(found, cancellationToken);
        return !progress.IsComplete || found.Row.SubmittedAt is not null ? progress.Gaps
            : [new ProfileGap("", "", ProfileGapCodes.NotSubmitted, "请预览并提交个人信息", "Preview the profile and submit it")];
    }

    /// <summary>The caller's own person, for what nobody does for another.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>.</exception>
    internal async Task<FoundPerson> FindOwnAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        RequireApplicant(caller);
        var found = await store.FindAsync(caller, id, PersonReach.AnyOffice, cancellationToken) ?? throw NotFound(id);
        return found.Own ? found : throw new WorkflowException(ErrorCodes.Forbidden, $"Person {id} isn't '{user}': only they themselves may do this.", "只能由本人办理。");
    }

    /// <summary>The saved steps in full, by step, and how far the profile is.</summary>
    internal async Task<(IReadOnlyDictionary<string, JsonElement> Steps, ProfileProgress Progress)> OpenAsync(FoundPerson found, CancellationToken cancellationToken)
    {
        var steps = await profiles.OpenAsync(Form, found.Profile, cancellationToken);
        return (steps, ProfileProgress.Of(Form, found.Row.ResidentId is not null, found.Row.Phone is not null, steps, ChinaTime.DateOf(clock.Now)));
    }

    internal ProfileForm Form => content.Profile ?? throw new WorkflowException(ErrorCodes.Unavailable,
        $"No profile is set up: the content has no file shared/people/{ProfileForm.FileName}.", "尚未配置个人信息表单。");

    internal static WorkflowException NotFound(Guid id) => new(ErrorCodes.NotFound, $"There is no person {id}, or none whom this request may see. Check the id.", "没有此人，或无权查看。");

    /// <exception cref="WorkflowException"><c>forbidden</c>: the key may not act for people in their own matters.</exception>
    internal static void RequireApplicant(Caller caller)
    {
        if (!caller.MayActAs("applicant"))
            throw new WorkflowException(ErrorCodes.Forbidden, "This key may not act in the role 'applicant'.", "此密钥不能以“applicant”的角色办理。");
    }

    private async Task<PersonView> ViewAsync(FoundPerson found, CancellationToken cancellationToken)
    {
        var (saved, progress) = await OpenAsync(found, cancellationToken);
        var row = found.Row;
        var summary = Summary(row, await keys.RingAsync(found.KeyId, cancellationToken));
        var at = $"/api/v1/people/{row.Id}";
        return new PersonView
        {
            Id = row.Id,
            UserId = row.UserId,
            Version = row.Version,
            Name = row.Name,
            ResidentId = summary.ResidentId,
            Phone = summary.Phone,
            Email = summary.Email,
            VerifiedAt = row.VerifiedAt,
            Steps = [.. Form.Steps.Zip(progress.Steps, (step, state) => new ProfileStepView(step.Key, step.Zh, step.En, state.State,
                saved.TryGetValue(step.Key, out var data) ? MaskedData.Of(Form.Form, data) : null, found.Steps.FirstOrDefault(s => s.Step == step.Key)?.SavedAt))],
            Progress = new ProgressView(progress.Done, progress.Steps.Count, progress.IsComplete),
            Gaps = progress.Gaps,
            SubmittedAt = row.SubmittedAt,
            CreatedAt = row.CreatedAt,
            ChangedAt = row.ChangedAt,
            NextActions = !found.Own ? [] :
            [
                .. Form.Steps.Select(s => new NextAction("save", $"填写{s.Zh}", "PUT", $"{at}/steps/{s.Key}", Name: s.Key)),
                .. progress.IsComplete && row.SubmittedAt is null ? (NextAction[])[new("submit", "提交", "POST", $"{at}/submit")] : [],
                .. row.VerifiedAt is null ? (NextAction[])[new("verify", "实名认证", "POST", $"{at}/verification")] : [],
            ],
        };
    }

    private static PersonSummary Summary(PersonRow row, KeyRing ring) => new(row.Id, row.UserId, Masking.Name(row.Name, MaskingProfile.Officer),
        Mask(row.OpenResidentId(ring), Masking.ResidentId), Mask(row.OpenPhone(ring), Masking.Phone), Mask(row.OpenEmail(ring), Masking.Email), row.VerifiedAt is not null, row.SubmittedAt);

    private static string? Mask(string? value, Func<string?, MaskingProfile, string> mask) => value is null ? null : mask(value, MaskingProfile.Officer);

    /// <summary>The condition, its parameters from $6 on, and a name for the list that tells nobody what was looked for.</summary>
    private (string Fits, object?[] Values, string List) Criterion(PersonSearch search, KeyRing ring)
    {
        if (new[] { search.Name, search.ResidentId, search.Phone, search.Email }.Count(c => c is not null) != 1)
            throw Invalid("$", "须且只能给出 name、residentId、phone、email 之一", "give exactly one of name, residentId, phone, email");
        if (search.Name is { } name)
        {
            var folded = NameGrams.Fold(name);
            var length = folded.EnumerateRunes().Count();
            if (length is 0 or > LongestFragment)
                throw Invalid("name", $"须为 1 至 {LongestFragment} 个字", $"1 to {LongestFragment} characters");
            return length <= 2
                ? ("p.name_grams @> $6", [NameGrams.ToFind(folded)], $"people|name|{folded}")
                : ("p.name_grams @> $6 and strpos(p.name_folded, $7) > 0", [NameGrams.ToFind(folded), folded], $"people|name|{folded}");
        }
        if (search.ResidentId is { } number)
            return ResidentId.TryParse(number, ChinaTime.DateOf(clock.Now), out var id, out var fault) ? By("resident_id_index", ring.Index(id)) : throw Invalid("residentId", fault.Zh, fault.En);
        if (search.Phone is { } text)
            return PhoneNumber.TryParse(text, out var phone, out var fault) ? By("phone_index", ring.Index(phone)) : throw Invalid("phone", fault.Zh, fault.En);
        return EmailAddress.TryParse(search.Email, out var email, out var wrong) ? By("email_index", ring.Index(email)) : throw Invalid("email", wrong.Zh, wrong.En);

        static (string, object?[], string) By(string column, byte[] index) => ($"p.{column} = $6", [index], $"people|{column}|{Convert.ToHexString(index)}");
    }

    private static WorkflowException Invalid(string path, string zh, string en) => new(ErrorCodes.InvalidRequest, $"The search can't be made: {en}.", $"查询条件有误：{zh}。")
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError(path, "invalid_value", zh, en) } } };
}
