using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>A case to begin. Who is left out is taken from the acting user: the applicant is them, the employer is theirs.</summary>
public sealed record NewCase
{
    public required string Service { get; init; }
    public string? ApplicantId { get; init; }

    /// <summary>Must be the applicant's own organisation when it is given.</summary>
    public string? EmployerId { get; init; }

    /// <summary>关联代码: says who the employer is, where a service asks one to be associated (<c>association.code</c>); left out for all others.</summary>
    public string? AssociationCode { get; init; }
    public JsonElement Data { get; init; }

    /// <summary>Version of the form that the data was filled in for; another one is refused. Null: whichever is the present one.</summary>
    public string? FormVersion { get; init; }
}

/// <summary>What a case is begun from, besides what was asked for.</summary>
internal sealed record CaseOrigin
{
    /// <summary>The round that it is to be; null: an employer's next one, or a first.</summary>
    public CaseRound? Next { get; init; }

    /// <summary>What it has in common with others that are begun at once; null: it is begun alone.</summary>
    public BatchTerms? Batch { get; init; }

    /// <summary>What a test of conditions said; null: there was none.</summary>
    public EligibilityWrite? Tested { get; init; }
}

/// <summary>What applicants and those who file for them do with cases. Every change is one step of the case's instance.</summary>
public sealed class CaseCommands(
    WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services, DirectoryReader directory, CaseVault vault, CaseFiling filing, FilingCheck check, AssociationCodes codes, Leavings leavings, FormVersions forms, CaseEligibility eligibility, BusinessClock clock)
{
    private const int Attempts = 3;

    // Each of them means that another submission has gone through.
    private const int Turns = 20;

    /// <summary>Begins a draft: the case's row, its data and a pending instance in one step (R-CASE-1).</summary>
    /// <returns>The id of the case.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c> (service), <c>forbidden</c>, <c>unknown_user</c>, <c>invalid_request</c> (employer), <c>invalid_form</c> with the errors;
    /// <c>filing_refused</c> with every reason; <c>wrong_state</c>: the service's workflow has an activation strategy, and another case is under way.</exception>
    public async Task<StepAnswer> CreateAsync(Caller caller, NewCase request, Idempotency? idempotency, CancellationToken cancellationToken) =>
        (await CreateAsync(caller, request, new CaseOrigin(), idempotency, cancellationToken)).Answer;

    /// <summary>The same, begun from something: the round before, a batch, a test.</summary>
    /// <returns>With what the earlier round had and this one doesn't.</returns>
    internal async Task<(StepAnswer Answer, IReadOnlyList<FormError> LeftOut)> CreateAsync(Caller caller, NewCase request, CaseOrigin origin, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var batch = origin.Batch;
        var package = await services.GetAsync(request.Service, cancellationToken);
        caller.RequireService(request.Service);
        var user = caller.RequireUser();
        var ofEmployer = package.Service.Subject == CaseSubjects.Employer;
        var applicantId = request.ApplicantId ?? user;
        if (ofEmployer && applicantId != user)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Cases of '{request.Service}' are about an employer and filed by its handler: leave applicantId out.", "此事项由用人单位经办人为本单位申报，不能指定申报人。");
        var applicant = (batch is null ? await directory.FindUserAsync(applicantId, cancellationToken) : batch.People.GetValueOrDefault(applicantId))
            ?? throw new WorkflowException(ErrorCodes.UnknownUser, $"There is no active user '{applicantId}'. Add them to the directory first.", "申报人不存在或已停用。");
        // The route begins at the applicant's own organisation (routing.organisations.employer of the service), at the one whose code they have, or at the one whose matters they handle: nobody picks their reviewers.
        var (asked, code) = package.Service.Routing.EmployerByCode ? await codes.AskedAsync(applicant, request.AssociationCode, cancellationToken)
            : ((ofEmployer ? request.EmployerId : null) ?? applicant.OrganisationId, null);
        // Who works for nobody, and may file all the same: the route is the bureau.
        var bureau = asked is null && package.Service.Routing.BureauIfNone ? await directory.CityBureauAsync(cancellationToken) : null;
        asked ??= bureau?.EmployerId;
        if (asked is not { } employerId)
            throw user != applicantId && !await directory.HoldsAsync(user, CaseSubjects.HandlerRole, null, cancellationToken) ? NotAFiler(user, applicantId)
                : FilingCheck.Refusal(package.Service, [.. await check.ReasonsAsync(package.Service, Parties(caller, package.Service, user, applicantId, null), cancellationToken) is { Count: > 0 } all ? all : [FilingRules.Unassociated]]);
        if (request.EmployerId is { } named && named != employerId)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The employer of '{applicantId}' is '{employerId}', not '{named}'. Leave employerId out, or correct the directory first.",
                $"申报人所在单位为“{employerId}”，不能以“{named}”申报。");
        if (!caller.MayActFor(employerId))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act for the organisation '{employerId}'.", "此密钥无权为该单位办理。");
        await RequireFilerAsync(package.Service, caller, user, applicantId, employerId, batch is not null, idempotency, cancellationToken);
        var route = bureau ?? batch?.Route ?? await directory.RouteAsync(employerId, cancellationToken);
        var round = origin.Next ?? (ofEmployer ? await CaseRound.OfEmployerAsync(database, vault, request.Service, employerId, cancellationToken) : null);
        var (begun, leftOut) = Begin(request.Data, round, package.Form);
        var data = await FilledFields.FillAsync(database, package.Form, 1, begun, employerId, cancellationToken);
        if (request.FormVersion is { } filledIn && filledIn != package.Form.Version)
            throw CaseRefusal.FormChanged(package, package.Form.Validate(data, 1, FormMode.Submit, Today, round?.Data(1)));
        Check(package.Form.Validate(data, 1, FormMode.Draft, Today, round?.Data(1)));
        await forms.KeepAsync(package, cancellationToken);
        var (second, missing) = round is { Carries: true } && round.Before.TryGetValue(2, out var completed) ? CarriedData.Of(package.Form, 2, completed, data, Today) : (default, []);
        leftOut = [.. leftOut, .. missing];
        IReadOnlyList<FormError> gone = [];
        (data, var sources) = await filing.OpenAsync(package, applicantId, user, data, second, request.Data.ValueKind == JsonValueKind.Undefined ? round?.PreviousId : null, cancellationToken);
        var start = async () => new StartRequest
        {
            DefinitionId = request.Service,
            Pending = true,
            Actor = caller.Actor,
            Idempotency = idempotency,
            Domain = new CaseCreated
            {
                User = user,
                Limits = CredentialLimits.Of(caller),
                Service = request.Service,
                ApplicantId = applicantId,
                EmployerId = route.EmployerId,
                UnitId = route.UnitId,
                BureauId = route.BureauId,
                Region = route.Region,
                FiledBy = user,
                AssociationCode = code,
                Data = new CaseData(1, Canonical(data), user) { Seal = await vault.SealAsync(package.Form, cancellationToken), FormVersion = package.Form.Version },
                Carried = second.ValueKind == JsonValueKind.Object && second.EnumerateObject().Any() ? new CaseData(2, Canonical(second), user) { Seal = await vault.SealAsync(package.Form, cancellationToken), FormVersion = package.Form.Version } : null,
                Filing = await FilingAsync(),
                Eligibility = origin.Tested,
                Subject = package.Service.Subject,
                Round = round?.Number ?? 1,
                PreviousId = round?.PreviousId,
                SeriesId = round?.SeriesId,
            },
        };
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var answer = await runtime.StartAsync(await start(), cancellationToken);
                if (answer.Applied || !IsOvertaken(answer, attempt))
                    return answer.Applied ? (answer, [.. leftOut, .. gone]) : throw CaseRefusal.Of(answer, caller);
            }
        }
        catch (WorkflowException e) when (ActivationRefusal.Is(e))
        {
            throw CaseRefusal.Occupied(request.Service, e);
        }

        async Task<FilingWrite?> FilingAsync()
        {
            var whole = second.ValueKind == JsonValueKind.Object ? FilingCase.Over(data, second) : data;
            (var write, gone, var wrong) = await filing.BeginAsync(caller, package, applicantId, employerId, whole, sources, round is { Carries: true } ? round.PreviousId : null, batch, cancellationToken);
            if (batch is { Submits: true })
                Check([.. package.Form.Validate(data, 1, FormMode.Submit, Today), .. wrong]);
            return write;
        }
    }

    /// <summary>Saves what was filled in for a phase, as it is: it replaces what was there.</summary>
    /// <param name="formVersion">Version of the form that it was filled in for; null: whichever counts.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>wrong_state</c>, <c>invalid_form</c>, <c>form_changed</c> with the errors under the form that counts, <c>precondition_failed</c>.</exception>
    public Task<StepAnswer> SaveAsync(Caller caller, Guid caseId, short phase, JsonElement data, long? ifVersion, CancellationToken cancellationToken, string? formVersion = null)
    {
        caller.RequireUser();
        return OnCurrentAsync(caller, caseId, ifVersion, async (draft, package, seal) =>
        {
            if (phase is not (1 or 2))
                throw new WorkflowException(ErrorCodes.InvalidRequest, $"Phase {phase} doesn't exist; it is 1 or 2.", "阶段只能是 1 或 2。");
            // Whoever may not change it learns nothing of what is in it.
            await draft.RequireHandInAsync(database, caller, cancellationToken);
            var form = package.Form;
            var (own, approved) = draft.Own(phase, data, form);
            own = await FilledFields.FillAsync(database, form, phase, own, draft.EmployerId, cancellationToken);
            Check([.. approved, .. Unasked(draft, package, phase, own)]);
            var whole = draft.With(phase, own, replace: true);
            if (formVersion is not null && formVersion != form.Version)
                throw CaseRefusal.FormChanged(package, form.Validate(whole, phase, FormMode.Submit, Today, draft.Whole(phase), draft.FiledOn));
            Check(form.Validate(whole, phase, FormMode.Draft, Today, draft.Whole(phase)));
            return await SavedAsync(caller, draft, package, seal, phase, own, whole, cancellationToken);
        }, null, cancellationToken);
    }

    /// <summary>Saves one step of the form; the others stay as they are, also when somebody saves them at the same moment (R-CASE-1).</summary>
    /// <param name="formVersion">Version of the form that it was filled in for. A draft of an older version is saved only by who names the present one: fields that this doesn't have go.</param>
    /// <returns>With what the step still lacks, which doesn't keep it from being saved.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c> (case, step), <c>forbidden</c>, <c>wrong_state</c>, <c>invalid_form</c>: what can't be kept; <c>form_changed</c>, <c>precondition_failed</c>.</exception>
    public async Task<StepSaved> SaveStepAsync(Caller caller, Guid caseId, string stepKey, JsonElement data, string? formVersion, long? ifVersion, CancellationToken cancellationToken)
    {
        caller.RequireUser();
        StepSaved? saved = null;
        var answer = await OnCurrentAsync(caller, caseId, ifVersion, async (draft, package, seal) =>
        {
            await draft.RequireHandInAsync(database, caller, cancellationToken);
            var form = package.Form;
            var step = form.Step(stepKey) ?? throw new WorkflowException(ErrorCodes.NotFound, $"The form has no step '{stepKey}'. Use one of {string.Join(", ", form.Definition.Steps.Select(s => s.Key))}.", "没有此填写步骤。");
            var phase = (short)step.Phase;
            var moved = draft.FormVersion is { } before && before != form.Version;
            if (formVersion is null ? moved : formVersion != form.Version)
                throw CaseRefusal.FormChanged(package, form.Validate(draft.Whole(phase), phase, FormMode.Submit, Today, draft.Whole(phase), draft.FiledOn));
            var (own, wrong) = StepData.Put(form, step, draft.Data(phase), data, drop: moved);
            own = await FilledFields.FillAsync(database, form, phase, own, draft.EmployerId, cancellationToken);
            Check([.. wrong, .. Unasked(draft, package, phase, own)]);
            var whole = draft.With(phase, own, replace: true);
            Check(form.Validate(whole, phase, FormMode.Draft, Today, draft.Whole(phase)));
            saved = new StepSaved(caseId, 0, step.Key, form.Version, StepData.Of(form, step.Key, form.Validate(whole, phase, FormMode.Submit, Today, whole, draft.FiledOn)));
            return await SavedAsync(caller, draft, package, seal, phase, own, whole, cancellationToken);
        }, null, cancellationToken);
        return saved! with { Version = answer.Version };
    }

    private async Task<StepRequest> SavedAsync(Caller caller, FilingCase draft, ServicePackage package, CaseSeal? seal, short phase, JsonElement own, JsonElement whole, CancellationToken cancellationToken)
    {
        await forms.KeepAsync(package, cancellationToken);
        return new StepRequest
        {
            InstanceId = draft.Id, Actor = caller.Actor,
            Domain = new DataSaved
            {
                User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Data = new CaseData(phase, Canonical(own), caller.RequireUser()) { Seal = seal, FormVersion = package.Form.Version },
                Filing = await filing.SaveAsync(caller, package, draft, phase, whole, cancellationToken),
                Before = draft.BeforeCorrection(phase, seal, caller.RequireUser()),
            },
        };
    }

    /// <summary>Hands the draft in: complete and correct, or every error at once. It gets its number in the same step.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>wrong_state</c>, <c>invalid_form</c>, <c>form_changed</c>: it was saved with an older form and has to be saved again; <c>filing_refused</c> with every reason, <c>precondition_failed</c>, <c>busy</c>.</exception>
    public Task<StepAnswer> SubmitAsync(Caller caller, Guid caseId, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(caller, caseId, ifVersion, async (draft, package, _) =>
        {
            FilingWrite? filed = null;
            FilingGate? gate = null;
            if (draft.Status == "draft")
            {
                (filed, var wrong) = await filing.HandInAsync(caller, package, draft, 1, draft.Data(1), changed: false, cancellationToken);
                IReadOnlyList<FormError> errors = [.. package.Form.Validate(draft.Data(1), 1, FormMode.Submit, Today, draft.Data(1)), .. wrong];
                if (draft.FormVersion is { } savedWith && savedWith != package.Form.Version)
                    throw CaseRefusal.FormChanged(package, errors);
                Check(errors);
                gate = await check.RequireAsync(package.Service, draft, cancellationToken);
            }
            var judged = draft.Status == "draft" ? await eligibility.FiledAsync(package, draft, Today, cancellationToken) : null;
            var leaving = draft.Status == "draft" && draft.Service == Leavings.Service ? await leavings.RequireAsync(draft, cancellationToken) : null;
            return new StepRequest
            {
                InstanceId = caseId,
                Stimulus = new Stimulus.Start(Inputs(draft, package, clock.Now)),
                Actor = caller.Actor,
                Idempotency = idempotency,
                Domain = new CaseSubmitted
                {
                    User = caller.RequireUser(), Limits = CredentialLimits.Of(caller),
                    NumberCode = package.Service.NumberCode, Region = draft.Region, Year = (short)Today.Year, Filing = filed, Leaving = leaving, Gate = gate, Eligibility = judged, Acceptance = package.Service.Acceptance,
                },
            };
        }, null, cancellationToken);

    /// <summary>Takes the case back before acceptance (R-CASE-6); a draft is dropped.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>wrong_state</c>: accepted or ended already.</exception>
    public async Task<StepAnswer> WithdrawAsync(Caller caller, Guid caseId, string? reason, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken)
    {
        await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
        var answer = await runtime.ApplyAsync(new StepRequest
        {
            InstanceId = caseId, Stimulus = new Stimulus.Cancel("withdrawn"), Actor = caller.Actor, Idempotency = idempotency, IfVersion = ifVersion,
            Domain = new CaseWithdrawn { User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Reason = Note(reason) },
        }, cancellationToken);
        return answer.Applied ? answer : throw (answer.GateFailed == CasesPart.WithdrawableGate ? await NotWithdrawableAsync(caseId, cancellationToken) : CaseRefusal.Of(answer, caller));
    }

    private async Task<WorkflowException> NotWithdrawableAsync(Guid caseId, CancellationToken cancellationToken) =>
        CaseRefusal.NotWithdrawable(caseId, (await database.QueryAsync($"""
            select c.ended_at, (select min(t.decided_at) from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and {CasesPart.Accepts})
            from approvals.cases c where c.id = $1
            """, r => (Ended: r.Instant(0), Accepted: r.Instant(1)), cancellationToken, caseId))[0]);

    /// <summary>Hands in a correction or the materials: the fields given go over those that are there, and the task is done, in one step.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>wrong_state</c>: nothing is asked of the applicant now; <c>forbidden</c>, <c>invalid_form</c>, <c>task_closed</c>.</exception>
    public async Task<StepAnswer> SupplementAsync(Caller caller, Guid caseId, JsonElement data, string? note, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        Guid? asked = null;
        var answer = await OnCurrentAsync(caller, caseId, ifVersion, async (draft, package, seal) =>
        {
            // An earlier request with the same key may have closed the task: then the runtime finds its answer.
            var task = draft.OpenTask ?? (idempotency is null ? null : draft.LastTask)
                ?? throw new WorkflowException(ErrorCodes.WrongState, $"Case {caseId} asks nothing of the applicant now. Read its next actions.", "当前没有需要补正或完善的材料。");
            asked = task.Id;
            if (draft.OpenTask is not null)
                await draft.RequireHandInAsync(database, caller, cancellationToken);
            var given = data.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
            var form = package.Form;
            var (own, approved) = given ? draft.Own(task.Phase, FilledFields.Strip(form, task.Phase, data), form) : (default, []);
            var phaseData = given ? draft.Overlay(task.Phase, own) : draft.Data(task.Phase);
            if (draft.OpenTask is not null)
                Check([.. approved, .. Unasked(draft, package, task.Phase, phaseData)]);
            FilingWrite? filed = null;
            if (draft.OpenTask is not null)
            {
                var whole = draft.With(task.Phase, phaseData, replace: true);
                var flaws = form.Validate(whole, task.Phase, FormMode.Submit, Today, draft.Whole(task.Phase), draft.FiledOn);
                (filed, var wrong) = await filing.HandInAsync(caller, package, draft, task.Phase, whole, changed: flaws.Count == 0, cancellationToken);
                Check([.. flaws, .. wrong]);
                await forms.KeepAsync(package, cancellationToken);
            }
            return new StepRequest
            {
                InstanceId = caseId,
                Stimulus = new Stimulus.Resume(task.Id, JsonSerializer.SerializeToElement(new { @do = Supplement.HandIn, user })),
                Actor = caller.Actor,
                Idempotency = idempotency,
                Domain = new SupplementGiven
                {
                    User = user, TaskId = task.Id, Limits = CredentialLimits.Of(caller), Note = Note(note),
                    Data = given ? new CaseData(task.Phase, Canonical(phaseData), user) { Seal = seal, FormVersion = form.Version } : null, Filing = filed,
                    Before = given ? draft.BeforeCorrection(task.Phase, seal, user) : null,
                },
            };
        }, async () => throw await TaskRefusal.ExplainAsync(database, asked!.Value, caller, cancellationToken), cancellationToken);
        return answer;
    }

    /// <summary>Builds a request on the case as it is, and sends it only if it still is so; with no version asked for, a few times.</summary>
    private async Task<StepAnswer> OnCurrentAsync(Caller caller, Guid caseId, long? ifVersion, Func<FilingCase, ServicePackage, CaseSeal?, Task<StepRequest>> build, Func<Task>? refuse, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
            var package = await forms.OfCaseAsync(await services.GetAsync(current.Service, cancellationToken), current.Status, current.FormVersion, cancellationToken);
            try
            {
                var answer = await runtime.ApplyAsync(await build(current, package, await vault.SealAsync(package.Form, cancellationToken)) with { IfVersion = ifVersion ?? current.Version }, cancellationToken);
                if (answer.Applied)
                    return answer;
                if (IsOvertaken(answer, attempt))
                    continue;
                if (refuse is not null)
                    await refuse();
                throw CaseRefusal.Of(answer, caller);
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed && ifVersion is null && attempt < Attempts || CataloguePart.IsTurnTaken(e) && attempt < Turns)
            {
                continue;
            }
        }
    }

    /// <summary>Whether a library, a profile, what ties a person to an employer, or what a submission was judged by has changed since the step was prepared: it is prepared once more, and says what.</summary>
    private static bool IsOvertaken(StepAnswer answer, int attempt) => attempt < Attempts
        && answer.GateFailed is FilingPart.TakenGate or FilingPart.ProfileGate or AssociationsPart.LeavingGate or CataloguePart.OpenGate or CataloguePart.FreeGate;

    /// <summary>What a draft begins with: what was sent, or else what the round before said as far as the form still takes it.</summary>
    private (JsonElement Data, IReadOnlyList<FormError> LeftOut) Begin(JsonElement sent, CaseRound? round, Form form) =>
        sent.ValueKind != JsonValueKind.Undefined ? (sent, [])
            : round is not null && round.Before.TryGetValue(1, out var before) ? CarriedData.Of(form, 1, before, default, Today)
            : (JsonSerializer.SerializeToElement(new { }), []);

    /// <summary>Who may file at all is <c>forbidden</c> else; who may, and can't now, is told why, unless this is the repetition of a request that was carried out.</summary>
    /// <param name="handles">The user is known to be a handler of the employer.</param>
    private async Task RequireFilerAsync(ServiceDefinition service, Caller caller, string user, string applicantId, string employerId, bool handles, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var ofEmployer = service.Subject == CaseSubjects.Employer;
        var role = user == applicantId && !ofEmployer ? "applicant" : CaseSubjects.HandlerRole;
        if (!caller.MayActAs(role))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act in the role '{role}'.", $"此密钥不能以“{role}”的角色办理。");
        if ((user != applicantId || ofEmployer) && !handles && !await directory.HoldsAsync(user, CaseSubjects.HandlerRole, employerId, cancellationToken))
            throw await directory.HoldsAsync(user, CaseSubjects.HandlerRole, null, cancellationToken)
                && await check.ReasonsAsync(service, Parties(caller, service, user, applicantId, null), cancellationToken) is { Count: > 0 } elsewhere ? FilingCheck.Refusal(service, elsewhere) : NotAFiler(user, applicantId);
        var reasons = await check.ReasonsAsync(service, Parties(caller, service, user, applicantId, employerId), cancellationToken);
        if (reasons.Count > 0 && await runtime.FindAnswerAsync(idempotency, cancellationToken) is null)
            throw FilingCheck.Refusal(service, reasons);
    }

    private static WorkflowException NotAFiler(string user, string applicantId) => new(ErrorCodes.Forbidden,
        $"'{user}' is neither the applicant '{applicantId}' nor a handler of their employer.", "您不能为该申报人申报：须由申报人本人，或其用人单位的经办人申报。");

    private static FilingParties Parties(Caller caller, ServiceDefinition service, string user, string applicantId, string? employerId) => service.Subject == CaseSubjects.Employer
        ? new(user, Filer.Employer, null, employerId, caller.MayActFor)
        : new(user, user == applicantId ? Filer.Person : Filer.Employer, applicantId, employerId, caller.MayActFor);

    private DateOnly Today => ChinaTime.DateOf(clock.Now);

    /// <summary>Ids and routing facts only.</summary>
    private static Dictionary<string, JsonElement> Inputs(FilingCase draft, ServicePackage package, DateTimeOffset now)
    {
        var inputs = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            [CaseFacts.Service] = JsonSerializer.SerializeToElement(draft.Service),
            [CaseFacts.ApplicantId] = JsonSerializer.SerializeToElement(draft.ApplicantId),
            [CaseFacts.EmployerId] = JsonSerializer.SerializeToElement(draft.EmployerId),
            [CaseFacts.UnitId] = JsonSerializer.SerializeToElement(draft.UnitId),
            [CaseFacts.BureauId] = JsonSerializer.SerializeToElement(draft.BureauId),
            [CaseFacts.Region] = JsonSerializer.SerializeToElement(draft.Region),
            [CaseFacts.FiledBy] = JsonSerializer.SerializeToElement(draft.FiledBy),
            [CaseFacts.Clock] = CaseTerms.Input(package.Service, now),
        };
        if (package.Service.Subject == CaseSubjects.Employer)
            inputs[CaseFacts.Subject] = JsonSerializer.SerializeToElement(package.Service.Subject);
        if (package.Service.Opens is { } opens)
            inputs[CaseFacts.Opens] = JsonSerializer.SerializeToElement(opens);
        var data = draft.Data(1);
        foreach (var fact in package.Service.Routing.Facts)
            if (data.TryGetProperty(fact, out var value) && package.Form.Field(fact) is { Personal: false })
                inputs[fact] = value;
        foreach (var (name, on) in package.Service.Switches)
            inputs[name] = JsonSerializer.SerializeToElement(on);
        return inputs;
    }

    /// <summary>Of a correction that may change only what it was asked for: what else it would change.</summary>
    private static IEnumerable<FormError> Unasked(FilingCase draft, ServicePackage package, short phase, JsonElement own) =>
        draft.OpenTask is { Asked: { } asked } task && task.Phase == phase ? asked.Unasked(package, draft.Data(phase), own) : [];

    private static string? Note(string? text) => string.IsNullOrWhiteSpace(text) ? null
        : text.Length > TaskCommands.LongestOpinion || text.Contains('\0') ? throw new WorkflowException(ErrorCodes.InvalidRequest, $"The text is longer than {TaskCommands.LongestOpinion} characters or can't be kept.", "文字过长或含有无法保存的字符。")
        : text.Trim();

    private static string Canonical(JsonElement data)
    {
        try
        {
            return CanonicalJson.Of(data.GetRawText());
        }
        catch (FormatException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidForm, $"The form data can't be kept: {e.Message}", "申报内容含有无法保存的数据。", e);
        }
    }

    private static void Check(IReadOnlyList<FormError> errors)
    {
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidForm, $"The form has {errors.Count} errors, the first at '{errors[0].Path}': {errors[0].En}.", $"表单有 {errors.Count} 处错误：{errors[0].Zh}。")
            { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }
}
