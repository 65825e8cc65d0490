using System.Text.Json;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>Opens, changes and closes tasks, and lets only those act on one who may at the instant of the commit.</summary>
public sealed class TasksPart : StepPart
{
    /// <summary>The task was decided, cancelled or lapsed.</summary>
    public const string OpenGate = "task_open";

    /// <summary>The user is unknown or inactive, doesn't hold the role, is excluded, or the credential may not act for them.</summary>
    public const string PermittedGate = "task_permitted";

    /// <summary>A task can't be resumed past the checks of who may decide it.</summary>
    public const string DecidedGate = "task_decided";

    /// <summary>The acting user is unknown or inactive.</summary>
    public const string UserGate = "task_user";

    private const NpgsqlDbType Texts = NpgsqlDbType.Array | NpgsqlDbType.Text;
    private const NpgsqlDbType Ids = NpgsqlDbType.Array | NpgsqlDbType.Uuid;
    private const NpgsqlDbType Instants = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz;
    private const NpgsqlDbType Flags = NpgsqlDbType.Array | NpgsqlDbType.Boolean;
    private const NpgsqlDbType Shorts = NpgsqlDbType.Array | NpgsqlDbType.Smallint;

    public override string Name => "tasks";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("task", NpgsqlDbType.Uuid), new("user", NpgsqlDbType.Text), new("resumed", NpgsqlDbType.Uuid),
        new("services", Texts), new("organisations", Texts), new("roles", Texts),
        new("o_id", Ids), new("o_status", Shorts), new("o_due", Instants), new("o_provisional", Flags), new("o_rule", Texts), new("o_calendar", Texts),
        new("o_phase", Shorts), new("o_opinion", Flags), new("o_kind", Texts), new("o_stage", Texts), new("o_name", Texts), new("o_role", Texts),
        new("o_organisation", Texts), new("o_assignee", Texts), new("o_outcomes", Texts), new("o_excluded", Texts),
        new("c_id", Ids), new("c_status", Shorts), new("c_outcome", Texts), new("c_by", Texts), new("c_reason", Texts), new("c_opinion", Texts), new("c_claimed", Texts),
        new("c_due", Instants), new("c_provisional", Flags), new("c_rule", Texts), new("c_calendar", Texts), new("c_escalation", Shorts), new("c_reassign", Flags), new("o_returns", Texts), new("c_barred", Texts), new("c_freed", Texts),
    ];

    private const int Acting = 0, ActingWithLimits = 1, Known = 2, Resumed = 3, OpensOne = 4, OpensMany = 5, DecidesOne = 6, ChangesOne = 7, ChangesMany = 8, Reassigns = 9;

    private static readonly string[] Opening =
    [
        "@o_id", "@o_status", "@o_due", "@o_provisional", "@o_rule", "@o_calendar", "@o_phase", "@o_opinion", "@o_kind",
        "@o_stage", "@o_name", "@o_role", "@o_organisation", "@o_assignee", "@o_outcomes", "@o_excluded", "@o_returns",
    ];

    private static readonly string[] Changing =
    [
        "@c_id", "@c_status", "@c_outcome", "@c_by", "@c_reason", "@c_opinion", "@c_claimed", "@c_due", "@c_provisional",
        "@c_rule", "@c_calendar", "@c_escalation", "@c_reassign", "@c_barred", "@c_freed",
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(Acts("")),
        new(Acts($"""

                and {KeyLimits.Task("@user", "@organisations", "@roles")}
                and (@services::text[] is null or exists (select from approvals.cases c where c.id = @instance and {KeyLimits.Service("@services")}))
            """)),
        new(new StepGate(UserGate, "exists (select from approvals.users u where u.id = @user and u.active)")),
        new(new StepGate(DecidedGate, "not exists (select from approvals.tasks t where t.id = @resumed)")),
        new(Open("tasks_opened", StepSection.Row(Opening))),
        new(Open("tasks_opened_many", StepSection.Rows(Opening))),
        // What nearly every step does, without the columns that only other changes touch.
        new("""
            tasks_decided as (
                update approvals.tasks t set status = @c_status[1], outcome = @c_outcome[1], decided_by = @c_by[1], decided_at = @now, opinion = @c_opinion[1]
                from step where t.id = @c_id[1] and t.case_id = step.id)
            """),
        new(Change("tasks_changed", StepSection.Row(Changing))),
        new(Change("tasks_changed_many", StepSection.Rows(Changing))),
        // Whose superior it goes to is looked up in a tree, which only a step that reassigns is to pay for. Whoever had taken
        // it has it no more: it is open to the superiors. With nobody above, all stays as it is but for a note.
        new(Change("tasks_reassigned", StepSection.Rows(Changing), "s.role is not null", """
            ,
                    role = coalesce(s.role, t.role),
                    organisation_id = case when s.role is null then t.organisation_id else s.organisation_id end,
                    note = case when s.role is not null then null when c.reassign then 'no_superior' else t.note end
            """, """

                left join lateral (
                    select above.role, above.organisation_id from approvals.tasks o cross join lateral approvals.superior_of(o.role, o.organisation_id) above
                    where o.id = c.id and c.reassign limit 1) s on true
            """)),
    ];

    // Both gates of one who acts read the task's row once.
    private static StepGate Acts(string limits) => new(null, $"""
        nullif(coalesce((
            select case
                when t.case_id <> @instance or t.status > 1 then '{OpenGate}'
                when (u.id is not null and {TaskRights.Own("@user")}{limits}) is not true then '{PermittedGate}'
                else '' end
            from approvals.tasks t left join approvals.users u on u.id = @user and u.active
            where t.id = @task), '{OpenGate}'), '')
        """);

    private static string Open(string name, string rows) => $"""
        {name} as (
            insert into approvals.tasks (id, case_id, opened_at, decided_at, status, due_at, due_provisional, due_rule, calendar, phase,
                opinion_required, kind, stage, stage_name, role, organisation_id, assignee, outcomes, excluded, return_to)
            select o.id, step.id, @now, case when o.status > 1 then @now end, o.status, o.due, o.provisional, o.rule, o.calendar, o.phase,
                o.opinion, o.kind, o.stage, o.name, o.role, o.organisation, o.assignee, string_to_array(o.outcomes, ','), string_to_array(o.excluded, ','), o.returns::jsonb
            from step, {rows}
                o(id, status, due, provisional, rule, calendar, phase, opinion, kind, stage, name, role, organisation, assignee, outcomes, excluded, returns))
        """;

    private static string Change(string name, string rows, string moves = "false", string more = "", string joined = "") => $"""
        {name} as (
            update approvals.tasks t set
                status = coalesce(c.status, case when {moves} then 0::smallint end, t.status),
                outcome = coalesce(c.outcome, t.outcome),
                decided_by = coalesce(c.by, t.decided_by),
                decided_at = case when c.status > 1 then @now else t.decided_at end,
                reason = coalesce(c.reason, t.reason),
                opinion = coalesce(c.opinion, t.opinion),
                claimed_by = case when c.status = 1 then c.claimed when c.status = 0 or {moves} then null else t.claimed_by end,
                claimed_at = case when c.status = 1 then @now when c.status = 0 or {moves} then null else t.claimed_at end,
                due_at = coalesce(c.due, t.due_at),
                due_provisional = coalesce(c.provisional, t.due_provisional),
                due_rule = coalesce(c.rule, t.due_rule),
                calendar = coalesce(c.calendar, t.calendar),
                escalation = coalesce(c.escalation, t.escalation),
                assignee = case when {moves} then null else t.assignee end,
                excluded = case when c.barred is null then t.excluded
                    else array(select distinct e.id from unnest(t.excluded || string_to_array(c.barred, ',')) e(id) where not e.id = any(string_to_array(c.freed, ',')) order by e.id) end{more}
            from step, {rows}
                c(id, status, outcome, by, reason, opinion, claimed, due, provisional, rule, calendar, escalation, reassign, barred, freed){joined}
            where t.id = c.id and t.case_id = step.id)
        """;

    public override string BookmarkLookup => "(select case_id from approvals.tasks where id = @bookmark)";

    public override void Bind(StepWrite step, StepParameters values)
    {
        var action = step.Domain as CaseAction;
        var limits = action?.Limits;
        var resumed = action is null && step.Request.Stimulus is Stimulus.Resume resume ? resume.BookmarkId : (Guid?)null;
        values["task"] = action?.TaskId;
        values["user"] = action?.User;
        values["resumed"] = resumed;
        values["services"] = limits?.Services?.ToArray();
        values["organisations"] = limits?.Organisations?.ToArray();
        values["roles"] = limits?.Roles?.ToArray();
        // Who acts with somebody else's right is checked by HandlingPart.
        var ownRight = action is { TaskId: not null, For: null };
        values.SkipUnless(ownRight && limits is null, Acting);
        values.SkipUnless(ownRight && limits is not null, ActingWithLimits);
        values.SkipUnless(action is { TaskId: null, User: not null }, Known);
        values.SkipUnless(resumed is not null, Resumed);

        if (action is TaskDecided { TaskId: { } asked })
            RequireDecidable(step, asked);
        // What an employer owes stays with all of its handlers, whoever of them goes.
        if (action is TaskClaimed { TaskId: { } wanted } && step.Before.Bookmarks.Exists(b => b.Id == wanted && b.Name is TaskKinds.Supplement or TaskKinds.Materials))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Task {wanted} isn't claimed: any handler of the employer hands in what it asks for.", "补正和材料无须领取，由本单位经办人直接提交。");
        var changes = TaskChange.Of(step.Effects, step.Domain);
        List<(OpenTask Task, short Status)>? opened = null;
        foreach (var effect in step.Effects)
            if (effect is OpenTask open)
                (opened ??= []).Add((open, Born(open.Id, changes)));
        if (action is TaskDecided decided)
            step.ReceiptAnswer = JsonSerializer.SerializeToUtf8Bytes(
                new DecisionReceipt(decided.TaskId!.Value, step.InstanceId, step.VersionAfter, decided.Outcome, decided.User!, step.Now, decided.For?.Principal), DecisionReceipt.Json);

        values.SkipUnless(opened is { Count: 1 }, OpensOne);
        values.SkipUnless(opened is { Count: > 1 }, OpensMany);
        if (opened is not null)
            BindOpened(values, opened);
        var reassigns = changes.Exists(c => c.Reassign);
        var decides = changes.Count == 1 && changes[0].OnlyDecides;
        values.SkipUnless(decides, DecidesOne);
        values.SkipUnless(changes.Count == 1 && !decides && !reassigns, ChangesOne);
        values.SkipUnless(changes.Count > 1 && !reassigns, ChangesMany);
        values.SkipUnless(reassigns, Reassigns);
        if (changes.Count > 0)
            BindChanges(values, changes);
    }

    /// <summary>Opened and closed again in one step: the row is born closed, because an update couldn't see it yet.</summary>
    private static short Born(Guid id, List<TaskChange> changes)
    {
        for (var i = 0; i < changes.Count; i++)
            if (changes[i].Id == id)
            {
                var status = changes[i].Status ?? TaskStatusCodes.Open;
                changes.RemoveAt(i);
                return status;
            }
        return TaskStatusCodes.Open;
    }

    /// <summary>Materials, ballots, panels and lists have addresses of their own, where what they hold is checked.</summary>
    private static void RequireDecidable(StepWrite step, Guid task)
    {
        foreach (var bookmark in step.Before.Bookmarks)
            if (bookmark.Id == task && (bookmark.Name is TaskKinds.Supplement or TaskKinds.Materials or TaskKinds.Ballot || bookmark.Name?.StartsWith("panel-", StringComparison.Ordinal) == true || bookmark.Name is TaskKinds.Submission or TaskKinds.SubmissionDecision))
                throw new WorkflowException(ErrorCodes.InvalidRequest,
                    $"Task {task} isn't decided. Materials are handed in by POST /cases/{step.InstanceId}/supplement; panels vote and close under /panels, lists are sealed and settled under /submissions.", "此待办不能直接办结：补正和材料请通过业务的补正接口提交，评审请通过评审会接口办理，名单请通过报送接口办理。");
    }

    private static void BindOpened(StepParameters values, List<(OpenTask Task, short Status)> opened)
    {
        values["o_id"] = Column(opened, o => o.Task.Id);
        values["o_status"] = Column(opened, o => o.Status);
        values["o_due"] = Column(opened, o => o.Task.Due?.At);
        values["o_provisional"] = Column(opened, o => o.Task.Due?.Provisional ?? false);
        values["o_rule"] = Column(opened, o => o.Task.Due?.Rule);
        values["o_calendar"] = Column(opened, o => o.Task.Due?.CalendarVersion);
        values["o_phase"] = Column(opened, o => o.Task.Phase);
        values["o_opinion"] = Column(opened, o => o.Task.OpinionRequired);
        values["o_kind"] = Column(opened, o => o.Task.Kind);
        values["o_stage"] = Column(opened, o => o.Task.Stage);
        values["o_name"] = Column(opened, o => o.Task.StageName);
        values["o_role"] = Column(opened, o => o.Task.Role);
        values["o_organisation"] = Column(opened, o => o.Task.OrganisationId);
        values["o_assignee"] = Column(opened, o => o.Task.Assignee);
        values["o_outcomes"] = Column(opened, o => string.Join(',', o.Task.Outcomes));
        values["o_excluded"] = Column(opened, o => string.Join(',', o.Task.Excluded));
        values["o_returns"] = Column(opened, o => o.Task.ReturnTo.Count == 0 ? null : JsonSerializer.Serialize(o.Task.ReturnTo, JsonSerializerOptions.Web));
    }

    private static void BindChanges(StepParameters values, List<TaskChange> changes)
    {
        values["c_id"] = Column(changes, c => c.Id);
        values["c_status"] = Column(changes, c => c.Status);
        values["c_outcome"] = Column(changes, c => c.Outcome);
        values["c_by"] = Column(changes, c => c.DecidedBy);
        values["c_reason"] = Column(changes, c => c.Reason);
        values["c_opinion"] = Column(changes, c => c.Opinion);
        values["c_claimed"] = Column(changes, c => c.ClaimedBy);
        values["c_due"] = Column(changes, c => c.Due?.At);
        values["c_provisional"] = Column(changes, c => c.Due?.Provisional);
        values["c_rule"] = Column(changes, c => c.Due?.Rule);
        values["c_calendar"] = Column(changes, c => c.Due?.CalendarVersion);
        values["c_escalation"] = Column(changes, c => c.Escalation);
        values["c_reassign"] = Column(changes, c => c.Reassign);
        values["c_barred"] = Column(changes, c => c.Barred is null ? null : string.Join(',', c.Barred));
        values["c_freed"] = Column(changes, c => c.Freed is null ? null : string.Join(',', c.Freed));
    }

    private static TValue[] Column<TRow, TValue>(List<TRow> rows, Func<TRow, TValue> value)
    {
        var column = new TValue[rows.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = value(rows[i]);
        return column;
    }
}
