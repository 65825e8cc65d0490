using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Assigning;

/// <summary>
/// Answers a stage that asks who can decide it: reads the directory between two steps and resumes the stage with what it
/// found. Done twice it changes nothing: the bookmark is gone.
/// </summary>
/// <remarks>Source: R-REV-1, R-REV-9.</remarks>
public sealed class Assignments(WorkflowRuntime runtime, NpgsqlDataSource database, BusinessClock clock) : IOutboxHandler
{
    /// <summary>How soon a stage that waits for somebody looks again (machine clock).</summary>
    public static readonly TimeSpan LooksAgain = TimeSpan.FromMinutes(1);

    public string Kind => AssignmentPart.Kind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<AssignmentOrder>(message.Payload, AssignmentJson.Options)!;
        var found = await FindAsync(order, cancellationToken);
        // The stage hears nothing until somebody is there: a case that waits for weeks has no entry for each look.
        if (found.Kind == AssignmentKinds.Nobody && order.WhenNobody == AssignmentWays.Wait && await IsAwaitedAsync(message.InstanceId, order, cancellationToken))
            return new OutboxResult.Hold(LooksAgain, "Nobody fits the stage yet.");
        try
        {
            await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = message.InstanceId,
                Stimulus = new Stimulus.Resume(order.BookmarkId, JsonSerializer.SerializeToElement(found, AssignmentJson.Options)) { Unattended = true },
                Actor = Actor.System,
                Domain = new ReviewersFound { Stage = order.Stage, Found = found },
            }, cancellationToken);
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
        {
            // Answered before, or the stage is over.
        }
        return OutboxResult.Ok;
    }

    private async Task<bool> IsAwaitedAsync(Guid instance, AssignmentOrder order, CancellationToken cancellationToken) =>
        await runtime.ReadAsync(instance, cancellationToken) is { } record && record.State.Bookmarks.Exists(b => b.Id == order.BookmarkId);

    internal async Task<AssignmentFound> FindAsync(AssignmentOrder order, CancellationToken cancellationToken)
    {
        var (organisation, exists) = await OrganisationAsync(order, cancellationToken);
        var people = !exists ? []
            : order.Users.Count > 0 ? await FitAsync(order, cancellationToken)
            : await HoldersAsync(order.Role!, organisation, order.Excluded, cancellationToken);
        if (people.Count > 0)
            return order.Several || order.Users.Count > 0 ? new AssignmentFound(AssignmentKinds.Users, order.Role, organisation, people)
                : order.By == AssignmentWays.LeastWorkload ? new AssignmentFound(AssignmentKinds.Users, order.Role, organisation, [await LeastAsync(people, order.Within, cancellationToken)])
                : new AssignmentFound(AssignmentKinds.Pool, order.Role, organisation, []);
        switch (order.WhenNobody)
        {
            case AssignmentWays.Skip:
                return new AssignmentFound(AssignmentKinds.Skip, order.Role, organisation, []);
            case AssignmentWays.Escalate when order.Role is { } role && await SuperiorAsync(role, organisation, order.Excluded, cancellationToken) is { } above:
                return above;
            case AssignmentWays.Wait when order is { Several: false, Role: not null } && exists:
                return new AssignmentFound(AssignmentKinds.Pool, order.Role, organisation, []);
            default:
                return new AssignmentFound(AssignmentKinds.Nobody, order.Role, organisation, []);
        }
    }

    /// <summary>Where the role is looked for; false: there is no such organisation.</summary>
    private async Task<(string? Id, bool Exists)> OrganisationAsync(AssignmentOrder order, CancellationToken cancellationToken)
    {
        var organisation = order.OrganisationId;
        if (order.Region is { } region)
        {
            // The region's own, else that of the city or province it belongs to.
            string[] regions = region.Length == 6 ? [region, $"{region[..4]}00", $"{region[..2]}0000"] : [region];
            organisation = (await database.QueryAsync("""
                select o.id from approvals.organisations o
                where o.active and o.region = any($1)
                    and exists (select from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active where r.organisation_id = o.id and r.role = $2)
                order by array_position($1, o.region), o.id limit 1
                """, r => r.GetString(0), cancellationToken, regions, order.Role)).FirstOrDefault();
            if (organisation is null)
                return (null, false);
        }
        if (order.LevelsUp <= 0 || organisation is null)
            return (organisation, true);
        var above = await database.QueryAsync("""
            with recursive above (id, parent_id, level) as (
                select o.id, o.parent_id, 0 from approvals.organisations o where o.id = $1
                union all
                select o.id, o.parent_id, a.level + 1 from above a join approvals.organisations o on o.id = a.parent_id where a.level < $2)
            select id from above where level = $2
            """, r => r.GetString(0), cancellationToken, organisation, order.LevelsUp);
        return above.Count == 0 ? (null, false) : (above[0], true);
    }

    /// <summary>Whoever has handed over their work has left, though the directory may not know it yet.</summary>
    private const string Stays = "u.active and not exists (select from approvals.handovers h where h.user_id = u.id)";

    private Task<List<string>> FitAsync(AssignmentOrder order, CancellationToken cancellationToken) =>
        database.QueryAsync($"select u.id from approvals.users u where u.id = any($1) and {Stays} and not (u.id = any($2)) order by array_position($1, u.id)",
            r => r.GetString(0), cancellationToken, order.Users.ToArray(), order.Excluded.ToArray());

    private Task<List<string>> HoldersAsync(string role, string? organisation, IReadOnlyList<string> excluded, CancellationToken cancellationToken) =>
        database.QueryAsync($"""
            select distinct u.id from approvals.user_roles r join approvals.users u on u.id = r.user_id and {Stays}
            where r.role = $1 and ($2::text is null or r.organisation_id = $2) and not (u.id = any($3)) order by u.id
            """, r => r.GetString(0), cancellationToken, role, organisation, excluded.ToArray());

    /// <summary>Who has the fewest open tasks; of these, who has decided the fewest lately; then by id, so that the answer is always the same.</summary>
    private async Task<string> LeastAsync(List<string> people, int days, CancellationToken cancellationToken) =>
        (await database.QueryAsync("""
            select u.id from unnest($1) u(id)
            order by (select count(*) from approvals.tasks t where t.status < 2 and coalesce(t.assignee, t.claimed_by) = u.id and coalesce(t.assignee, t.claimed_by) is not null),
                (select count(*) from approvals.tasks t where t.decided_by = u.id and t.decided_at > $2), u.id
            limit 1
            """, r => r.GetString(0), cancellationToken, people.ToArray(), clock.Now.AddDays(-days)))[0];

    private async Task<AssignmentFound?> SuperiorAsync(string role, string? organisation, IReadOnlyList<string> excluded, CancellationToken cancellationToken)
    {
        var above = await database.SingleAsync("select s.role, s.organisation_id from approvals.superior_of($1, $2) s", r => new { Role = r.GetString(0), At = r.GetString(1) }, cancellationToken, role, organisation);
        return above is not null && (await HoldersAsync(above.Role, above.At, excluded, cancellationToken)).Count > 0
            ? new AssignmentFound(AssignmentKinds.Superior, above.Role, above.At, []) : null;
    }
}
