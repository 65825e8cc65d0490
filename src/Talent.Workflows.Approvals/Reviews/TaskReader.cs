using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>A task as its reader sees it.</summary>
public sealed record TaskView
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required string? CaseNumber { get; init; }
    public required string Service { get; init; }
    public required Named Applicant { get; init; }
    public required Named Employer { get; init; }
    public required string Kind { get; init; }
    public required string Stage { get; init; }
    public required string StageName { get; init; }
    public required Worded Status { get; init; }

    /// <summary>Where its case stands, in the word for whoever does the task.</summary>
    public required Worded CaseStatus { get; init; }
    public required string? Role { get; init; }
    public required string? OrganisationId { get; init; }
    public required string? Assignee { get; init; }
    public required string? ClaimedBy { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public required DateTimeOffset? DueAt { get; init; }
    public required bool DueProvisional { get; init; }

    /// <summary>The evidence: the rule, from <see cref="OpenedAt"/>, on this calendar.</summary>
    public required string? DueRule { get; init; }
    public required string? Calendar { get; init; }
    public required RemainingText? Remaining { get; init; }

    /// <summary>Steps of the escalation ladder behind it.</summary>
    public required int Escalation { get; init; }
    public required IReadOnlyList<string> Outcomes { get; init; }

    /// <summary>Of a correction: what has to be corrected; null: nothing is named.</summary>
    public Correcting.CorrectionsView? Corrections { get; init; }

    /// <summary>What <see cref="Corrections"/> is made of, and the form that labels it: the one that the case was filed with.</summary>
    internal Correcting.Corrections? Asked { get; init; }
    internal string? FormVersion { get; init; }
    public required bool OpinionRequired { get; init; }

    /// <summary>Where it may be returned to, by the reviewer's choice; null: as the stage's connection leads.</summary>
    public IReadOnlyList<ReturnTarget>? ReturnTo { get; init; }
    public required string? DecidedBy { get; init; }
    public required DateTimeOffset? DecidedAt { get; init; }
    public required Worded? Outcome { get; init; }
    public required string? Opinion { get; init; }
    public required string? Reason { get; init; }

    /// <summary>委托: with whose right it was decided, and through which delegations.</summary>
    public string? DecidedFor { get; init; }
    public IReadOnlyList<Guid>? Delegations { get; init; }

    /// <summary>委托: in whose place the reader may decide it; in the list of delegated tasks.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>抄送: how it came to the reader; in the list of copied tasks.</summary>
    public TaskCopy? Copy { get; init; }

    /// <summary>What the reader can do with it now.</summary>
    public IReadOnlyList<NextAction> NextActions { get; init; } = [];

    /// <summary>What an administrator should know: <c>no_superior</c>, it couldn't be reassigned because nobody is above its role.</summary>
    public required Worded? Note { get; init; }
}

/// <summary>A copy of a task. <see cref="ReadAt"/>: 已阅.</summary>
/// <param name="By">Null: the service's own data.</param>
public sealed record TaskCopy(string? By, string? Note, DateTimeOffset At, DateTimeOffset? ReadAt);

/// <summary>Reads tasks: the inbox of a user, and one task.</summary>
public sealed partial class TaskReader(NpgsqlDataSource database, CaseReader cases, ApprovalContent content, ServiceCatalogue services, FormVersions forms, BusinessClock clock, Cursors cursors)
{
    private static readonly string Columns = $"""
        t.id, t.case_id, c.number, c.service, c.applicant_id, a.name, c.employer_id, e.name_zh, t.kind, t.stage, t.stage_name, t.status, t.role, t.organisation_id, t.assignee, t.claimed_by,
        t.opened_at, t.due_at, t.due_provisional, t.due_rule, t.calendar, t.escalation, t.outcomes, t.opinion_required, t.decided_by, t.decided_at, t.outcome, t.opinion, t.reason, t.note,
        t.kind in ({TaskKinds.Seats}) and exists (select from approvals.panels p where p.case_id = t.case_id and p.stage = t.stage and p.blind),
        f.principal, f.chain, c.region, t.return_to, c.status, {PositionWords.OpenStages}, {Correcting.Corrections.Of("t")},
        case when t.kind = '{TaskKinds.Supplement}' then {CaseVault.FormVersion} end
        """;

    private const string Joins = """
        join approvals.cases c on c.id = t.case_id left join approvals.users a on a.id = c.applicant_id left join approvals.organisations e on e.id = c.employer_id
        left join approvals.decisions_for f on f.task_id = t.id
        """;

    /// <summary>What the credential of the user ($1) is limited to: services ($2), organisations ($3), roles ($4).</summary>
    private static readonly string InLimits = $"{KeyLimits.Service("$2")} and {KeyLimits.Task("$1", "$3", "$4")}";

    /// <summary>Whether the task waits for the user ($1).</summary>
    private static readonly string Takes = $"(t.status < 2 and {TaskRights.Own("$1")})";

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<TaskView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var task = await database.SingleAsync($"select {Columns} from approvals.tasks t {Joins} where t.id = $1", Read, cancellationToken, id) ?? throw TaskRefusal.NotFound(id);
        // What somebody can take or has decided is theirs to read, though the case may not be, or be no more: a role at no certain
        // organisation, an expert whose panel is over.
        var own = await database.QueryAsync($"select 1 from approvals.tasks t {Joins} where t.id = $5 and {InLimits} and (t.decided_by = $1 and {TaskRights.InOffice("$1")} or {Takes})", r => r.GetInt32(0), cancellationToken,
            caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), caller.Roles.OrNull(), id);
        if (own.Count == 0 && (await DelegatedAsync(caller, task.CaseId, cancellationToken)).All(d => d.Id != id))
            await cases.RequireVisibleAsync(caller, task.CaseId, cancellationToken);
        // A ballot's task names its expert: to others it isn't there.
        if (task.Kind is TaskKinds.Ballot or TaskKinds.PanelInvitation && task.Assignee != caller.User && !await cases.SeesPanelAsync(caller, task.CaseId, cancellationToken))
            throw TaskRefusal.NotFound(id);
        return await LabelledAsync(task, cancellationToken);
    }

    /// <summary>A task for whoever has just acted on it, whether or not it still is theirs to read.</summary>
    internal async Task<TaskView> ReadAgainAsync(Guid id, CancellationToken cancellationToken) =>
        await LabelledAsync(await database.SingleAsync($"select {Columns} from approvals.tasks t {Joins} where t.id = $1", Read, cancellationToken, id) ?? throw TaskRefusal.NotFound(id), cancellationToken);

    /// <summary>With what has to be corrected in the words of the form that the case was filed with. Nothing is read for a form that was used before, nor for a task without corrections.</summary>
    private async ValueTask<TaskView> LabelledAsync(TaskView task, CancellationToken cancellationToken)
    {
        if (task.Asked?.Items.Any() != true || await services.FindAsync(task.Service, cancellationToken) is not { } package)
            return task;
        return task with { Corrections = task.Asked.View(await forms.SavedWithAsync(package, task.FormVersion, cancellationToken)) };
    }

    private async Task<IReadOnlyList<TaskView>> LabelledAsync(IReadOnlyList<TaskView> tasks, CancellationToken cancellationToken)
    {
        if (!tasks.Any(t => t.Asked is not null))
            return tasks;
        var labelled = new List<TaskView>(tasks.Count);
        foreach (var task in tasks)
            labelled.Add(await LabelledAsync(task, cancellationToken));
        return labelled;
    }

    /// <summary>Whether the task waits for the caller, in their own right or another's.</summary>
    internal async Task<bool> MayActAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        await OwnRightAsync(caller, id, cancellationToken) is [var found] && (found.Own || (await DelegatedAsync(caller, found.Case, cancellationToken)).Any(d => d.Id == id));

    /// <summary>Whether the task waits for the caller, in their own right.</summary>
    internal async Task<bool> MayActInOwnRightAsync(Caller caller, Guid id, CancellationToken cancellationToken) => await OwnRightAsync(caller, id, cancellationToken) is [{ Own: true }];

    private Task<List<(Guid Case, bool Own)>> OwnRightAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        database.QueryAsync($"select t.case_id, {Takes} and {InLimits} from approvals.tasks t {Joins} where t.id = $5", r => (Case: r.GetGuid(0), Own: !r.IsDBNull(1) && r.GetBoolean(1)), cancellationToken,
            caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), caller.Roles.OrNull(), id);

    internal sealed record Actionable(Guid Id, string Kind, IReadOnlyList<string> Outcomes, bool HasAssignee, string? ClaimedBy, IReadOnlyList<ReturnTarget>? ReturnTo = null, string? OnBehalfOf = null)
    {
        /// <summary>The stage of a task that is acted on in somebody else's place; null: in their own.</summary>
        public string? Stage { get; init; }
    }

    /// <summary>The open tasks of a case that the user may act on, with this credential.</summary>
    internal static Task<List<Actionable>> ActionableAsync(NpgsqlDataSource database, Guid caseId, Caller caller, CancellationToken cancellationToken) =>
        database.QueryAsync(ActionableSql, ReadActionable, cancellationToken, caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), caller.Roles.OrNull(), caseId);

    /// <summary>The same as part of a snapshot.</summary>
    internal static IReadOnlyList<Actionable> AddActionable(Snapshot snapshot, Guid caseId, Caller caller) =>
        snapshot.Add(ActionableSql, ReadActionable, caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), caller.Roles.OrNull(), caseId);

    private static readonly string ActionableSql = $"""
        select t.id, t.kind, t.outcomes, t.assignee is not null, t.claimed_by, t.return_to from approvals.tasks t join approvals.cases c on c.id = t.case_id
        where t.case_id = $5 and t.id between approvals.first_task($5) and approvals.last_task($5) and {Takes} and {InLimits}
        order by t.opened_at, t.id
        """;

    private static Actionable ReadActionable(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), r.GetFieldValue<string[]>(2), r.GetBoolean(3), r.Text(4), Targets(r.Text(5)));

    internal static IReadOnlyList<ReturnTarget>? Targets(string? stored) => stored is null ? null : JsonSerializer.Deserialize<ReturnTarget[]>(stored, JsonSerializerOptions.Web);

    internal static Worded OutcomeWord(string code) => DecisionWords.TryParse(code, out var outcome) ? new Worded(code, outcome.Zh(), outcome.En()) : code switch
    {
        "submit" => new Worded(code, "已提交", "handed in"),
        "commit" => new Worded(code, "已提交承诺", "committed"),
        "reveal" => new Worded(code, "已公布", "revealed"),
        "accept" => new Worded(code, "已接受", "accepted"),
        "decline" => new Worded(code, "已谢绝", "declined"),
        "pass" => new Worded(code, "裁定通过", "passed by the chair"),
        "fail" => new Worded(code, "裁定不通过", "not passed by the chair"),
        "fill" => new Worded(code, "已补足专家", "seats filled"),
        "uphold" => new Worded(code, "异议成立", "upheld"),
        "dismiss" => new Worded(code, "异议不成立", "dismissed"),
        _ => new Worded(code, code, code),
    };

    /// <summary>The remaining time; the day before an exclusive end is the last one.</summary>
    internal static RemainingText Remaining(DateTimeOffset dueAt, string? rule, DateTimeOffset now, WorkCalendar calendar)
    {
        var last = ChinaTime.DateOf(dueAt.AddTicks(-1));
        var remaining = RemainingTime.Until(new Deadline
        {
            Rule = rule is null ? DeadlineRule.Workdays(1) : DeadlineRule.Parse(rule), DueAt = dueAt, Provisional = false, CalendarVersion = calendar.Version,
            EventDay = last, FirstDay = last, LastDay = last, Skipped = [],
        }, now, calendar);
        return new RemainingText(remaining.Overdue, remaining.Workdays, remaining.Zh, remaining.En);
    }

    /// <summary>As whom a task is done: what the applicant is asked for is theirs, or their employer's handler's.</summary>
    private static WordReader ReaderOf(string kind, string? role) => role?.StartsWith("employer.", StringComparison.Ordinal) == true ? WordReader.Employer
        : kind is TaskKinds.Supplement or TaskKinds.Materials ? WordReader.Applicant : WordReader.Reviewer;

    private TaskView Read(NpgsqlDataReader r) => Read(r, null);

    private TaskView Read(NpgsqlDataReader r, string? scope) => new()
    {
        Id = r.GetGuid(0),
        CaseId = r.GetGuid(1),
        CaseNumber = r.Text(2),
        Service = r.GetString(3),
        Applicant = r.GetBoolean(30) ? CaseReader.Unnamed : new Named(r.GetString(4), Masking.Name(r.Text(5), MaskingProfile.Officer)),
        Employer = r.GetBoolean(30) ? CaseReader.Unnamed : new Named(r.GetString(6), r.Text(7)),
        Kind = r.GetString(8),
        Stage = r.GetString(9),
        StageName = r.GetString(10),
        Status = new Worded(TaskStatusCodes.Word(r.GetInt16(11)), TaskStatusCodes.Zh(r.GetInt16(11)), TaskStatusCodes.Word(r.GetInt16(11))),
        CaseStatus = PositionWords.Of(content.Find(r.GetString(3))?.Service.Words ?? [], r.GetString(35), r.GetFieldValue<string[]>(36), ReaderOf(r.GetString(8), r.Text(12))),
        Asked = Correcting.Corrections.Read(r.Text(37)),
        FormVersion = r.Text(38),
        Role = r.Text(12),
        OrganisationId = r.Text(13),
        Assignee = r.Text(14),
        ClaimedBy = r.Text(15),
        OpenedAt = r.GetFieldValue<DateTimeOffset>(16),
        DueAt = r.Instant(17),
        DueProvisional = r.GetBoolean(18),
        DueRule = r.Text(19),
        Calendar = r.Text(20),
        Remaining = r.Instant(17) is { } due && r.GetInt16(11) < TaskStatusCodes.Done ? Remaining(due, r.Text(19), clock.Now, content.Calendar.For(r.GetString(33))) : null,
        Escalation = r.GetInt16(21),
        Outcomes = r.GetFieldValue<string[]>(22),
        OpinionRequired = r.GetBoolean(23),
        ReturnTo = Targets(r.Text(34)),
        DecidedBy = r.Text(24),
        DecidedAt = r.Instant(25),
        Outcome = r.Text(26) is { } outcome ? OutcomeWord(outcome) : null,
        Opinion = r.Text(27),
        Reason = r.Text(28),
        Note = r.Text(29) is { } note ? new Worded(note, "应改派上级办理，但该角色没有上级，仍由原办理人办理", "should have been reassigned, but nobody is above this role; it stays where it is") : null,
        DecidedFor = r.Text(31),
        Delegations = r.IsDBNull(32) ? null : r.GetFieldValue<Guid[]>(32),
        OnBehalfOf = scope == TaskScopes.Delegated ? r.Text(39) : null,
        Copy = scope == TaskScopes.Copied ? new TaskCopy(r.Text(39), r.Text(40), r.GetFieldValue<DateTimeOffset>(41), r.Instant(42)) : null,
    };
}
