using Talent.Workflows.Approvals.Employers.Handlers;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>
/// Who may act on a task, as SQL over the open task <c>t</c>: the one rule, in the gates of steps, in lists, and where a case says who
/// can act. That the user is active, and what a credential is limited to (<see cref="Cases.KeyLimits"/>), is asked beside it.
/// </summary>
/// <remarks>Source: R-REV-1, R-REV-9. Users are named by a parameter or a column.</remarks>
internal static class TaskRights
{
    /// <summary>Kinds of tasks that may be decided in somebody's place; an expert's seat and the applicant's correction are their own.</summary>
    public static readonly IReadOnlyList<string> DelegableKinds = [TaskKinds.Review, TaskKinds.Objection];

    /// <summary>Whether the task is of <see cref="DelegableKinds"/>.</summary>
    public static readonly string Delegable = $"t.kind in ({string.Join(", ", DelegableKinds.Select(k => $"'{k}'"))})";

    /// <summary>In their own right: nobody who is excluded; the one who is named, or whoever holds the role while nobody else has claimed it. Who was named as an employer's handler has to be one still (R-EMP-3).</summary>
    public static string Own(string user) => $"(not ({user} = any(t.excluded)) and {Unless(user)})";

    /// <summary>In the right of a principal: neither of the two may be excluded.</summary>
    public static string For(string user, string principal) => $"(not ({user} = any(t.excluded)) and {Own(principal)} and {Delegable})";

    /// <summary>As <see cref="Own"/>, whether excluded or not: who would act on it.</summary>
    public static string Unless(string user) => $"""
        (case when t.assignee is not null then t.assignee = {user} and {InOffice(user)} else coalesce(t.claimed_by, {user}) = {user} and {Holds(user)} end)
        """;

    /// <summary>What somebody has or had in hand as an employer's handler is theirs only for as long as they are one, to see as to do (R-EMP-3).</summary>
    public static string InOffice(string user) => $"(t.role is distinct from '{HandlerRights.Role}' or {Holds(user)})";

    /// <summary>The user has the task's role, at its organisation if it has one.</summary>
    public static string Holds(string user) => $"""
        exists (select from approvals.user_roles r where r.user_id = {user} and r.role = t.role and (t.organisation_id is null or r.organisation_id = t.organisation_id))
        """;
}
