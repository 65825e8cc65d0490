using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Clocks;
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

/// <summary>What applicants and those who file for them do with cases. Every change is one step of the case's instance.</summary>
public sealed class CaseCommands(
    WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services, CaseBeginning beginning, CaseVault vault, CaseFiling filing, FilingCheck check, Leavings leavings, FormVersions forms, CaseEligibility eligibility, BusinessClock clock)
{
    private const int Attempts = 3;

    // Each of them means that another submission has gone through.
    private const int Turns = 20;

    /// <summary>Begins a draft: the case's row, its data and a pending instance in one step (R-CASE-1).</summary>
    /// <returns>The id of the case.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c> (service), <c>forbidden</c>, <c>unknown_user</c>, <c>invalid_request</c> (employer), <c>invalid_form</c> with the errors;
    /// <c>filing_refused</c> with every reason; <c>wrong_state</c>: the service's workflow has an activation strategy, and another case is under way.</exception>
    public async Task<StepAnswer> CreateAsync(Caller caller, NewCase request, Idempotency? idempotency, CancellationToken cancellationToken) =>
        (await beginning.BeginAsync(caller, request, new CaseOrigin(), idempotency, cancellationToken)).Answer;

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
            var step = form.Step(stepKey) ?? throw new WorkflowException(ErrorCodes.NotFound, $"The form has no step '{stepKey}'. Use one of {string.Join(", ", form.Definition.Steps.Select(s => s.Key))}.", $"没有填写步骤“{stepKey}”，可用的有：{string.Join("、", form.Definition.Steps.Select(s => s.Key))}。");
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
                Before = draft.BeforeChange(phase, seal, caller.RequireUser()),
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
            select c.ended_at, least(k.accepted_at, (select min(t.decided_at) from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and {CasesPart.Accepts}))
            from approvals.cases c left join approvals.case_clocks k on k.case_id = c.id where c.id = $1
            """, r => (Ended: r.Instant(0), Accepted: r.Instant(1)), cancellationToken, caseId))[0]);

    /// <summary>Hands in a correction or the materials: the fields given go over those that are there, and the task is done, in one step.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>wrong_state</c>: nothing is asked of the applicant now; <c>forbidden</c>, <c>invalid_form</c>, <c>task_closed</c>.</exception>
    public async Task<StepAnswer> SupplementAsync(Caller caller, Guid caseId, JsonElement data, string? note, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        Guid? asked = null;
        var answer = await OnCurrentAsync(caller, caseId, ifVersion, async (draft, package, seal) =>
        {
            // An earlier request with the same key may have closed the task: then the runtime finds its answer. Else nobody but who may hand in is told anything.
            if (draft.OpenTask is not null || draft.LastTask is null || idempotency is null)
                await draft.RequireHandInAsync(database, caller, cancellationToken);
            var task = draft.OpenTask ?? (idempotency is null ? null : draft.LastTask)
                ?? throw new WorkflowException(ErrorCodes.WrongState, $"Case {caseId} asks nothing of the applicant now. Read its next actions.", "当前没有需要补正或完善的材料。");
            asked = task.Id;
            var given = data.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
            var form = package.Form;
            var (own, approved) = given ? draft.Own(task.Phase, FilledFields.Strip(form, task.Phase, data), form) : (default, []);
            var phaseData = given ? draft.Overlay(task.Phase, own) : draft.Data(task.Phase);
            if (draft.OpenTask is not null)
                Check([.. approved, .. Unasked(draft, package, task.Phase, phaseData)]);
            FilingWrite? filed = null;
            EligibilityWrite? judged = null;
            if (draft.OpenTask is not null)
            {
                var whole = draft.With(task.Phase, phaseData, replace: true);
                var flaws = form.Validate(whole, task.Phase, FormMode.Submit, Today, draft.Whole(task.Phase), draft.FiledOn);
                (filed, var wrong) = await filing.HandInAsync(caller, package, draft, task.Phase, whole, changed: flaws.Count == 0, cancellationToken);
                Check([.. flaws, .. wrong]);
                await forms.KeepAsync(package, cancellationToken);
                if (task.Phase == 1)
                    judged = await eligibility.CorrectedAsync(package, draft, phaseData, Today, cancellationToken);
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
                    Data = given ? new CaseData(task.Phase, Canonical(phaseData), user) { Seal = seal, FormVersion = form.Version } : null, Filing = filed, Eligibility = judged,
                    Before = given ? draft.BeforeChange(task.Phase, seal, user) : null,
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
    internal static bool IsOvertaken(StepAnswer answer, int attempt) => attempt < Attempts
        && answer.GateFailed is FilingPart.TakenGate or FilingPart.ProfileGate or AssociationsPart.LeavingGate or CataloguePart.OpenGate or CataloguePart.FreeGate;

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
        draft.Limit(phase)?.Unasked(package, draft.Data(phase), own) ?? [];

    private static string? Note(string? text) => string.IsNullOrWhiteSpace(text) ? null
        : text.Length > TaskCommands.LongestOpinion || text.Contains('\0') ? throw new WorkflowException(ErrorCodes.InvalidRequest, $"The text is longer than {TaskCommands.LongestOpinion} characters or can't be kept.", "文字过长或含有无法保存的字符。")
        : text.Trim();

    internal static string Canonical(JsonElement data)
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

    internal static void Check(IReadOnlyList<FormError> errors)
    {
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidForm, $"The form has {errors.Count} errors, the first at '{errors[0].Path}': {errors[0].En}.", errors.Count == 1 ? $"{errors[0].Zh}。" : $"填写内容有 {errors.Count} 处须修改，第一处：{errors[0].Zh}。其余见 errors。")
            { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }
}
