using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>Asks the tables of organisations and people.</summary>
public sealed class DirectoryReader(NpgsqlDataSource database)
{
    /// <summary>The way of an employer's cases: the unit responsible for it and the bureau above that.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no such employer, or nobody is responsible for it.</exception>
    public async Task<CaseRoute> RouteAsync(string employerId, CancellationToken cancellationToken) =>
        await database.SingleAsync("""
            with recursive above (id, parent_id, kind, distance) as (
                select o.id, o.parent_id, o.kind, 0 from approvals.responsibilities r join approvals.organisations o on o.id = r.unit_id where r.employer_id = $1
                union all
                select o.id, o.parent_id, o.kind, a.distance + 1 from above a join approvals.organisations o on o.id = a.parent_id where a.distance < 10)
            select e.id, (select id from above where distance = 0), (select id from above where kind = 'bureau' order by distance limit 1), e.region
            from approvals.organisations e where e.id = $1 and e.active
            """, r => new { Id = r.GetString(0), Unit = r.Text(1), Bureau = r.Text(2), Region = r.GetString(3) }, cancellationToken, employerId)
            is { Unit: { } unit, Bureau: { } bureau } route ? new CaseRoute(route.Id, unit, bureau, route.Region)
        : throw new WorkflowException(ErrorCodes.InvalidRequest,
            $"Cases of the employer '{employerId}' can't be filed: it is unknown, or no unit is responsible for it. Check employerId, or complete the directory.", "该用人单位不存在，或尚未确定归口单位。");

    /// <summary>The route of who works for no employer: the bureau that no other stands above.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: there is none, or more than one.</exception>
    public async Task<CaseRoute> CityBureauAsync(CancellationToken cancellationToken) =>
        await database.QueryAsync("""
            select b.id, b.region from approvals.organisations b
            where b.kind = 'bureau' and b.active and not exists (select from approvals.organisations p where p.id = b.parent_id and p.kind = 'bureau' and p.active) order by b.id limit 2
            """, r => new CaseRoute(r.GetString(0), r.GetString(0), r.GetString(0), r.GetString(1)), cancellationToken) is [var route] ? route
        : throw new WorkflowException(ErrorCodes.InvalidRequest, "The applicant works for no employer, and the directory doesn't say which bureau is the city's: there is none, or several stand at the top. Have the directory completed, or let them be associated first.",
            "申报人未关联单位，且未能确定受理的市级部门，请联系管理员，或先关联单位。");

    /// <summary>An active user; null when there is none.</summary>
    public Task<DirectoryPerson?> FindUserAsync(string userId, CancellationToken cancellationToken) =>
        database.SingleAsync<DirectoryPerson>("select id, name, organisation_id from approvals.users where id = $1 and active",
            r => new DirectoryPerson(r.GetString(0), r.GetString(1), r.Text(2)), cancellationToken, userId);

    /// <summary>Those of the users that are active people of the organisation, by id.</summary>
    internal async Task<IReadOnlyDictionary<string, DirectoryPerson>> FindPeopleAsync(string organisationId, string[] users, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select id, name, organisation_id from approvals.users where id = any($1) and organisation_id = $2 and active",
            r => new DirectoryPerson(r.GetString(0), r.GetString(1), r.Text(2)), cancellationToken, users, organisationId)).ToDictionary(p => p.Id, StringComparer.Ordinal);

    /// <param name="organisationId">Null: anywhere.</param>
    public async Task<bool> HoldsAsync(string userId, string role, string? organisationId, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.user_roles where user_id = $1 and role = $2 and ($3::text is null or organisation_id = $3) limit 1", r => r.GetInt32(0), cancellationToken, userId, role, organisationId)).Count > 0;
}

/// <summary>The organisations that a case passes, and the region it is numbered in.</summary>
public sealed record CaseRoute(string EmployerId, string UnitId, string BureauId, string Region);

/// <summary>A user of the directory.</summary>
/// <param name="OrganisationId">Null: somebody who isn't associated with an employer.</param>
public sealed record DirectoryPerson(string Id, string Name, string? OrganisationId);
