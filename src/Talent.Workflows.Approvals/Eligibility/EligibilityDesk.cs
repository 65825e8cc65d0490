using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>
/// 一键测试, 问答测试 and 一键申报: a session of the acting user for one service, kept by the server, in which what is known of them grows
/// until they file. Whatever it says, nobody is kept from filing by it.
/// </summary>
/// <remarks>Source: R-ELG-1, R-ELG-2, R-ELG-4; docs/adr/0035.</remarks>
public sealed partial class EligibilityDesk(
    NpgsqlDataSource database, SessionStore store, ServiceCatalogue services, DirectoryReader directory, PersonReader people, PersonCommands identities, FaceChecks faces, DataKeys keys,
    IEnumerable<ISharedRecords> records, IEnumerable<IDocumentRecognition> recognition, MaterialCarrier carrier, MaterialStore files,
    CaseBeginning cases, CaseEligibility kept, WorkflowRuntime runtime, BusinessClock clock, IOptions<EligibilityOptions> options)
{
    /// <summary>Most facts of one request.</summary>
    public const int MostFacts = 50;

    private const int Attempts = 3;

    private readonly ISharedRecords? office = records.FirstOrDefault();
    private readonly IDocumentRecognition? reader = recognition.FirstOrDefault();
    private readonly CodeLimit read = PersonLimits.PerDay("eligibility-recognition", options.Value.RecognitionsPerDay);
    private readonly CodeLimit begun = PersonLimits.PerDay("eligibility-session", options.Value.SessionsPerDay);
    private readonly CodeLimit lookedUp = PersonLimits.PerDay("eligibility-look-up", options.Value.LookUpsPerDay);

    private DateOnly Today => ChinaTime.DateOf(clock.Now);

    /// <summary>全部申报条件, the notice, and what the applicant may tell.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: no such service, or one without conditions.</exception>
    public async Task<EligibilityServiceView> ServiceAsync(string service, CancellationToken cancellationToken)
    {
        var (package, rules) = await RulesAsync(service, cancellationToken);
        return SessionViews.Of(package, rules);
    }

    /// <summary>Begins a session.</summary>
    /// <returns>Its id; the same when the request is repeated.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c> (service), <c>forbidden</c>, <c>unknown_user</c>, <c>rate_limited</c>, <c>idempotency_key_reused</c>.</exception>
    public async Task<Guid> BeginAsync(Caller caller, NewEligibilitySession request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = await ApplicantAsync(caller, request.Service, cancellationToken);
        await RulesAsync(request.Service, cancellationToken);
        var id = RowIds.Of("eligibility-session", idempotency, store.Now);
        if (await store.FindAsync(id, cancellationToken) is { } known)
            return known.User == user && known.Service == request.Service && known.RequestHash.AsSpan().SequenceEqual(idempotency?.RequestHash) ? id
                : throw new WorkflowException(ErrorCodes.IdempotencyKeyReused, "This idempotency key was used for another session. Use a new one.", "此幂等键已用于其他测试，请更换。");
        await PersonLimits.TakeAsync(database, begun, PersonLimits.Key(begun, Encoding.UTF8.GetBytes(user)), store.Counted, cancellationToken);
        await store.InsertAsync(id, user, request.Service, store.Now.AddHours(options.Value.SessionHours), idempotency?.RequestHash, caller.Credential, cancellationToken);
        return id;
    }

    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, it is over, or it is somebody else's; <c>forbidden</c>.</exception>
    public async Task<EligibilitySessionView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var (row, package) = await LoadAsync(caller, id, cancellationToken);
        return View(row, package);
    }

    /// <summary>办理须知 is confirmed.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>conflict</c>: another text; <c>precondition_failed</c>, <c>busy</c>.</exception>
    public Task<EligibilitySessionView> ConfirmNoticeAsync(Caller caller, Guid id, string? textSha256, long? ifVersion, CancellationToken cancellationToken) => ChangeAsync(caller, id, ifVersion, (row, rules) =>
    {
        var digest = SessionViews.NoticeDigest(rules);
        if (textSha256 is not null && textSha256 != digest)
            throw new WorkflowException(ErrorCodes.Conflict, "The notice has changed since it was shown. Read it again and confirm that one.", "办理须知已更新，请重新阅读并确认。");
        return row.Data with { Notice = digest };
    }, cancellationToken);

    /// <summary>A face that has passed opens the look-up, for a while.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>; <c>wrong_state</c>: the notice isn't confirmed, or with the <c>reason</c> <c>face_required</c> and the <c>alternative</c>; <c>precondition_failed</c>, <c>busy</c>.</exception>
    public async Task<EligibilitySessionView> UseFaceAsync(Caller caller, Guid id, Guid faceCheck, long? ifVersion, CancellationToken cancellationToken)
    {
        var (row, package) = await LoadAsync(caller, id, cancellationToken);
        RequireNotice(row, package.Eligibility!);
        if (row.Data.FaceCheck == faceCheck)
            return View(row, package);
        // Before the face is used up.
        RequireVersion(row, ifVersion);
        var person = await OwnPersonAsync(caller, row.User, cancellationToken);
        await faces.UseAsync(person.Row.Id, faceCheck, FacePurposes.LookUp, $"eligibility {id}", cancellationToken);
        return await ChangeAsync(caller, id, ifVersion, (now, _) => now.Data with { FaceCheck = faceCheck, FaceAt = store.Now, IdentityVersion = person.Row.IdentityVersion }, cancellationToken);
    }

    /// <summary>Looks up degrees, titles and insurance. An office that is out of reach is told in the answer, with what to do instead; nothing of the session is lost.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c> with the errors; <c>wrong_state</c>: notice or face come first; <c>rate_limited</c>, <c>precondition_failed</c>, <c>busy</c>.</exception>
    public async Task<EligibilitySessionView> LookUpAsync(Caller caller, Guid id, CertificateNumbers numbers, long? ifVersion, CancellationToken cancellationToken)
    {
        var (row, package) = await LoadAsync(caller, id, cancellationToken);
        Require(numbers.Errors());
        RequireNotice(row, package.Eligibility!);
        var person = await OwnPersonAsync(caller, row.User, cancellationToken);
        if (!HasFace(row) || row.Data.IdentityVersion != person.Row.IdentityVersion)
            throw new WorkflowException(ErrorCodes.WrongState, "Shared data is looked up only after the face was verified, of the name and number as they are. Do that first, or answer the questionnaire.", "查询政务共享数据前须先通过人脸识别，也可改用问答测试。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "face_required", ["alternative"] = SessionViews.Alternative } };
        var identity = identities.Identity(person.Row, await keys.RingAsync(person.KeyId, cancellationToken));
        if (identity.ResidentId is not { } number)
            throw new WorkflowException(ErrorCodes.WrongState, "The person has no identity number any more. Give it, and have the face verified again.", "请先填写身份证号码并重新进行人脸识别。");
        var limit = PersonLimits.Key(lookedUp, Encoding.UTF8.GetBytes(row.User));
        await PersonLimits.TakeAsync(database, lookedUp, limit, store.Counted, cancellationToken);
        var question = new RecordQuestion(identity.Name, number) { Degrees = !numbers.Skip, Insurance = true, DiplomaNumber = numbers.DiplomaNumber, DegreeNumber = numbers.DegreeNumber };
        var found = office is not null && await office.FindAsync(QuestionId(id, numbers), question, cancellationToken) is OutsideAnswer<SharedRecords>.Answered(var told) ? told : null;
        return await ChangeAsync(caller, id, ifVersion, (now, current) =>
        {
            var facts = now.Data.Facts.Where(f => f.Value.Source == FactSources.Code(FactSource.Applicant)).ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
            if (found is null)
                return now.Data with { Certificates = numbers, Outage = true };
            // That nothing was found takes nobody's word away.
            foreach (var (key, fact) in RecordFacts.Of(current.File, found, numbers.Skip, numbers.Abroad))
                if (!RecordFacts.IsAbsent(fact) || !facts.ContainsKey(key))
                    facts[key] = KeptFact.Of(fact);
            foreach (var fact in current.File.Facts.Where(f => f.Record == "identity.birthDate" && f.From.Contains(FactSource.Identity)))
                facts[fact.Key] = KeptFact.Of(new KnownFact(new FactValue.Date(FormFacts.BirthDateOf(number)), person.Row.VerifiedAt is null ? FactSource.Applicant : FactSource.Identity));
            return now.Data with { Certificates = numbers, Outage = false, Found = new LookUpFound(found.Degrees.Count > 0, found.Titles.Count > 0), Records = found with { Insurance = [], Degrees = numbers.Skip ? [] : found.Degrees }, RecordsOf = person.Row.IdentityVersion, Facts = facts };
        }, cancellationToken);
    }

    /// <summary>The applicant says what isn't known, or wasn't found; what was found stays.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c> with the errors, <c>precondition_failed</c>, <c>busy</c>.</exception>
    public Task<EligibilitySessionView> SayAsync(Caller caller, Guid id, SayFacts said, long? ifVersion, CancellationToken cancellationToken) => ChangeAsync(caller, id, ifVersion, (row, rules) =>
    {
        var facts = new Dictionary<string, KeptFact>(row.Data.Facts, StringComparer.Ordinal);
        var errors = new List<ProblemError>();
        var told = rules.File.Facts.Where(f => f.From.Contains(FactSource.Applicant)).Select(f => f.Key);
        if (said.Facts.Count > MostFacts)
            errors.Add(new ProblemError("$.facts", "too_many", $"最多 {MostFacts} 项", $"at most {MostFacts}"));
        foreach (var (key, json) in said.Facts.Take(MostFacts))
            if (rules.Fact(key) is not { } fact || !fact.From.Contains(FactSource.Applicant))
                errors.Add(new ProblemError("$.facts", "unknown_field", $"含有不能由申报人填写的项，可以填写的有：{string.Join("、", told)}", $"one of them can't be told by the applicant; these can: {string.Join(", ", told)}"));
            else if (facts.TryGetValue(key, out var there) && there.Known(rules.File, fact) is { Source: not FactSource.Applicant } found && !RecordFacts.IsAbsent(found))
                errors.Add(new ProblemError($"$.facts.{key}", "known", $"“{fact.Zh}”已从政务共享数据取得", $"{fact.En} was looked up"));
            else if (json.ValueKind == JsonValueKind.Null)
                facts.Remove(key);
            else if (SaidFacts.Read(rules.File, fact, json) is { } value)
                facts[key] = KeptFact.Of(new KnownFact(value, FactSource.Applicant));
            else
                errors.Add(new ProblemError($"$.facts.{key}", "invalid_value", $"“{fact.Zh}”格式不正确", $"{fact.En} has the wrong format"));
        Require(errors);
        return row.Data with { Facts = facts };
    }, cancellationToken);

    /// <summary>Answers a question: the open one, or an earlier one again, which takes back all after it.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: session, questionnaire or question; <c>forbidden</c>, <c>invalid_request</c> (option), <c>wrong_state</c>: it isn't its turn; <c>precondition_failed</c>, <c>busy</c>.</exception>
    public Task<EligibilitySessionView> AnswerAsync(Caller caller, Guid id, string question, string option, long? ifVersion, CancellationToken cancellationToken) => ChangeAsync(caller, id, ifVersion, (row, rules) =>
    {
        var (tree, place, at) = Place(row, rules, question);
        if (tree.Question(question)!.Options.All(o => o.Id != option))
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The question has no such option. Read the session, and choose one of its options.", "没有该选项，请重新选择。")
            { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError("$.option", "not_in_table", "选项无效", "not an option") } } };
        return row.Data with { Answers = [.. place.Given.Take(at).Select(g => new GivenAnswer(g.Question.Id, g.Option.Id)), new GivenAnswer(question, option)] };
    }, cancellationToken);

    /// <summary>上一步: takes back an answer and all after it.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>wrong_state</c>: it isn't answered; <c>precondition_failed</c>, <c>busy</c>.</exception>
    public Task<EligibilitySessionView> BackAsync(Caller caller, Guid id, string question, long? ifVersion, CancellationToken cancellationToken) => ChangeAsync(caller, id, ifVersion, (row, rules) =>
    {
        var (_, place, at) = Place(row, rules, question);
        return row.Data with { Answers = [.. place.Given.Take(at).Select(g => new GivenAnswer(g.Question.Id, g.Option.Id))] };
    }, cancellationToken);

    /// <summary>重置: takes back all answers.</summary>
    public Task<EligibilitySessionView> ResetAsync(Caller caller, Guid id, long? ifVersion, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, ifVersion, (row, _) => row.Data with { Answers = [] }, cancellationToken);

    /// <summary>一键申报: opens a draft by the one condition that matches, or by the one that is chosen, with what is known filled in (R-ELG-4).</summary>
    /// <returns>The id of the case; the same when the request is repeated.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>: session or condition; <c>forbidden</c>; <c>wrong_state</c> with the <c>reason</c> <c>choose</c> and the conditions: none or several match; and what opening a case may refuse.</exception>
    public async Task<Guid> FileAsync(Caller caller, Guid id, string? condition, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var (row, package) = await LoadAsync(caller, id, cancellationToken);
        // The same request opens one case, whatever has become of the session meanwhile.
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is { } earlier)
            return earlier.InstanceId;
        var rules = package.Eligibility!;
        var view = View(row, package);
        if (condition is not null && rules.Condition(condition) is null)
            throw new WorkflowException(ErrorCodes.NotFound, $"The service has no such condition. Use one of {string.Join(", ", rules.File.Conditions.Select(c => c.Id))}.", $"没有该申报条件，可用的条件编号：{string.Join("、", rules.File.Conditions.Select(c => c.Id))}。");
        var chosen = condition ?? (view.Matching is [var one] ? one.Id : throw new WorkflowException(ErrorCodes.WrongState,
            view.Matching.Count == 0 ? "No condition matches. Choose one yourself with 'condition'." : $"{view.Matching.Count} conditions match. Choose one with 'condition'.",
            view.Matching.Count == 0 ? "暂无匹配的申报条件，请自主选择条件申报。" : $"有 {view.Matching.Count} 项条件符合，请选择一项申报。")
        { Facts = new Dictionary<string, object?> { ["reason"] = "choose", ["matching"] = view.Matching, ["categories"] = SessionViews.Categories(rules) } });
        var ofNow = row.Data.Records is null || await people.FindOfAsync(row.User, cancellationToken) is { } person && (await people.FindOwnAsync(caller, person, cancellationToken)).Row.IdentityVersion == row.Data.RecordsOf;
        var filled = SessionDraft.Of(package, rules, row.Data, chosen, ofNow, Today);
        var tested = new TestedDraft(await kept.BegunAsync(view.Answer, row.Data.Known(rules), chosen, view.Questionnaire?.Answers ?? [], cancellationToken), filled.Filled);
        return (await cases.BeginAsync(caller, new NewCase { Service = row.Service, Data = filled.Data }, new CaseOrigin { Tested = tested }, idempotency, cancellationToken)).Answer.InstanceId;
    }

    private EligibilitySessionView View(SessionRow row, ServicePackage package) => SessionViews.Of(row, package, HasFace(row), Today);

    private bool HasFace(SessionRow row) => row.Data.FaceAt is { } at && at.AddMinutes(options.Value.FaceMinutes) > store.Now;

    /// <summary>The answers as they stand, and which of them the question is; the number of answers where it is the open one.</summary>
    private static (Questionnaire Tree, QuestionnairePlace Place, int At) Place(SessionRow row, EligibilityRules rules, string question)
    {
        var tree = rules.Questionnaire ?? throw new WorkflowException(ErrorCodes.NotFound, $"'{row.Service}' has no questionnaire.", "此事项没有问答测试。");
        if (tree.Question(question) is null)
            throw new WorkflowException(ErrorCodes.NotFound, "The questionnaire has no such question. Read the session for the one that is open.", "没有该问题，请重新读取测试，回答当前的问题。");
        var place = tree.Follow(row.Data.Answers);
        var at = place.Given.Select((g, i) => (g.Question.Id, Index: i)).Where(g => g.Id == question).Select(g => g.Index).DefaultIfEmpty(place.Open?.Id == question ? place.Given.Count : -1).First();
        return at >= 0 ? (tree, place, at) : throw new WorkflowException(ErrorCodes.WrongState, "It isn't this question's turn. Read the session for the one that is open.", "尚未轮到该问题，请按顺序作答。");
    }

    /// <summary>Changes the session as it is, and writes it only if it still is so; with no version asked for, a few times.</summary>
    private async Task<EligibilitySessionView> ChangeAsync(Caller caller, Guid id, long? ifVersion, Func<SessionRow, EligibilityRules, SessionData> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var (row, package) = await LoadAsync(caller, id, cancellationToken);
            RequireVersion(row, ifVersion);
            var data = change(row, package.Eligibility!);
            if (await store.UpdateAsync(row, data, cancellationToken))
                return View(row with { Data = data, Version = row.Version + 1 }, package);
        }
        throw new WorkflowException(ErrorCodes.Busy, "The session is being changed by other requests at this moment. Send it again.", "测试正在被修改，请稍后重试。");
    }

    private async Task<(SessionRow Row, ServicePackage Package)> LoadAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        if (await store.FindAsync(id, cancellationToken) is not { } row || row.User != user)
            throw new WorkflowException(ErrorCodes.NotFound, $"There is no session {id} of '{user}', or it is over. Begin a new one.", "没有此次测试，或已过期，请重新开始。");
        await ApplicantAsync(caller, row.Service, cancellationToken);
        return (row, (await RulesAsync(row.Service, cancellationToken)).Package);
    }

    /// <summary>The acting user, in their own matter and by a key that may act for them.</summary>
    private async Task<string> ApplicantAsync(Caller caller, string service, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        caller.RequireService(service);
        PersonReader.RequireApplicant(caller);
        var found = await directory.FindUserAsync(user, cancellationToken) ?? throw new WorkflowException(ErrorCodes.UnknownUser, $"There is no active user '{user}'. Add them to the directory first.", "申报人不存在或已停用。");
        return caller.MayActFor(found.OrganisationId) ? user : throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act for '{user}'.", "此密钥无权为该申报人办理。");
    }

    private async Task<FoundPerson> OwnPersonAsync(Caller caller, string user, CancellationToken cancellationToken) =>
        await people.FindOfAsync(user, cancellationToken) is { } person ? await people.FindOwnAsync(caller, person, cancellationToken)
            : throw new WorkflowException(ErrorCodes.WrongState, $"'{user}' hasn't registered: register with POST /api/v1/people and have name and number verified, or answer the questionnaire.", "请先登记个人信息并完成实名认证，也可改用问答测试。");

    private async Task<(ServicePackage Package, EligibilityRules Rules)> RulesAsync(string service, CancellationToken cancellationToken) =>
        await services.GetAsync(service, cancellationToken) is { Eligibility: { } rules } package ? (package, rules)
            : throw new WorkflowException(ErrorCodes.NotFound, $"The service '{service}' has no conditions to test.", "此事项没有申报条件测试。");

    private static void RequireVersion(SessionRow row, long? ifVersion)
    {
        if (ifVersion is not null && ifVersion != row.Version)
            throw new WorkflowException(ErrorCodes.PreconditionFailed, $"The session has version {row.Version}, not {ifVersion}. Read it again.", "测试已有更新，请刷新后重试。");
    }

    private static void RequireNotice(SessionRow row, EligibilityRules rules)
    {
        if (row.Data.Notice != SessionViews.NoticeDigest(rules))
            throw new WorkflowException(ErrorCodes.WrongState, "The notice has to be confirmed first.", "请先阅读并确认办理须知。") { Facts = new Dictionary<string, object?> { ["reason"] = "notice_required" } };
    }

    private static void Require(IReadOnlyList<ProblemError> errors)
    {
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The request has {errors.Count} errors, the first: {errors[0].MessageEn}.", $"请求有 {errors.Count} 处错误：{errors[0].Message}。")
            { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }

    /// <summary>The same for the same question of a session.</summary>
    private static string QuestionId(Guid session, CertificateNumbers numbers) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{session:N}\n{numbers.Skip}\n{numbers.Abroad}\n{numbers.DiplomaNumber}\n{numbers.DegreeNumber}"))[..16]).ToString("N");
}
