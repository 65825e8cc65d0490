using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Reads cases, always from the database and only for those whom they concern (R-CASE-9).</summary>
public sealed class CaseReader(NpgsqlDataSource database, ServiceCatalogue services, PromiseReader promises, CaseVault vault, Forms.FormVersions forms, WorkCalendar calendar, BusinessClock clock, Cursors cursors)
{
    /// <summary>
    /// Who may read ($1): the applicant, the handlers of the employer that filed it, officers of its three organisations, and whoever has
    /// or had a task in it — an expert for as long as they have their seat, a handler for as long as they are one. Always in a capacity that the credential's services ($2), organisations
    /// ($3) and roles let the user act in.
    /// </summary>
    /// <param name="roles">The parameter with the roles that the credential is limited to.</param>
    private static string Visible(string roles) => $"""
        {KeyLimits.Service("$2")} and (
         $1::text is null and {roles}::text[] is null and c.submitted_at is not null and ($3::text[] is null or c.employer_id = any($3) or c.unit_id = any($3) or c.bureau_id = any($3))
         or {KeyLimits.Owner("$1", "$3", roles)}
         or c.status <> 'draft' and c.submitted_at is not null and exists (select from approvals.user_roles r where r.user_id = $1 and r.role not in ('applicant', 'expert') and r.organisation_id in (c.employer_id, c.unit_id, c.bureau_id)
             and {KeyLimits.Office("$3", roles)})
         or exists (select from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and $1 in (t.assignee, t.decided_by, t.claimed_by)
             and {KeyLimits.Task("$1", "$3", roles)}
             and t.kind not in ('{TaskKinds.Supplement}', '{TaskKinds.Materials}')
             and {TaskRights.InOffice("$1")}
             and (t.kind <> '{TaskKinds.PanelInvitation}' or t.status < {TaskStatusCodes.Done})
             and (t.kind <> '{TaskKinds.Ballot}' or t.status < {TaskStatusCodes.Done} or t.outcome = 'cast' and exists (
                 select from approvals.panels p where p.case_id = c.id and p.stage = t.stage and p.opened_at <= t.opened_at and p.status < {(int)PanelStatus.Closed})))
         or {roles}::text[] is null and exists (select from approvals.copies k join approvals.users u on u.id = k.user_id and u.active
             where k.case_id = c.id and k.user_id = $1 and ($3::text[] is null or u.organisation_id = any($3))))
        """;

    /// <summary>
    /// Who sits on a panel is for its secretary alone, and for each expert their own seat: never for the applicant, whatever
    /// roles they hold. As <see cref="Panels.PanelReader"/> decides; $1 is the user, $3 the organisations.
    /// </summary>
    /// <param name="roles">The parameter with the roles that the credential is limited to.</param>
    private static string SeesPanel(string roles) => $"""
        exists (select from approvals.panels p join approvals.user_roles r on r.role = p.secretary_role and (p.organisation_id is null or r.organisation_id = p.organisation_id)
            where p.case_id = c.id and r.user_id = $1 and c.applicant_id <> $1 and ({roles}::text[] is null or p.secretary_role = any({roles}))
            and ($3::text[] is null or p.organisation_id is null or p.organisation_id = any($3)))
        """;

    /// <summary>Whether the user ($1) meets the case as an expert who isn't to know whom it is about: neither its applicant nor an officer of its organisations.</summary>
    private static readonly string Blind = $"""
        ({KeyLimits.Own("$1")} is not true
         and exists (select from approvals.tasks t join approvals.panels p on p.case_id = t.case_id and p.stage = t.stage and p.blind
            where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and t.kind in ({TaskKinds.Seats}) and t.assignee = $1)
         and not exists (select from approvals.user_roles r where r.user_id = $1 and r.role not in ('applicant', 'expert') and r.organisation_id in (c.employer_id, c.unit_id, c.bureau_id)))
        """;

    /// <summary>Who isn't to be known by name.</summary>
    internal static readonly Named Unnamed = new("", "（盲审）");

    private static string OpenTasks(string roles) => $"""
        (select json_agg(json_build_object('taskId', t.id, 'stage', t.stage, 'name', t.stage_name, 'kind', t.kind, 'openedAt', t.opened_at, 'dueAt', t.due_at,
            'provisional', t.due_provisional, 'rule', t.due_rule, 'region', c.region) order by t.opened_at, t.id)
         from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and t.status < 2
             and (t.kind not in ({TaskKinds.Seats}) or t.assignee = $1 or {SeesPanel(roles)}))::text
        """;

    /// <summary>What the open corrections of the case ask for.</summary>
    private static readonly string Correction = Corrections.Open("c.id");

    /// <summary>One round trip; a second where what is shown in full has to be recorded.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, or it doesn't concern the caller.</exception>
    /// <param name="reason">Why the reader needs it, in their words; recorded when something is shown in full.</param>
    public async Task<CaseView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken, string? reason = null) => (await SeenAsync(caller, id, reason, cancellationToken)).View;

    /// <inheritdoc cref="ReadAsync"/>
    internal async Task<SeenCase> SeenAsync(Caller caller, Guid id, string? reason, CancellationToken cancellationToken)
    {
        RequireActing(caller);
        var snapshot = new Snapshot(database);
        var delegated = new DelegatedTasks(snapshot, caller, id, clock.Now);
        var found = snapshot.Add($"""
            select c.id, i.version, c.number, c.service, c.status, c.phase, c.applicant_id, a.name, c.filed_by, c.employer_id, e.name_zh, c.unit_id, u.name_zh, c.bureau_id, b.name_zh,
                c.end_reason, i.incidents, c.created_at, c.submitted_at, c.ended_at,
                {CaseVault.Phases}, {OpenTasks("$5")},
                {Readership("$5")}, {CasesPart.Withdrawable}, {ServiceCatalogue.LastVersion("c.service")},
                (select array_agg(k.confirmation || ' ' || k.text_sha256) from approvals.case_confirmations k where k.case_id = c.id),
                c.round, c.previous_id, {CaseRound.NextId}, exists (select from approvals.cases d where d.id = {CaseRound.NextId} and d.submitted_at is null), {PositionWords.OpenStages}, {PositionWords.Reader("$1")}, {CaseVault.FormVersion}, {Correction}
            from approvals.cases c join engine.instances i on i.id = c.id
            left join approvals.users a on a.id = c.applicant_id left join approvals.organisations e on e.id = c.employer_id
            left join approvals.organisations u on u.id = c.unit_id left join approvals.organisations b on b.id = c.bureau_id
            where c.id = $4
            """, r => (View: View(r), Reader: CaseReadership.Read(r, 22), Withdrawable: r.GetBoolean(28), Version: r.Text(29), Phases: r.Text(20), Confirmed: r.IsDBNull(30) ? (string[])[] : r.GetFieldValue<string[]>(30),
                NextIsDraft: r.GetBoolean(34), Open: r.GetFieldValue<string[]>(35), As: (WordReader)r.GetInt16(36), Form: r.Text(37), Asked: r.Text(38)),
            caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), id, caller.Roles.OrNull());
        var own = TaskReader.AddActionable(snapshot, id, caller);
        var promise = PromiseReader.Add(snapshot, id);
        await snapshot.ReadAsync(cancellationToken);

        if (found is not [var (view, reader, withdrawable, version, phases, confirmed, nextIsDraft, open, @as, formVersion, asked)] || !reader.Sees && delegated.Tasks.Count == 0)
            throw CaseRefusal.NotFound(id);
        var package = await services.FindAsync(view.Service.Code, version, cancellationToken);
        if (package is not null)
            package = await forms.OfCaseAsync(package, view.Status.Code, formVersion, cancellationToken);
        if (package is not null)
            view = view with { Service = new Worded(package.Service.Id, package.Service.Zh, package.Service.En), Status = PositionWords.Of(package.Service.Words, view.Status.Code, open, @as), Corrections = Corrections.Read(asked)?.View(package) };
        view = view with
        {
            FormVersion = formVersion,
            NextCaseId = reader.Owns || !nextIsDraft ? view.NextCaseId : null,
            // What an earlier round said of a phase that this one hasn't come to yet is still the applicant's own.
            Data = (await vault.OpenAsync(id, phases, cancellationToken)).Where(d => reader.Owns || d.Key <= view.Phase).ToDictionary(d => d.Key.ToString(CultureInfo.InvariantCulture), d => d.Value),
            Promise = promises.Total(promise.Row, promise.Pauses(package)),
            NextActions = caller.User is { } user ? [.. Actions(view, user, reader.Owns, reader.Owns && withdrawable, own, delegated.Tasks), .. reader.Owns ? ToConfirm(view, package, confirmed) : [], .. reader.Owns ? ToRefile(view, package) : []] : [],
        };
        var reading = new SeenCase(view, package, reader.Owns, package is null ? new HashSet<string>() : Forms.HiddenData.Fields(package.Form, reader.Stages(package.Service, delegated.Tasks.Select(t => t.Stage))));
        if (reading.Hidden.Count > 0)
            view = view with { Data = view.Data.ToDictionary(d => d.Key, d => Forms.HiddenData.Without(d.Value, reading.Hidden)), Corrections = Corrections.Read(asked)?.View(package!, reading.Hidden) };
        if (!reader.Owns && reader.Blind)
            return reading with { View = view with
            {
                Applicant = Unnamed, FiledBy = "", Corrections = null, Employer = Unnamed, ResponsibleUnit = null,
                Data = package is null ? new Dictionary<string, JsonElement>() : view.Data.ToDictionary(d => d.Key, d => Forms.BlindData.Of(package.Form, d.Value, [view.Applicant.Name, view.Employer.Name])),
            } };
        // In full for whom it is about, for who filed it, and for who has something to do with it now (R-AUD-2).
        if (!reader.Owns && view.NextActions.Count > 0 && view.Applicant.Id != caller.User)
            await RecordAsync(caller, view, package, reason, cancellationToken);
        return reading with
        {
            View = reader.Owns || view.NextActions.Count > 0 || package is null ? view : view with { Data = view.Data.ToDictionary(d => d.Key, d => Forms.MaskedData.Of(package.Form, d.Value)) },
        };
    }

    /// <summary>Columns of <see cref="CaseReadership"/> over the case <c>c</c>; the parameters are those of <see cref="Visible"/>.</summary>
    internal static string Readership(string roles) => $"""
        ({Visible(roles)}) is true, ($1::text is not null and {KeyLimits.Service("$2")} and {KeyLimits.Owner("$1", "$3", roles)}) is true, {SeesPanel(roles)}, {Blind} is true,
                array(select distinct r.role from approvals.user_roles r where r.user_id = $1 and r.organisation_id in (c.employer_id, c.unit_id, c.bureau_id)),
                array(select distinct t.stage from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id)
                    and ($1 in (t.assignee, t.decided_by, t.claimed_by) or {TaskRights.Holds("$1")}))
        """;

    private CaseView View(NpgsqlDataReader r) => new()
    {
        Id = r.GetGuid(0),
        Version = r.GetInt64(1),
        Number = r.Text(2),
        Service = new Worded(r.GetString(3), r.GetString(3), r.GetString(3)),
        Status = Word(r.GetString(4)),
        Phase = r.GetInt16(5),
        Round = r.GetInt16(31),
        PreviousCaseId = r.IsDBNull(32) ? null : r.GetGuid(32),
        NextCaseId = r.IsDBNull(33) ? null : r.GetGuid(33),
        Applicant = new Named(r.GetString(6), r.Text(7)),
        FiledBy = r.GetString(8),
        Employer = new Named(r.GetString(9), r.Text(10)),
        ResponsibleUnit = r.IsDBNull(11) ? null : new Named(r.GetString(11), r.Text(12)),
        Bureau = r.IsDBNull(13) ? null : new Named(r.GetString(13), r.Text(14)),
        EndReason = r.Text(15),
        Incidents = r.GetInt32(16),
        CreatedAt = r.GetFieldValue<DateTimeOffset>(17),
        SubmittedAt = r.Instant(18),
        EndedAt = r.Instant(19),
        Data = new Dictionary<string, JsonElement>(),
        Stages = Stages(r.Text(21)),
        NextActions = [],
    };

    /// <summary>Enters a read of unmasked data before it is answered: what can't be recorded isn't shown.</summary>
    private Task RecordAsync(Caller caller, CaseView view, Packages.ServicePackage? service, string? reason, CancellationToken cancellationToken)
    {
        string[] fields = service is null
            ? [.. view.Data.Keys.Select(phase => $"{phase}.*")]
            : [.. view.Data.SelectMany(d => Forms.MaskedData.FieldsOf(service.Form, d.Value).Select(f => $"{d.Key}.{f}"))];
        if (fields.Length == 0)
            return Task.CompletedTask;
        var purpose = string.Join(' ', view.NextActions.Select(a => a.Action).Distinct(StringComparer.Ordinal));
        return database.QueryAsync("""
            insert into approvals.data_reads (at, case_id, credential, user_id, fields, purpose, reason) values ($1, $2, $3, $4, $5, $6, $7) returning 1
            """, r => r.GetInt32(0), cancellationToken, clock.Now, view.Id, caller.Credential, caller.User, fields, purpose, ReadReason.Of(reason));
    }

    public async Task<Page<CaseSummary>> ListAsync(Caller caller, CaseFilter filter, CancellationToken cancellationToken)
    {
        RequireActing(caller);
        var list = $"cases|{filter.Service}|{filter.Status}|{filter.Employer}|{filter.Applicant}";
        Guid? after = cursors.Read(list, filter.Cursor) is { } position ? Guid.Parse(position) : null;
        if (filter.Status is { Length: > 0 } status && StatusWord.Find(status) is null)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"There is no status '{status}'. Use one of {string.Join(", ", StatusWord.All.Select(w => w.Code))}.", "没有该状态。");
        var limit = Math.Clamp(filter.Limit, 1, 200);
        var rows = await database.QueryAsync($"""
            select c.id, c.number, c.service, c.status, c.phase, c.applicant_id, a.name, c.employer_id, e.name_zh, c.created_at, c.submitted_at, c.ended_at, {OpenTasks("$10")}, {Blind}, c.round, {PositionWords.OpenStages}, {PositionWords.Reader("$1")}
            from approvals.cases c left join approvals.users a on a.id = c.applicant_id left join approvals.organisations e on e.id = c.employer_id
            where {Visible("$10")} and ($4::uuid is null or c.id < $4) and ($5::text is null or c.service = $5) and ($6::text is null or c.status = $6)
              and ($7::text is null or c.employer_id = $7) and ($8::text is null or c.applicant_id = $8)
            order by c.id desc limit $9
            """, r => new CaseSummary
            {
                Id = r.GetGuid(0),
                Number = r.Text(1),
                Service = r.GetString(2),
                Status = PositionWords.Of(services.WordsOf(r.GetString(2)), r.GetString(3), r.GetFieldValue<string[]>(15), (WordReader)r.GetInt16(16)),
                Phase = r.GetInt16(4),
                Round = r.GetInt16(14),
                Applicant = r.GetBoolean(13) ? Unnamed : new Named(r.GetString(5), Masking.Name(r.Text(6), MaskingProfile.Officer)),
                Employer = r.GetBoolean(13) ? Unnamed : new Named(r.GetString(7), r.Text(8)),
                CreatedAt = r.GetFieldValue<DateTimeOffset>(9),
                SubmittedAt = r.Instant(10),
                EndedAt = r.Instant(11),
                Stages = Stages(r.Text(12)),
            }, cancellationToken, caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), after.OrNull(), Empty(filter.Service), Empty(filter.Status), Empty(filter.Employer), Empty(filter.Applicant), limit + 1, caller.Roles.OrNull());
        return rows.Count > limit ? new Page<CaseSummary>(rows[..limit], cursors.Write(list, rows[limit - 1].Id.ToString())) : new Page<CaseSummary>(rows, null);
    }

    /// <summary>Everything that happened, oldest first, with the opinions; who sits on a panel only for those who may know.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<IReadOnlyList<HistoryEntry>> HistoryAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await RequireVisibleAsync(caller, id, cancellationToken);
        var seats = await SeesPanelAsync(caller, id, cancellationToken);
        var blind = await IsBlindAsync(caller, id, cancellationToken);
        return await database.QueryAsync($"""
            select a.seq, a.at, a.action, a.stage, t.stage_name, case when shown.yes then a.user_id end, u.name, a.service_id, a.from_status, a.to_status, t.outcome, t.opinion, case when shown.yes then a.details end, c.service, {PositionWords.Reader("$3")}
            from approvals.audit a join approvals.cases c on c.id = a.case_id
            cross join lateral (select $2 or a.user_id is not distinct from $3::text and $3 is not null or not (a.action like 'panel.%' or exists (
                select from approvals.tasks b where b.case_id = a.case_id and b.id between approvals.first_task(a.case_id) and approvals.last_task(a.case_id)
                and b.kind in ({TaskKinds.Seats}) and b.assignee = a.user_id)) as yes) shown
            left join approvals.users u on u.id = a.user_id
            left join lateral (
                select t.stage_name, case when t.decided_at = a.at and (t.status = 2 or t.reason = 'recalled') then t.outcome end as outcome, case when t.decided_at = a.at and (t.status = 2 or t.reason = 'recalled') then t.opinion end as opinion
                from approvals.tasks t
                where t.case_id = a.case_id and t.id between approvals.first_task(a.case_id) and approvals.last_task(a.case_id) and t.stage = a.stage and t.opened_at <= a.at
                order by t.decided_at = a.at desc nulls last, t.opened_at desc limit 1) t on true
            where a.case_id = $1 order by a.seq limit 1000
            """, r => new HistoryEntry
            {
                Seq = r.GetInt64(0),
                At = r.GetFieldValue<DateTimeOffset>(1),
                Action = r.GetString(2),
                Stage = r.Text(3),
                StageName = r.Text(4),
                User = r.IsDBNull(5) || (blind && r.GetString(5) != caller.User) ? null : new Named(r.GetString(5), r.Text(6)),
                Credential = r.GetString(7),
                FromStatus = r.Text(8),
                ToStatus = r.Text(9),
                Status = r.Text(9) is { } code ? PositionWords.Of(services.WordsOf(r.GetString(13)), code, [], (WordReader)r.GetInt16(14)) : null,
                Outcome = r.Text(10) is { } outcome ? TaskReader.OutcomeWord(outcome) : null,
                Opinion = blind ? null : r.Text(11),
                // What a step notes of itself may name organisations.
                Details = !blind && r.Text(12) is { } details ? JsonSerializer.Deserialize<JsonElement>(details) : null,
            }, cancellationToken, id, seats, caller.User);
    }

    /// <summary>Whether the caller judges the case without knowing whom it is about.</summary>
    internal async Task<bool> IsBlindAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        (await database.QueryAsync($"select 1 from approvals.cases c where c.id = $2 and {Blind}", r => r.GetInt32(0), cancellationToken, caller.User, id)).Count > 0;

    /// <summary>Whether the caller may know who sits on the case's panels.</summary>
    internal async Task<bool> SeesPanelAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        (await database.QueryAsync($"select 1 from approvals.cases c where c.id = $4 and ($2::text[] is null or c.service = any($2)) and {SeesPanel("$5")}", r => r.GetInt32(0), cancellationToken,
            caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), id, caller.Roles.OrNull())).Count > 0;

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task RequireVisibleAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        RequireActing(caller);
        var rows = await database.QueryAsync($"select 1 from approvals.cases c where c.id = $4 and {Visible("$5")}", r => r.GetInt32(0), cancellationToken,
            caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), id, caller.Roles.OrNull());
        if (rows.Count == 0 && (await TaskReader.DelegatedAsync(database, caller, id, clock.Now, cancellationToken)).Count == 0)
            throw CaseRefusal.NotFound(id);
    }

    /// <summary>What the user can do now, as far as the credential goes.</summary>
    private static List<NextAction> Actions(CaseView view, string user, bool owns, bool withdrawable, IReadOnlyList<TaskReader.Actionable> own, IReadOnlyList<TaskReader.Actionable> delegated)
    {
        var actions = new List<NextAction>();
        var at = $"/api/v1/cases/{view.Id}";
        if (owns && view.Status.Code == "draft")
        {
            actions.Add(new("save", "保存", "PUT", $"{at}/data"));
            actions.Add(new("submit", "提交", "POST", $"{at}/submit"));
        }
        if (withdrawable)
            actions.Add(new("withdraw", view.Status.Code == "draft" ? "放弃草稿" : "撤回", "POST", $"{at}/withdraw"));
        foreach (var task in (IEnumerable<TaskReader.Actionable>)[.. own, .. delegated.Where(d => own.All(o => o.Id != d.Id))])
        {
            var href = $"/api/v1/tasks/{task.Id}";
            if (task.Kind is TaskKinds.Supplement or TaskKinds.Materials)
            {
                actions.Add(new("save", "保存", "PUT", $"{at}/data", task.Id));
                actions.Add(new("supplement", task.Kind == TaskKinds.Materials ? "提交材料" : "提交补正", "POST", $"{at}/supplement", task.Id));
                continue;
            }
            if (task.Kind is TaskKinds.Review or TaskKinds.Objection)
                actions.Add(new("decide", "办理", "POST", $"{href}/decide", task.Id, task.Outcomes) { OnBehalfOf = task.OnBehalfOf, ReturnTo = task.ReturnTo });
            if (task.OnBehalfOf is not null)
                continue;
            if (task is { HasAssignee: false, ClaimedBy: null })
                actions.Add(new("claim", "领取", "POST", $"{href}/claim", task.Id));
            else if (task.ClaimedBy == user)
                actions.Add(new("release", "退回待办", "POST", $"{href}/release", task.Id));
        }
        return actions;
    }

    /// <summary>What has to be confirmed before a draft is handed in.</summary>
    private static IEnumerable<NextAction> ToConfirm(CaseView view, Packages.ServicePackage? package, string[] confirmed) => view.Status.Code != "draft" || package is null ? []
        : Confirmations.Of(package.Materials).Where(c => !confirmed.Contains($"{c.Key} {c.TextSha256}"))
            .Select(c => new NextAction("confirm", "确认涉密提示", "POST", $"/api/v1/cases/{view.Id}/confirmations/{c.Key}", Name: c.Key));

    /// <summary>重新申请 or 重新申报, as its service calls it, of an ended case that has no next round yet.</summary>
    private static IEnumerable<NextAction> ToRefile(CaseView view, Packages.ServicePackage? package) =>
        view is { EndedAt: not null, NextCaseId: null, SubmittedAt: not null } && package?.Service.Refile is { } rule && Refiling.Follows(package.Service, view.Status.Code)
            ? [new NextAction("refile", rule.Zh, "POST", $"/api/v1/cases/{view.Id}/refile")] : [];

    /// <summary>A role is somebody's: without a user there is nobody who could act in it.</summary>
    internal static void RequireActing(Caller caller)
    {
        if (caller.Roles is not null && caller.User is null)
            throw new WorkflowException(ErrorCodes.Forbidden, "This key may act in certain roles only, so it reads for a user who holds one. Name them in the header Talent-User.", "此密钥限定了角色，须在请求头 Talent-User 中指明经办人。");
    }

    private List<CaseStage> Stages(string? json)
    {
        if (json is null)
            return [];
        var stages = new List<CaseStage>();
        using var document = JsonDocument.Parse(json);
        foreach (var task in document.RootElement.EnumerateArray())
        {
            DateTimeOffset? due = task.GetProperty("dueAt") is { ValueKind: JsonValueKind.String } text ? text.GetDateTimeOffset().ToUniversalTime() : null;
            stages.Add(new CaseStage
            {
                TaskId = task.GetProperty("taskId").GetGuid(),
                Stage = task.GetProperty("stage").GetString()!,
                Name = task.GetProperty("name").GetString()!,
                Kind = task.GetProperty("kind").GetString()!,
                OpenedAt = task.GetProperty("openedAt").GetDateTimeOffset().ToUniversalTime(),
                DueAt = due,
                DueProvisional = task.GetProperty("provisional").GetBoolean(),
                Remaining = due is { } at ? TaskReader.Remaining(at, task.GetProperty("rule").GetString(), clock.Now, calendar.For(task.GetProperty("region").GetString())) : null,
            });
        }
        return stages;
    }

    private static Worded Word(string code) => PositionWords.Of([], code, [], WordReader.Reviewer);

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
