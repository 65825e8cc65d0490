using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Reads the time of a case, for whoever may read the case.</summary>
public sealed class ClockReader(NpgsqlDataSource database, CaseReader cases, PromiseReader promises, ServiceCatalogue services, BusinessClock clock)
{
    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<CaseClockView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, id, cancellationToken);
        var seats = await cases.SeesPanelAsync(caller, id, cancellationToken);
        var snapshot = new Snapshot(database);
        var service = snapshot.Add($"select c.service, {ServiceCatalogue.LastVersion("c.service")} from approvals.cases c where c.id = $1", r => (Id: r.GetString(0), Version: r.Text(1)), id);
        var promise = PromiseReader.Add(snapshot, id);
        // An expert's task names its expert.
        var stages = snapshot.Add($"""
            select t.id, t.stage, t.stage_name, t.opened_at, t.decided_at, t.due_at, t.due_rule, t.due_provisional, t.calendar from approvals.tasks t
            where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and ($2 or t.kind not in ({TaskKinds.Seats})) order by t.opened_at, t.id
            """, r => Limit(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetFieldValue<DateTimeOffset>(3), r.Instant(4), r.Instant(5), r.Text(6), r.GetBoolean(7), r.Text(8)), id, seats);
        var extensions = snapshot.Add("""
            select id, limit_kind, nullif(stage, ''), status, asked_at, asked_by, reason, document, decided_at, decided_by, opinion from approvals.extensions where case_id = $1 order by asked_at, id
            """, r => new ExtensionView(r.GetGuid(0), r.GetString(1), r.Text(2), Word((ExtensionStatus)r.GetInt16(3)), r.GetFieldValue<DateTimeOffset>(4), r.GetString(5), r.GetString(6), r.Text(7), r.Instant(8), r.Text(9), r.Text(10)), id);
        var marks = snapshot.Add($"{MarkReader.Select} where m.case_id = $1 order by m.at, m.id", MarkReader.Read, id);
        var changes = snapshot.Add($"select limit_kind, stage, task_id, cause, at, old_due, new_due, provisional, calendar from approvals.deadline_changes where case_id = $1 and ($2 or task_id is null or not exists (select from approvals.tasks t where t.id = task_id and t.kind in ({TaskKinds.Seats}))) order by at, id",
            r => new DeadlineChangeView(r.GetString(0), r.Text(1), r.IsDBNull(2) ? null : r.GetGuid(2), r.GetString(3), r.GetFieldValue<DateTimeOffset>(4), r.GetFieldValue<DateTimeOffset>(5), r.GetFieldValue<DateTimeOffset>(6), r.GetBoolean(7), r.GetString(8)), id, seats);
        await snapshot.ReadAsync(cancellationToken);
        var (row, pauses) = (promise.Row, promise.Pauses(await services.FindAsync(service[0].Id, service[0].Version, cancellationToken)));
        return new CaseClockView
        {
            CaseId = id,
            StoppedBy = pauses.FirstOrDefault(p => p.To is null && p.Limits.Contains(LimitKinds.Total))?.Ground,
            AcceptBy = row?.AcceptBy,
            AcceptedAt = row?.AcceptedAt,
            Total = promises.Total(row, pauses),
            Stages = stages,
            Pauses = pauses,
            Extensions = extensions,
            Marks = marks,
            Changes = changes,
        };
    }

    private LimitView Limit(Guid task, string stage, string name, DateTimeOffset opened, DateTimeOffset? closed, DateTimeOffset? due, string? rule, bool provisional, string? calendar)
    {
        var late = due is { } end && (closed ?? clock.Now) >= end;
        var last = due is { } at ? Promise.Date(at.AddTicks(-1)) : null;
        return new LimitView
        {
            TaskId = task, Stage = stage, Name = name, OpenedAt = opened, ClosedAt = closed, DueAt = due, Rule = rule, Provisional = provisional, Calendar = calendar, Late = late,
            Zh = last is null ? $"{name}：不限期" : $"{name}：{Promise.Date(opened)}开始，期限{rule}，{last}截止{(provisional ? "（暂定）" : "")}{(late ? "，已超期" : "")}",
            En = due is null ? $"{stage}: no limit" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{stage}: from {ChinaTime.DateOf(opened):yyyy-MM-dd}, {rule}, until {ChinaTime.DateOf(due.Value.AddTicks(-1)):yyyy-MM-dd}{(provisional ? " (provisional)" : "")}{(late ? ", late" : "")}"),
        };
    }

    private static Worded Word(ExtensionStatus status) => status switch
    {
        ExtensionStatus.Asked => new Worded("asked", "待批准", "asked"),
        ExtensionStatus.Granted => new Worded("granted", "已批准", "granted"),
        _ => new Worded("refused", "未批准", "refused"),
    };
}
