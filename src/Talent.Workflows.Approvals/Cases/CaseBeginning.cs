using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
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

    /// <summary>What a test of conditions said, with what it fills in; null: there was none.</summary>
    public TestedDraft? Tested { get; init; }
}

/// <summary>What a test of conditions leaves to the draft that it opens (一键申报).</summary>
/// <param name="Kept">Its answer, to be kept with the case.</param>
/// <param name="Sources">Where the values that it fills in are from, by path: what was looked up needn't be looked up again (R-ELG-4, R-CASE-3).</param>
internal sealed record TestedDraft(EligibilityWrite Kept, IReadOnlyDictionary<string, OfferSource> Sources);

/// <summary>How a case is begun: who files for whom along which route, what its draft says, and the step that writes it.</summary>
public sealed class CaseBeginning(
    WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services, DirectoryReader directory, CaseVault vault, CaseFiling filing, FilingCheck check, AssociationCodes codes, FormVersions forms, BusinessClock clock)
{
    /// <summary>Begins a draft, maybe from something: the round before, a batch, a test.</summary>
    /// <returns>With what the earlier round had and this one doesn't.</returns>
    /// <exception cref="WorkflowException">As of <see cref="CaseCommands.CreateAsync"/>.</exception>
    internal async Task<(StepAnswer Answer, IReadOnlyList<FormError> LeftOut)> BeginAsync(Caller caller, NewCase request, CaseOrigin origin, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var package = await services.GetAsync(request.Service, cancellationToken);
        caller.RequireService(request.Service);
        var parties = await PartiesAsync(caller, package.Service, request, origin.Batch, idempotency, cancellationToken);
        var round = origin.Next ?? (IsOfEmployer(package.Service) ? await CaseRound.OfEmployerAsync(database, vault, request.Service, parties.EmployerId, cancellationToken) : null);
        var draft = await DraftAsync(package, request, parties, round, origin.Tested, cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var (write, gone) = await FilingAsync(caller, package, parties, draft, round, origin.Batch, cancellationToken);
                var answer = await runtime.StartAsync(new StartRequest
                {
                    DefinitionId = request.Service,
                    Pending = true,
                    Actor = caller.Actor,
                    Idempotency = idempotency,
                    Domain = await CreatedAsync(caller, package, parties, draft, round, write, origin.Tested?.Kept, cancellationToken),
                }, cancellationToken);
                if (answer.Applied || !CaseCommands.IsOvertaken(answer, attempt))
                    return answer.Applied ? (answer, [.. draft.LeftOut, .. gone]) : throw CaseRefusal.Of(answer, caller);
            }
        }
        catch (WorkflowException e) when (ActivationRefusal.Is(e))
        {
            throw CaseRefusal.Occupied(request.Service, e);
        }
    }

    /// <summary>Who files for whom, and along which route it goes.</summary>
    /// <param name="Code">关联代码 that was given; null: none is asked for.</param>
    private sealed record Parties(string User, string ApplicantId, string EmployerId, string? Code, CaseRoute Route);

    private async Task<Parties> PartiesAsync(Caller caller, ServiceDefinition service, NewCase request, BatchTerms? batch, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var applicant = await ApplicantAsync(service, user, request.ApplicantId ?? user, batch, cancellationToken);
        var (employerId, code, bureau) = await EmployerAsync(caller, service, request, user, applicant, idempotency, cancellationToken);
        if (request.EmployerId is { } named && named != employerId)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The employer of '{applicant.Id}' is '{employerId}', not '{named}'. Leave employerId out, or correct the directory first.",
                $"申报人所在单位为“{employerId}”，不能以“{named}”申报。");
        if (!caller.MayActFor(employerId))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act for the organisation '{employerId}'.", "此密钥无权为该单位办理。");
        await RequireFilerAsync(service, caller, user, applicant.Id, employerId, batch is not null, idempotency, cancellationToken);
        return new Parties(user, applicant.Id, employerId, code, bureau ?? batch?.Route ?? await directory.RouteAsync(employerId, cancellationToken));
    }

    private async Task<DirectoryPerson> ApplicantAsync(ServiceDefinition service, string user, string applicantId, BatchTerms? batch, CancellationToken cancellationToken)
    {
        if (IsOfEmployer(service) && applicantId != user)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Cases of '{service.Id}' are about an employer and filed by its handler: leave applicantId out.", "此事项由用人单位经办人为本单位申报，不能指定申报人。");
        return (batch is null ? await directory.FindUserAsync(applicantId, cancellationToken) : batch.People.GetValueOrDefault(applicantId))
            ?? throw new WorkflowException(ErrorCodes.UnknownUser, $"There is no active user '{applicantId}'. Add them to the directory first.", "申报人不存在或已停用。");
    }

    /// <summary>
    /// Where the route begins: at the applicant's own organisation (routing.organisations.employer of the service), at the one whose code
    /// they have, or at the one whose matters they handle. Nobody picks their reviewers.
    /// </summary>
    /// <returns>The route too, where somebody works for nobody and may file all the same: it is the bureau then.</returns>
    private async Task<(string EmployerId, string? Code, CaseRoute? Bureau)> EmployerAsync(Caller caller, ServiceDefinition service, NewCase request, string user, DirectoryPerson applicant, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        // Before the code is looked up, of which somebody has only so many.
        if (service.Routing.EmployerByCode)
            await RequireNoneElsewhereAsync(service, Filing(caller, service, user, applicant.Id, null), idempotency, cancellationToken);
        var (asked, code) = service.Routing.EmployerByCode ? await codes.AskedAsync(applicant, request.AssociationCode, cancellationToken)
            : ((IsOfEmployer(service) ? request.EmployerId : null) ?? applicant.OrganisationId, null);
        var bureau = asked is null && service.Routing.BureauIfNone ? await directory.CityBureauAsync(cancellationToken) : null;
        if ((asked ?? bureau?.EmployerId) is { } employerId)
            return (employerId, code, bureau);
        throw user != applicant.Id && !await directory.HoldsAsync(user, CaseSubjects.HandlerRole, null, cancellationToken) ? NotAFiler(user, applicant.Id)
            : FilingCheck.Refusal(service, [.. await check.ReasonsAsync(service, Filing(caller, service, user, applicant.Id, null), cancellationToken) is { Count: > 0 } all ? all : [FilingRules.Unassociated]]);
    }

    private async Task RequireNoneElsewhereAsync(ServiceDefinition service, FilingParties parties, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var reasons = await check.ReasonsAsync(service, parties, cancellationToken);
        if (reasons.Any(r => r.Code == FilingReasonCodes.AssociatedElsewhere) && await runtime.FindAnswerAsync(idempotency, cancellationToken) is null)
            throw FilingCheck.Refusal(service, reasons);
    }

    /// <summary>What the draft says.</summary>
    /// <param name="Second">What was carried over for the second phase; undefined: nothing.</param>
    /// <param name="LeftOut">What an earlier round said, and the form doesn't take any more.</param>
    private sealed record Draft(JsonElement Data, JsonElement Second, SourceMap Sources, IReadOnlyList<FormError> LeftOut)
    {
        public JsonElement Whole => Second.ValueKind == JsonValueKind.Object ? FilingCase.Over(Data, Second) : Data;
    }

    private async Task<Draft> DraftAsync(ServicePackage package, NewCase request, Parties parties, CaseRound? round, TestedDraft? tested, CancellationToken cancellationToken)
    {
        var form = package.Form;
        var (begun, leftOut) = FirstData(request.Data, round, form);
        var data = await FilledFields.FillAsync(database, form, 1, begun, parties.EmployerId, cancellationToken);
        if (request.FormVersion is { } filledIn && filledIn != form.Version)
            throw CaseRefusal.FormChanged(package, form.Validate(data, 1, FormMode.Submit, Today, round?.Data(1)));
        CaseCommands.Check(form.Validate(data, 1, FormMode.Draft, Today, round?.Data(1)));
        await forms.KeepAsync(package, cancellationToken);
        var (second, missing) = round is { Carries: true } && round.Before.TryGetValue(2, out var completed) ? CarriedData.Of(form, 2, completed, data, Today) : (default, []);
        var earlier = request.Data.ValueKind == JsonValueKind.Undefined ? round?.PreviousId : null;
        (data, var sources) = await filing.OpenAsync(package, parties.ApplicantId, parties.User, data, second, earlier, tested?.Sources, cancellationToken);
        return new Draft(data, second, sources, [.. leftOut, .. missing]);
    }

    /// <summary>What was sent, or else what the round before said as far as the form still takes it.</summary>
    private (JsonElement Data, IReadOnlyList<FormError> LeftOut) FirstData(JsonElement sent, CaseRound? round, Form form) =>
        sent.ValueKind != JsonValueKind.Undefined ? (sent, [])
            : round is not null && round.Before.TryGetValue(1, out var before) ? CarriedData.Of(form, 1, before, default, Today)
            : (JsonSerializer.SerializeToElement(new { }), []);

    /// <summary>Prepared anew with each attempt: the libraries may have changed.</summary>
    /// <returns>With the materials of the earlier round that aren't taken.</returns>
    private async Task<(FilingWrite Write, IReadOnlyList<FormError> Gone)> FilingAsync(Caller caller, ServicePackage package, Parties parties, Draft draft, CaseRound? round, BatchTerms? batch, CancellationToken cancellationToken)
    {
        var (write, gone, wrong) = await filing.BeginAsync(caller, package, parties.ApplicantId, parties.EmployerId, draft.Whole, draft.Sources, round is { Carries: true } ? round.PreviousId : null, batch, cancellationToken);
        if (batch is { Submits: true })
            CaseCommands.Check([.. package.Form.Validate(draft.Data, 1, FormMode.Submit, Today), .. wrong]);
        return (write, gone);
    }

    private async Task<CaseCreated> CreatedAsync(Caller caller, ServicePackage package, Parties parties, Draft draft, CaseRound? round, FilingWrite write, EligibilityWrite? tested, CancellationToken cancellationToken) => new()
    {
        User = parties.User,
        Limits = CredentialLimits.Of(caller),
        Service = package.Service.Id,
        ApplicantId = parties.ApplicantId,
        EmployerId = parties.Route.EmployerId,
        UnitId = parties.Route.UnitId,
        BureauId = parties.Route.BureauId,
        Region = parties.Route.Region,
        FiledBy = parties.User,
        AssociationCode = parties.Code,
        Data = await DataAsync(package, 1, draft.Data, parties.User, cancellationToken),
        Carried = draft.Second.ValueKind == JsonValueKind.Object && draft.Second.EnumerateObject().Any() ? await DataAsync(package, 2, draft.Second, parties.User, cancellationToken) : null,
        Filing = write,
        Eligibility = tested,
        Subject = package.Service.Subject,
        Round = round?.Number ?? 1,
        PreviousId = round?.PreviousId,
        SeriesId = round?.SeriesId,
    };

    private async Task<CaseData> DataAsync(ServicePackage package, short phase, JsonElement data, string user, CancellationToken cancellationToken) =>
        new(phase, CaseCommands.Canonical(data), user) { Seal = await vault.SealAsync(package.Form, cancellationToken), FormVersion = package.Form.Version };

    /// <summary>Who may file at all is <c>forbidden</c> else; who may, and can't now, is told why, unless this is the repetition of a request that was carried out.</summary>
    /// <param name="handles">The user is known to be a handler of the employer.</param>
    private async Task RequireFilerAsync(ServiceDefinition service, Caller caller, string user, string applicantId, string employerId, bool handles, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var ofEmployer = IsOfEmployer(service);
        var role = user == applicantId && !ofEmployer ? "applicant" : CaseSubjects.HandlerRole;
        if (!caller.MayActAs(role))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act in the role '{role}'.", $"此密钥不能以“{role}”的角色办理。");
        if ((user != applicantId || ofEmployer) && !handles && !await directory.HoldsAsync(user, CaseSubjects.HandlerRole, employerId, cancellationToken))
            throw await directory.HoldsAsync(user, CaseSubjects.HandlerRole, null, cancellationToken)
                && await check.ReasonsAsync(service, Filing(caller, service, user, applicantId, null), cancellationToken) is { Count: > 0 } elsewhere ? FilingCheck.Refusal(service, elsewhere) : NotAFiler(user, applicantId);
        var reasons = await check.ReasonsAsync(service, Filing(caller, service, user, applicantId, employerId), cancellationToken);
        if (reasons.Count > 0 && await runtime.FindAnswerAsync(idempotency, cancellationToken) is null)
            throw FilingCheck.Refusal(service, reasons);
    }

    private static WorkflowException NotAFiler(string user, string applicantId) => new(ErrorCodes.Forbidden,
        $"'{user}' is neither the applicant '{applicantId}' nor a handler of their employer.", "您不能为该申报人申报：须由申报人本人，或其用人单位的经办人申报。");

    private static FilingParties Filing(Caller caller, ServiceDefinition service, string user, string applicantId, string? employerId) => IsOfEmployer(service)
        ? new(user, Filer.Employer, null, employerId, caller.MayActFor)
        : new(user, user == applicantId ? Filer.Person : Filer.Employer, applicantId, employerId, caller.MayActFor);

    private static bool IsOfEmployer(ServiceDefinition service) => service.Subject == CaseSubjects.Employer;

    private DateOnly Today => ChinaTime.DateOf(clock.Now);
}
