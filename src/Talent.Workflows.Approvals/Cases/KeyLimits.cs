using Talent.Workflows.Approvals.Employers.Handlers;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>
/// What a key is limited to (R-ACC-3), as SQL over the case <c>c</c> and the task <c>t</c>: for what is read and for the gates
/// of steps alike. A limit holds in the capacity that somebody acts in: their role, at the organisation where they have it.
/// Texts and text lists are named by their parameters; a list that is null limits nothing.
/// </summary>
internal static class KeyLimits
{
    /// <summary>The role in which the task <c>t</c> is acted on; null for one that is assigned to a person whatever their role.</summary>
    private const string RoleOfTask = "coalesce(t.role, case t.kind when 'ballot' then 'expert' when 'panel-invitation' then 'expert' when 'supplement' then 'applicant' when 'materials' then 'applicant' end)";

    public static string Service(string services) => $"({services}::text[] is null or c.service = any({services}))";

    /// <summary>The case <c>c</c> is about its employer, or its employer filed it: whoever handles the employer's matters operates it (R-EMP-3).</summary>
    public const string FiledByEmployer = $"(c.subject = '{CaseSubjects.Employer}' or c.filed_by is distinct from c.applicant_id)";

    /// <summary>Whether the case is the user's own: as its applicant, or, when its employer filed it, as a handler of that employer now, whoever filed it (R-EMP-3).</summary>
    public static string Owner(string user, string organisations, string roles) => $"""
        (({user} = c.applicant_id and c.subject = '{CaseSubjects.Person}' and ({roles}::text[] is null or 'applicant' = any({roles}))
            or {FiledByEmployer} and c.employer_id in {HandlerRights.EmployersOf(user)}
                and ({roles}::text[] is null or '{HandlerRights.Role}' = any({roles})))
            and ({organisations}::text[] is null or c.employer_id = any({organisations})))
        """;

    /// <summary>Whether the case is the user's own, whatever their key may do: they neither judge it nor see what those who judge it write to each other.</summary>
    public static string Own(string user) =>
        $"(case when c.subject = '{CaseSubjects.Employer}' then {Handles(user)} else {user} in (c.applicant_id, c.filed_by) end)";

    private static string Handles(string user) =>
        $"exists (select from approvals.user_roles h where h.user_id = {user} and h.role = '{HandlerRights.Role}' and h.organisation_id = c.employer_id)";

    /// <summary>Whether the user may use one of their offices: a row <c>r</c> of user_roles.</summary>
    public static string Office(string organisations, string roles) =>
        $"(({roles}::text[] is null or r.role = any({roles})) and ({organisations}::text[] is null or r.organisation_id = any({organisations})))";

    /// <summary>Whether the task is one that the user may have to do with. One of no certain organisation is done for the user's own.</summary>
    public static string Task(string user, string organisations, string roles) => $"""
        (({roles}::text[] is null or {RoleOfTask} = any({roles}))
            and ({organisations}::text[] is null
                or coalesce(t.organisation_id, (select own.organisation_id from approvals.users own where own.id = {user})) = any({organisations})))
        """;
}
