using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Employers.Profiles;

/// <summary>Reads employers with their profiles, masked (R-AUD-2), for their officers and those of their unit and the bureau (R-EMP-1).</summary>
public sealed class EmployerReader(NpgsqlDataSource database, EmployerStore store, DataKeys keys, ApprovalContent content, BusinessClock clock) : IEmployerGaps
{
    private readonly ProfileKeeper profiles = new(database, keys, clock, ProfileTables.Employers);

    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, or not for the caller; <c>forbidden</c>; <c>unavailable</c>: no profile is set up.</exception>
    public async Task<EmployerView> ReadAsync(Caller caller, string employer, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, employer, cancellationToken);
        var (saved, progress, materials) = await OpenAsync(found, cancellationToken);
        var (row, at) = (found.Row, $"/api/v1/employers/{found.Row.Id}");
        return new EmployerView
        {
            Id = row.Id,
            Version = row.Version,
            NameZh = row.NameZh,
            NameEn = row.NameEn,
            Uscc = row.Uscc,
            Region = row.Region,
            ResponsibleUnit = row.UnitId,
            Active = row.Active,
            Handlers = [.. found.Handlers.Select(View)],
            Steps = [.. Form.Profile.Steps.Zip(progress.Steps, (step, state) => new ProfileStepView(step.Key, step.Zh, step.En, state.State,
                saved.TryGetValue(step.Key, out var data) ? MaskedData.Of(Form.Profile.Form, data) : null, found.Steps.FirstOrDefault(s => s.Step == step.Key)?.SavedAt))],
            Materials = [.. materials.Select(m => new EmployerMaterialView(m.Requirement.Key, m.Requirement.Zh, m.Requirement.En, m.Requirement.Required, m.State, m.Material?.Id, m.Requirement.NoteZh, m.Requirement.NoteEn))],
            Progress = new ProgressView(progress.Done, progress.Steps.Count, progress.IsComplete),
            Gaps = progress.Gaps,
            SubmittedAt = row.SubmittedAt,
            CreatedAt = row.CreatedAt,
            ChangedAt = row.ChangedAt,
            NextActions =
            [
                .. row.Handles ? Form.Profile.Steps.Select(s => new NextAction("save", $"填写{s.Zh}", "PUT", $"{at}/steps/{s.Key}", Name: s.Key)) : [],
                .. row.Handles && progress.IsComplete && row.SubmittedAt is null ? (NextAction[])[new("submit", "提交", "POST", $"{at}/submit")] : [],
                .. row.Handles || row.Oversees ? (NextAction[])[new("replaceHandler", "更换业务经办人", "POST", $"{at}/handlers")] : [],
            ],
        };
    }

    /// <summary>What keeps an employer from filing, by name: empty when its profile is complete and submitted. For other parts; it asks for no right. One round trip.</summary>
    public async Task<IReadOnlyList<ProfileGap>> GapsAsync(string employerId, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(null, employerId, Form, cancellationToken) is not { Row.Version: > 0 } found)
            return [new ProfileGap("", "", EmployerGapCodes.NoProfile, "请先完善单位信息", "Complete the employer's profile first")];
        var (_, progress, _) = await OpenAsync(found, cancellationToken);
        return !progress.IsComplete || found.Row.SubmittedAt is not null ? progress.Gaps
            : [new ProfileGap("", "", ProfileGapCodes.NotSubmitted, "请预览并提交单位信息", "Preview the employer's profile and submit it")];
    }

    /// <summary>The employer, for whoever may read it.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>unavailable</c>.</exception>
    internal async Task<FoundEmployer> FindAsync(Caller caller, string employer, CancellationToken cancellationToken)
    {
        CaseReader.RequireActing(caller);
        return await store.FindAsync(caller, employer, Form, cancellationToken) is { Row: { Sees: true } or { Handles: true } or { Oversees: true } } found ? found : throw NotFound(employer);
    }

    internal async Task<(IReadOnlyDictionary<string, JsonElement> Saved, ProfileProgress Progress, IReadOnlyList<EmployerMaterial> Materials)> OpenAsync(FoundEmployer found, CancellationToken cancellationToken)
    {
        var saved = await profiles.OpenAsync(Form.Profile, found.Profile, cancellationToken);
        var (progress, materials) = EmployerGaps.Of(Form, new EmployerFacts
        {
            Uscc = found.Row.Uscc,
            HasHandler = found.Handlers.Count > 0,
            HandlersHavePhones = found.Handlers.All(h => h.Phone is { Length: > 0 }),
            Saved = saved,
            Materials = found.Materials,
        }, ChinaTime.DateOf(clock.Now));
        return (saved, progress, materials);
    }

    internal EmployerForm Form => content.EmployerProfile ?? throw new WorkflowException(ErrorCodes.Unavailable,
        $"No profile of employers is set up: the content has no file shared/employers/{ProfileForm.FileName}.", "尚未配置单位信息表单。");

    internal static WorkflowException NotFound(string employer) => new(ErrorCodes.NotFound, $"There is no employer '{employer}', or none that this request may see. Check the id.", "没有该单位，或无权查看。");

    internal static HandlerView View(HandlerRow row) => new(row.UserId, row.Name, row.Phone is null ? null : Masking.Phone(row.Phone, MaskingProfile.Officer), row.Email is null ? null : Masking.Email(row.Email, MaskingProfile.Officer));
}
