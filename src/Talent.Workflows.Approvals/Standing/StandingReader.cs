using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>Reads certifications and permissions: for whoever decides who may file what, and for the employer's own people and its offices.</summary>
public sealed class StandingReader(NpgsqlDataSource database, ApprovalContent content)
{
    // Why it wasn't passed is said to the applicant with the decision; else why it ended.
    private const string CaseColumns = $"""
        c.id, c.service, c.number, c.round, c.status, c.submitted_at, c.ended_at,
        case when c.ended_at is not null then coalesce((select t.opinion from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id)
            and t.outcome in ('reject', 'refuse') order by t.decided_at desc limit 1), c.end_reason) end, {PositionWords.OpenStages}
        """;

    /// <summary>Who may read the standing of employer $4: whoever has an office there, at the unit responsible for it, or above that.</summary>
    private static readonly string Reads = $"""
        with recursive above (id, parent_id, distance) as (
            select o.id, o.parent_id, 0 from approvals.responsibilities r join approvals.organisations o on o.id = r.unit_id where r.employer_id = $4
            union all select o.id, o.parent_id, a.distance + 1 from above a join approvals.organisations o on o.id = a.parent_id where a.distance < 10)
        select e.id, e.name_zh from approvals.organisations e where e.id = $4 and (
            $1::text is null and $3::text[] is null and ($2::text[] is null or e.id = any($2))
            or exists (select from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active where r.user_id = $1 and r.role not in ('applicant', 'expert')
                and (r.organisation_id = e.id or r.organisation_id in (select above.id from above)) and {KeyLimits.Office("$2", "$3")}))
        """;

    /// <exception cref="WorkflowException"><c>not_found</c>: there is no such employer, or it doesn't concern the caller.</exception>
    public async Task<EmployerStanding> ReadAsync(Caller caller, string employerId, CancellationToken cancellationToken)
    {
        CaseReader.RequireActing(caller);
        var employer = await database.SingleAsync(Reads, r => new Named(r.GetString(0), r.GetString(1)), cancellationToken, caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), employerId)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"There is no employer '{employerId}' whose standing '{caller.User}' may see. Check the id.", "该用人单位不存在，或您无权查看。");
        var certification = await database.SingleAsync("select way, certified_at, case_id from approvals.certifications where employer_id = $1 and ended_at is null",
            r => new Certification(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.IsDBNull(2) ? null : r.GetGuid(2)), cancellationToken, employerId);
        var permissions = await database.QueryAsync("select service, opened_at, case_id from approvals.permissions where employer_id = $1 and closed_at is null order by service", Permission, cancellationToken, employerId);
        var cases = await database.QueryAsync($"select distinct on (c.service) {CaseColumns} from approvals.cases c where c.employer_id = $1 and c.subject = 'employer' order by c.service, c.round desc",
            Case, cancellationToken, employerId);
        return new EmployerStanding
        {
            Employer = employer, Certification = certification,
            Permissions = [.. permissions.Where(p => caller.MayServe(p.Service))], Cases = [.. cases.Where(c => caller.MayServe(c.Service))],
        };
    }

    /// <summary>Whether an employer may file for a service, and what it has asked for (R-PRM-1).</summary>
    public async Task<PermissionStanding> PermissionAsync(string employerId, string service, CancellationToken cancellationToken)
    {
        var asking = content.Services.Where(s => s.Service.Opens == service).Select(s => s.Service.Id).ToArray();
        var opened = await database.SingleAsync("select service, opened_at, case_id from approvals.permissions where employer_id = $1 and service = $2 and closed_at is null", Permission, cancellationToken, employerId, service);
        var newest = await database.SingleAsync($"select {CaseColumns} from approvals.cases c where c.employer_id = $1 and c.subject = 'employer' and c.service = any($2) order by c.created_at desc, c.round desc limit 1",
            Case, cancellationToken, employerId, asking);
        return new PermissionStanding(opened, newest);
    }

    private static PermittedService Permission(NpgsqlDataReader r) => new(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.GetGuid(2));

    private StandingCase Case(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), content.Find(r.GetString(1))?.Service.Opens, r.Text(2), r.GetInt16(3), PositionWords.Of(content.Find(r.GetString(1))?.Service.Words ?? [], r.GetString(4), r.GetFieldValue<string[]>(8), WordReader.Employer), r.Instant(5), r.Instant(6), r.Text(7));
}
