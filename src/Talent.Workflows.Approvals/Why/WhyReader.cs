using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Why;

/// <summary>
/// Answers why a case is where it is, for whoever may read the case. Tables and workflow state are read at one instant, in one
/// round trip; the definition is the node's own, because a version never changes (a second one when the node hasn't met it yet).
/// </summary>
/// <remarks>Source: R-REV-1, 4, 5, 7, 9. Who can act is told by the rule of the gates (<see cref="TaskRights"/>, <see cref="DelegationRules"/>); what falls due, by the activities themselves.</remarks>
public sealed class WhyReader(NpgsqlDataSource database, DefinitionStore definitions, ServiceCatalogue services, PromiseReader promises, WorkCalendar calendar, BusinessClock clock)
{
    /// <summary>People looked at for one case; a stage of a whole city's officers names the first of them.</summary>
    private const int MostPeople = 500;

    private const string Open = "t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and t.status < 2";

    /// <summary>Who would act on the task: the one it is given to, else the holders of its role.</summary>
    private const string Candidates = """
        (select t.assignee as id where t.assignee is not null
         union select r.user_id from approvals.user_roles r where t.assignee is null and r.role = t.role and (t.organisation_id is null or r.organisation_id = t.organisation_id))
        """;

    private static readonly string DelegatesSql = $"""
        with recursive down (id, delegate, length) as (
            select d.id, d.delegate, 1 from approvals.delegations d where d.revoked_at is null and d.from_at <= $2 and d.until_at > $2
                and d.principal in (select x.id from approvals.tasks t cross join lateral {Candidates} x where {Open} and {TaskRights.Delegable})
            union
            select d.id, d.delegate, w.length + 1 from down w join approvals.delegations d on d.principal = w.delegate and d.revoked_at is null and d.from_at <= $2 and d.until_at > $2
            where w.length < {DelegationRules.LongestChain})
        select {Delegations.Columns}, u.active, u.name from approvals.delegations d join approvals.users u on u.id = d.delegate
        where d.id in (select down.id from down) order by d.id limit {MostPeople}
        """;

    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, or it doesn't concern the caller.</exception>
    public async Task<CaseWhyView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        CaseReader.RequireActing(caller);
        var (now, names, snapshot) = (clock.Now, new Dictionary<string, string>(StringComparer.Ordinal), new Snapshot(database));
        var found = snapshot.Add($"""
            select c.id, c.service, c.status, c.applicant_id, coalesce((select min(h.user_id) from {HandlerRights.OfCase} h), c.filed_by), c.region, c.ended_at is not null, i.version, i.definition_version_id, i.state, {ServiceCatalogue.LastVersion("c.service")}, {CaseReader.Readership("$5")}, {PositionWords.Reader("$1")}, coalesce(c.acceptance, array[]::text[])
            from approvals.cases c join engine.instances i on i.id = c.id where c.id = $4
            """, r => new WhyCase(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetBoolean(6), r.GetInt64(7), r.GetString(8), r.GetFieldValue<byte[]>(9), r.Text(10),
                CaseReadership.Read(r, 11), (WordReader)r.GetInt16(17), r.GetFieldValue<string[]>(18)), caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), id, caller.Roles.OrNull());
        var delegated = new DelegatedTasks(snapshot, caller, id, now);
        var tasks = snapshot.Add($"""
            select t.id, t.kind, t.stage, t.stage_name, t.role, t.organisation_id, o.name_zh, o.name_en, t.assignee, t.claimed_by, t.excluded, t.due_at,
                (select case when m.to_user = coalesce(t.assignee, t.claimed_by) then m.from_user end from approvals.transfers m where m.task_id = t.id order by m.at desc, m.id desc limit 1)
            from approvals.tasks t left join approvals.organisations o on o.id = t.organisation_id where {Open} order by t.opened_at, t.id
            """, r => new WhyTask(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.Text(4), r.Text(5), r.Text(6), r.Text(7), r.Text(8), r.Text(9), r.GetFieldValue<string[]>(10), r.Instant(11), r.Text(12)), id);
        var candidates = snapshot.Add($"""
            select t.id, u.id, u.active and {TaskRights.Own("u.id")}, u.active and u.id = any(t.excluded) and {TaskRights.Unless("u.id")}, u.name
            from approvals.tasks t cross join lateral {Candidates} x join approvals.users u on u.id = x.id where {Open} order by t.opened_at, t.id, u.id limit {MostPeople}
            """, r => new WhyCandidate(r.GetGuid(0), Know(r.GetString(1), r.GetString(4)), r.GetBoolean(2), r.GetBoolean(3)), id);
        var delegations = snapshot.Add(DelegatesSql, r =>
        {
            var link = Delegations.Read(r);
            Know(link.Delegate, r.GetString(9));
            return new WhyDelegation(link, r.GetBoolean(8));
        }, id, now);
        // Who had to do with the case before: who asked for somebody, handed something over, decided a stage.
        snapshot.Add($"""
            select u.id, u.name from approvals.users u where u.id in (
                select p.id from approvals.tasks t cross join lateral (values (t.assignee), (t.claimed_by), (t.decided_by)) p(id)
                where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and t.kind not in ({TaskKinds.Seats})
                union select m.from_user from approvals.transfers m where m.task_id in (select t.id from approvals.tasks t where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and t.status < 2)
                union select c.filed_by from approvals.cases c where c.id = $1
                union select h.user_id from approvals.cases c cross join lateral {HandlerRights.OfCase} h where c.id = $1)
            """, r => Know(r.GetString(0), r.GetString(1)), id);
        var stages = snapshot.Add("""
            select t.stage, max(t.stage_name) from approvals.tasks t where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and t.kind = 'review' group by t.stage
            """, r => KeyValuePair.Create(r.GetString(0), r.GetString(1)), id);
        var promise = PromiseReader.Add(snapshot, id);
        var undelivered = snapshot.Add("select f.kind, f.created_at, f.last_error from engine.outbox_failed f where f.dead and f.instance_id = $1 order by f.seq limit 20",
            r => new WhyDelivery(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.GetString(2)), id);
        var parked = snapshot.Add($"select f.id, f.attempts from engine.outbox_failed f where f.instance_id = $1 and not f.dead and f.kind like '{OutsideCalls.KindPrefix}%' limit 100",
            r => KeyValuePair.Create(r.GetGuid(0), r.GetInt32(1)), id);
        await snapshot.ReadAsync(cancellationToken);

        if (found is not [var the] || !the.Reader.Sees && delegated.Tasks.Count == 0)
            throw CaseRefusal.NotFound(id);
        var package = await services.FindAsync(the.Service, the.ServiceVersion, cancellationToken);
        var (state, workflow) = (StateSerializer.Read(the.State), await definitions.ExecutableAsync(the.DefinitionVersionId, cancellationToken));
        var pauses = promise.Pauses(package);
        return WhyAnswer.Of(new WhyFacts
        {
            Case = the, State = state, Workflow = workflow, Package = package, Tasks = tasks, Candidates = candidates, Delegations = delegations, Names = names, StageNames = stages.ToDictionary(StringComparer.Ordinal),
            Said = [.. Interpreter.Explain(workflow, state, now).OfType<Explained>()],
            Clock = promise.Row, Promise = promises.Total(promise.Row, pauses), Pauses = pauses, Undelivered = undelivered, Parked = parked.ToDictionary(), Now = now, Reader = caller.User,
            ShowsNames = !the.Reader.Blind && (!the.Reader.Owns || package?.Service.Handling.ShowReviewers == true),
            ShowsFaults = !the.Reader.Blind && !the.Reader.Owns,
        }, calendar);

        string Know(string user, string name)
        {
            names[user] = name;
            return user;
        }
    }
}
