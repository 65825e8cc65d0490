using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>The open tasks of a case that somebody may decide in others' places: what the tables say, and <see cref="DelegationRules"/> over it.</summary>
internal sealed class DelegatedTasks
{
    private readonly string? user;
    private readonly DateTimeOffset now;
    private readonly IReadOnlyList<Delegation> links = [];
    private readonly IReadOnlyList<Able> tasks = [];

    /// <summary>Adds its reads to a snapshot.</summary>
    public DelegatedTasks(Snapshot snapshot, Caller caller, Guid caseId, DateTimeOffset now)
    {
        (user, this.now) = (caller.User, now);
        if (user is null)
            return;
        links = snapshot.Add(Delegations.LinksSql, Delegations.Read, user, now);
        tasks = snapshot.Add($"""
            {Delegations.Up}
            select t.id, t.kind, t.outcomes, t.assignee is not null, t.claimed_by, c.service, t.role, t.return_to,
                array(select distinct up.principal from up where {TaskRights.For("$1", "up.principal")} and {KeyLimits.Task("up.principal", "$4", "$5")}), t.stage
            from approvals.tasks t join approvals.cases c on c.id = t.case_id
            where t.case_id = $6 and t.id between approvals.first_task($6) and approvals.last_task($6) and t.status < 2 and {TaskRights.Delegable} and {KeyLimits.Service("$3")}
            order by t.id
            """, r => new Able(new TaskReader.Actionable(r.GetGuid(0), r.GetString(1), r.GetFieldValue<string[]>(2), r.GetBoolean(3), r.Text(4), TaskReader.Targets(r.Text(7))) { Stage = r.GetString(9) }, r.GetString(5), r.Text(6), r.GetFieldValue<string[]>(8)),
            user, now, caller.Services.OrNull(), caller.Organisations.OrNull(), caller.Roles.OrNull(), caseId);
    }

    /// <summary>Once the snapshot is read: each task once, in the place of the first principal by id.</summary>
    public IReadOnlyList<TaskReader.Actionable> Tasks
    {
        get
        {
            if (user is null || links.Count == 0)
                return [];
            var principals = DelegationRules.PrincipalsOf(user, links, now);
            return [.. tasks.Select(t => t.Task with { OnBehalfOf = principals.Where(p => t.Principals.Contains(p.User) && p.Scope.Covers(t.Service, t.Role)).Select(p => p.User).Min(StringComparer.Ordinal) })
                .Where(t => t.OnBehalfOf is not null)];
        }
    }

    /// <param name="Principals">Who could decide it, of those that the user acts for in something.</param>
    private sealed record Able(TaskReader.Actionable Task, string Service, string? Role, string[] Principals);
}
