using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>Reads what a case carries besides its form, under the case's rights (R-PER-2, R-CASE-3, R-CASE-4).</summary>
public sealed partial class FilingReader(NpgsqlDataSource database, ServiceCatalogue services, MaterialStore store, MaterialCarrier carrier, ProfileSnapshots profiles, CaseVault vault, FormVersions forms, DataKeys keys, BusinessClock clock)
{
    private static readonly Worded None = new("none", "申报人尚未登记个人信息，本业务没有基础信息快照", "the applicant has no profile, and the case has none of it");
    private static readonly Worded Open = new("open", "基础信息尚未确认，提交时将留存当时的基础信息", "not confirmed yet: it is taken as it is at submission");
    private static readonly Worded ConfirmedInDraft = new("confirmed", "基础信息已确认，随业务提交", "confirmed; it is filed with the case");
    private static readonly Worded Filed = new("filed", "提交时留存的基础信息，此后的变更不影响本业务", "as it was filed; later changes don't alter it");

    /// <summary>The materials: for who files them as they are there now, for others as they were handed in last.</summary>
    /// <param name="handIn">From 1; null: as said.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>: the case, or the hand-in.</exception>
    public async Task<(long Version, CaseMaterialsView View)> MaterialsAsync(Caller caller, Guid id, int? handIn, CancellationToken cancellationToken)
    {
        var (meeting, package) = await MeetAsync(caller, id, cancellationToken);
        var list = package.Materials;
        var filed = await FilingCase.LoadAsync(database, vault, id, cancellationToken);
        var data = Whole(filed);
        var shown = Shown(meeting, handIn);
        var there = Visible(meeting, list, shown).ToLookup(m => m.Slot);
        var phase = meeting.Reader.Owns ? filed.PhaseInHand : null;
        var sources = await SourcesOfAsync(meeting, shown, cancellationToken);
        return (meeting.Version, new CaseMaterialsView
        {
            CaseId = id,
            HandIn = shown?.Number,
            WarningZh = list.Requirements.WarningZh,
            WarningEn = list.Requirements.WarningEn,
            Slots = [.. list.Slots.Where(s => IsShown(meeting, package, s)).Select(s => View(meeting, list, s, data, sources, [.. there[s.Key]]))],
            Missing = phase is { } now && shown is null ? MaterialCheck.Of(list, now, data, [.. meeting.Record.There.Select(m => m.Filed)], sources, carrier.Scans) : [],
            HandIns = [.. meeting.Record.HandIns.Select(h => new HandInView(h.Number, h.Phase, h.At, h.Materials, h.Sha256))],
            NextActions = phase is null ? [] : [.. list.Slots.Where(s => s.Material.Phase >= phase && s.Applies(data))
                .Select(s => new NextAction("put-material", $"选用附件：{s.Material.Zh}", "PUT", $"/api/v1/cases/{id}/materials/{s.Key}/{{material}}", Name: s.Key))],
        });
    }

    /// <summary>
    /// A material's file, under the name 单位-姓名-材料名称. For whom the case is about, who filed it, and who has something to do with it now;
    /// that somebody else than the applicant fetched it is recorded (R-AUD-2).
    /// </summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>; <c>wrong_state</c>: something was found in it, or it isn't scanned yet; <c>unavailable</c>: this node hasn't the file.</exception>
    public async Task<MaterialDownload> DownloadAsync(Caller caller, Guid id, string slotKey, Guid material, int? handIn, CancellationToken cancellationToken)
    {
        var (meeting, package) = await MeetAsync(caller, id, cancellationToken);
        var list = package.Materials;
        var files = Visible(meeting, list, Shown(meeting, handIn)).Where(m => m.Slot == slotKey).ToArray();
        if (list.Slot(slotKey) is not { } slot || !IsShown(meeting, package, slot) || Array.FindIndex(files, f => f.Id == material) is var place && place < 0)
            throw FilingRefusal.NotInCase(material);
        if (!meeting.SeesAll)
            throw FilingRefusal.Masked();
        var file = files[place];
        if (file.Scan == "found")
            throw MaterialRefusal.Found();
        if (carrier.Scans && file.Scan != "clean" && file.AddedBy != caller.User)
            throw MaterialRefusal.Unscanned();
        var rows = await RowsAsync(meeting, list, slot, material, cancellationToken);
        var held = (await database.QueryAsync("select place from approvals.material_contents where hash = $1", r => r.GetString(0), cancellationToken, file.Hash))[0];
        var content = store.Open(held) ?? throw MaterialRefusal.Lost(material);
        try
        {
            if (meeting.ApplicantId != caller.User)
                await database.QueryAsync("""
                    insert into approvals.material_reads (at, material_id, owner_kind, owner_id, hash, credential, user_id, case_id)
                    select $1, $2, k.owner_kind, k.owner_id, $3, $4, $5, $6 from approvals.case_materials k where k.case_id = $6 and k.slot = $7 and k.material_id = $2 limit 1 returning 1
                    """, r => r.GetInt32(0), cancellationToken, clock.Now, material, file.Hash, caller.Credential, caller.RequireUser(), id, slotKey);
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
        var (unit, person) = meeting.IsBlind ? ("盲审", "申报人") : (meeting.EmployerName, meeting.ApplicantName);
        return new MaterialDownload(content, FileKinds.MediaType(file.Kind), rows is null ? MaterialFileName.For(unit, person, slot.Material.Zh, file.Kind, files.Length == 1 ? null : place + 1)
            : MaterialFileName.For(unit, person, $"{slot.Material.Zh}（{rows}）", file.Kind), file.Hash);
    }

    /// <summary>The rows that name a file, such as 妻子 陈样例; null: no row does, or it isn't to be known what they are called.</summary>
    private async Task<string?> RowsAsync(CaseMeeting meeting, MaterialList list, MaterialSlot slot, Guid material, CancellationToken cancellationToken)
    {
        if (meeting.IsBlind || slot.Group is not { } group || !list.Requirements.RowNames.ContainsKey(group))
            return null;
        var data = Whole(await FilingCase.LoadAsync(database, vault, meeting.Id, cancellationToken));
        return string.Join('、', slot.References(data).Where(r => r.Material == material).Select(r => list.NameOf(group, r.Row!.Value, data)?.Zh).OfType<string>()) is { Length: > 0 } names ? names : null;
    }

    /// <summary>The form of all phases.</summary>
    private static JsonElement Whole(FilingCase filed) => filed.Data(2).ValueKind == JsonValueKind.Object ? filed.With(2, filed.Data(2), replace: true) : filed.Data(1);

    /// <summary>The applicant's profile as the case has it, masked; in full with a reason, which is recorded.</summary>
    /// <param name="full">Whether numbers are to be shown in full.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>; in full: <c>invalid_request</c> without a reason, <c>forbidden</c> for who has nothing to do in the case.</exception>
    public async Task<(long Version, CaseProfileView View)> ProfileAsync(Caller caller, Guid id, bool full, string? reason, CancellationToken cancellationToken)
    {
        var (meeting, _) = await MeetAsync(caller, id, cancellationToken);
        if (full && (meeting.IsBlind || !meeting.SeesAll))
            throw FilingRefusal.Masked();
        var why = full ? ReadReason.Of(reason) ?? throw FilingRefusal.NoReason() : null;
        if (meeting.Record.Profile is not { } kept || profiles.Form is not { } form)
            return (meeting.Version, new CaseProfileView { CaseId = id, State = await StateAsync(meeting, cancellationToken), Full = false, Steps = [] });
        var content = await profiles.OpenAsync(kept, cancellationToken);
        var shown = meeting.IsBlind ? content.Blind(form, [meeting.ApplicantName, meeting.EmployerName]) : full ? content : content.Masked(form);
        // Entered before it is answered: what can't be recorded isn't shown.
        if (full && content.MaskedFields(form) is { Count: > 0 } fields)
            await database.QueryAsync("""
                insert into approvals.data_reads (at, case_id, credential, user_id, fields, purpose, reason) values ($1, $2, $3, $4, $5, 'profile', $6) returning 1
                """, r => r.GetInt32(0), cancellationToken, clock.Now, id, caller.Credential, caller.User, fields.Select(f => $"profile.{f}").ToArray(), why);
        return (meeting.Version, new CaseProfileView
        {
            CaseId = id,
            State = await StateAsync(meeting, cancellationToken),
            TakenAt = kept.TakenAt,
            Sha256 = meeting.IsBlind ? null : kept.Sha256,
            Full = full,
            Identity = meeting.IsBlind ? null : shown.Identity,
            Steps = [.. form.Steps.Where(s => shown.Steps.ContainsKey(s.Key)).Select(s => new CaseProfileStep(s.Key, s.Zh, s.En, shown.Steps[s.Key]))],
        });
    }

    /// <summary>确认基础信息: what differs between the case's profile and the applicant's of now. For them and who filed.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>: a profile of now is no matter of the case's reviewers.</exception>
    public async Task<(long Version, ProfileChangesView View)> ChangesAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var (meeting, _) = await MeetAsync(caller, id, cancellationToken);
        if (!meeting.Reader.Owns)
            throw new WorkflowException(ErrorCodes.Forbidden, "Changes of a profile after it was filed are shown to the applicant and to who filed the case.", "基础信息的后续变更仅申报人及代为申报的经办人可以查看。");
        var now = await profiles.NowAsync(meeting.ApplicantId, cancellationToken);
        var before = meeting.Record.Profile is { } kept && profiles.Form is not null ? await profiles.OpenAsync(kept, cancellationToken) : null;
        var changes = profiles.Form is { } form && now is not null ? ProfileContent.Changes(form, before, ProfileContent.Of(now.Json)) : [];
        return (meeting.Version, new ProfileChangesView
        {
            CaseId = id,
            Since = await StateAsync(meeting, cancellationToken),
            Differs = now is not null && now.Sha256 != meeting.Record.Profile?.Sha256,
            Changes = changes,
            Sha256 = now?.Sha256,
            NextActions = now is null || (await FilingCase.LoadAsync(database, vault, id, cancellationToken)).PhaseInHand is null ? [] : [new NextAction("confirm-profile", "确认基础信息", "POST", $"/api/v1/cases/{id}/profile/confirm")],
        });
    }

    /// <summary>What has to be confirmed for the case, and what was.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<(long Version, IReadOnlyList<ConfirmationView> View)> ConfirmationsAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var (meeting, package) = await MeetAsync(caller, id, cancellationToken);
        return (meeting.Version, [.. Confirmations.Of(package.Materials).Select(c => View(c, c.Given(meeting.Record)))]);

        ConfirmationView View(Confirmation asked, GivenConfirmation? given) => new(asked.Key, asked.Zh, asked.En, asked.TextSha256, given?.At, meeting.IsBlind ? null : given?.By);
    }

    private async Task<(CaseMeeting Meeting, ServicePackage Package)> MeetAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var meeting = await CaseMeeting.ReadAsync(database, caller, id, clock.Now, cancellationToken);
        var package = await services.FindAsync(meeting.Service, meeting.ServiceVersion, cancellationToken)
            ?? throw new WorkflowException(ErrorCodes.Unavailable, $"The content of the service '{meeting.Service}' isn't there: restore its folder.", "该事项的配置暂时无法读取，请联系管理员。");
        return (meeting, await forms.OfCaseAsync(package, meeting.Status, meeting.FormVersion, cancellationToken));
    }

    private async Task<Worded> StateAsync(CaseMeeting meeting, CancellationToken cancellationToken) =>
        meeting.Record.Profile is not null ? meeting.Status == "draft" ? ConfirmedInDraft : Filed
        : meeting.Status == "draft" && await profiles.NowAsync(meeting.ApplicantId, cancellationToken) is not null ? Open : None;

    /// <summary>The hand-in that is shown; null: what is there now.</summary>
    private static FiledHandIn? Shown(CaseMeeting meeting, int? number) =>
        number is { } wanted ? meeting.Record.HandIns.FirstOrDefault(h => h.Number == wanted) ?? throw FilingRefusal.NoHandIn(wanted)
        : meeting.Reader.Owns ? null : meeting.Record.LastHandIn;

    /// <summary>What was there at the hand-in, of the phases that were filed with it; to others than the owner nothing was before the first.</summary>
    private static IEnumerable<CaseMaterial> Visible(CaseMeeting meeting, MaterialList list, FiledHandIn? shown) =>
        shown is { } handIn ? meeting.Record.Materials.Where(m => m.WasThere(handIn.Seq) && (list.Slot(m.Slot)?.Material.Phase ?? 1) <= handIn.Phase)
        : meeting.Reader.Owns ? meeting.Record.There : [];

    /// <summary>Whether the reader gets a slot: no field is hidden from them that names its files.</summary>
    private static bool IsShown(CaseMeeting meeting, ServicePackage package, MaterialSlot slot) => (!meeting.IsBlind || IsForBlind(package, slot))
        && ((slot.Group ?? slot.Field) is not { } field || !HiddenData.Fields(package.Form, meeting.Reader.Stages(package.Service, meeting.DelegatedStages)).Contains(field));

    /// <summary>Whether experts who judge without knowing whom get a slot: the service says that it names nobody, and no field is hidden from them that names its files.</summary>
    private static bool IsForBlind(ServicePackage package, MaterialSlot slot) => slot.Material.Blind
        && ((slot.Group ?? slot.Field) is not { } field || !package.Form.PersonalFields.Contains(field));

    private MaterialSlotView View(CaseMeeting meeting, MaterialList list, MaterialSlot slot, JsonElement data, SourceMap sources, IReadOnlyList<CaseMaterial> files)
    {
        var asked = slot.Material;
        var applies = slot.Applies(data);
        var waived = applies ? list.WaivedAt(slot, data, sources) : null;
        var references = slot.References(data).ToArray();
        var named = references.ToLookup(r => r.Material, r => r.Row);
        return new MaterialSlotView(slot.Key, asked.Zh, asked.En, asked.Phase, asked.Required && applies && waived is null, applies, slot.Group is null ? slot.Field : $"{slot.Group}.{slot.Field}", asked.AllowedTypes,
            asked.MaxMegabytes, slot.MostFiles, asked.NoteZh, asked.NoteEn, [.. files.Select(f => new CaseMaterialView
            {
                Id = f.Id,
                Name = meeting.IsBlind ? asked.Zh : f.Name,
                Kind = f.Kind,
                Size = f.Size,
                Sha256 = f.Hash,
                Rotation = f.Rotation,
                Scan = f.Scan,
                Problem = f.Scan == "found" ? new Worded("found", "未通过病毒扫描，任何人不能打开", "the virus scan found something: nobody gets it")
                    : carrier.Scans && f.Scan != "clean" ? new Worded("unscanned", "尚未完成病毒扫描", "not scanned for viruses yet") : null,
                Rows = slot.Group is null || meeting.IsBlind ? null : [.. named[f.Id].Select(r => r!.Value)],
                Carried = f.Carried,
                AddedAt = f.AddedAt,
                Href = $"/api/v1/cases/{meeting.Id}/materials/{slot.Key}/{f.Id}/content",
            })])
        {
            Waived = waived is { } at ? new WaivedView(asked.WaivedBy!, "已由政务共享数据核验，无需上传", "proven by shared data: not asked for", at) : null,
            Rows = slot.Group is not { } group || meeting.IsBlind ? null : [.. slot.RowsAsked(data).Select(row => (Row: row, Name: list.NameOf(group, row, data)))
                .Select(r => new SlotRowView(r.Row, r.Name?.Zh, r.Name?.En, references.FirstOrDefault(named => named.Row == r.Row)?.Material))],
        };
    }
}
