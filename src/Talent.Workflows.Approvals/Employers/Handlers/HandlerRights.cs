using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Employers.Handlers;

/// <summary>
/// Who handles an employer's matters, as SQL: whoever holds the role there now (R-EMP-3). Users and employers are named by a parameter or
/// a column, what a key is limited to by parameters; a list that is null limits nothing. The names
/// <c>r</c>, <c>held</c>, <c>holder</c>, <c>of</c>, <c>unit</c>, <c>higher</c> and <c>above</c> are taken within.
/// </summary>
internal static class HandlerRights
{
    public const string Role = "employer.handler";

    /// <summary>Whether an active user is a handler of an active employer, with a key that may act so.</summary>
    public static string Handles(string user, string employer, string organisations, string roles) => $"""
        exists (select from approvals.user_roles r join approvals.organisations held on held.id = r.organisation_id and held.active join approvals.users holder on holder.id = r.user_id and holder.active
            where r.user_id = {user} and r.role = '{Role}' and r.organisation_id = {employer} and {KeyLimits.Office(organisations, roles)})
        """;

    /// <summary>The employers whose handler somebody is: a list that doesn't depend on the row it is asked for.</summary>
    public static string EmployersOf(string user) => $"(select h.organisation_id from approvals.user_roles h where h.user_id = {user} and h.role = '{Role}')";

    /// <summary>Who is to be told of the case <c>c</c> for its employer: nobody when its applicant filed it.</summary>
    public const string OfCase = $"(select h.user_id from approvals.handlers_of(c.employer_id, c.filed_by) h where {KeyLimits.FiledByEmployer})";

    /// <summary>
    /// Whether the user is an officer of the unit responsible for the employer, or of an organisation above it: they put somebody in the
    /// place of a handler who has left.
    /// </summary>
    public static string Oversees(string user, string employer, string organisations, string roles) => $"""
        exists (
            with recursive above (id, parent_id, distance) as (
                select unit.id, unit.parent_id, 0 from approvals.responsibilities of join approvals.organisations unit on unit.id = of.unit_id where of.employer_id = {employer}
                union all
                select higher.id, higher.parent_id, above.distance + 1 from above join approvals.organisations higher on higher.id = above.parent_id where above.distance < 10)
            select from above join approvals.user_roles r on r.organisation_id = above.id join approvals.users holder on holder.id = r.user_id and holder.active
            where r.user_id = {user} and (r.role like 'unit.%' or r.role like 'bureau.%') and {KeyLimits.Office(organisations, roles)})
        """;
}
