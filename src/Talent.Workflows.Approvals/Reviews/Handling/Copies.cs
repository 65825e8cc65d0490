using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>Everyone with a role at an organisation, which has to be named.</summary>
public sealed record CopyRole(string Role, string? OrganisationId = null);

/// <summary>抄送 and 已阅 (R-REV-7).</summary>
public sealed class CopyCommands(WorkflowRuntime runtime, NpgsqlDataSource database, TaskReader tasks, BusinessClock clock)
{
    private const int Most = 50;

    /// <summary>Most people that one request, or the decision of a stage, is copied to.</summary>
    public const int MostPeople = 200;

    /// <summary>Shows a task, and the case with it, to others; they are told.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>: the user neither can act on the task nor decided it; <c>invalid_request</c>, <c>unknown_user</c>, <c>busy</c>.</exception>
    public async Task CopyAsync(Caller caller, Guid taskId, IReadOnlyList<string>? users, IReadOnlyList<CopyRole>? roles, string? note, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        note = Texts.Optional(note, "note");
        if (users?.Contains(null!) == true || roles?.Contains(null!) == true)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "A user or role to copy to is null. Leave it out.", "抄送对象不能为空。");
        CopyOrder[] copies = [.. (users ?? []).Distinct(StringComparer.Ordinal).Select(u => new CopyOrder(taskId, u, null, null, note)), .. (roles ?? []).Distinct().Select(r => new CopyOrder(taskId, null, r.Role, r.OrganisationId, note))];
        if (copies.Length is 0 or > Most)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Name 1 to {Most} users or roles to copy to.", $"请填写抄送对象（用户或角色，1 至 {Most} 个）。");
        if (copies.FirstOrDefault(c => c.User is null && !CopyTargets.MayBeCopied(c.Role, c.Organisation)) is { } wide)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"A copy goes to a role at an organisation, and never to {string.Join(" or ", CopyTargets.OutsideRoles)}: name 'organisationId' for '{wide.Role}', or users.",
                "按角色抄送须指定单位，且不能抄送给申报人或专家角色；请补充单位，或直接指定用户。");
        var task = await tasks.ReadAsync(caller, taskId, cancellationToken);
        if (task.Kind is not (TaskKinds.Review or TaskKinds.Objection) || task.DecidedBy != user && !await tasks.MayActAsync(caller, taskId, cancellationToken))
            throw new WorkflowException(ErrorCodes.Forbidden, $"Task {taskId} can be copied by who can act on it, or has decided it.", "只有可办理或已办理该待办的人可以抄送。");
        var named = copies.Where(c => c.User is not null).Select(c => c.User!).ToArray();
        var known = await database.QueryAsync("select id from approvals.users where id = any($1) and active", r => r.GetString(0), cancellationToken, (object)named);
        if (named.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } stranger)
            throw new WorkflowException(ErrorCodes.UnknownUser, $"The user '{stranger}' is unknown or inactive.", $"用户“{stranger}”不存在或已停用。");
        if (roles is { Count: > 0 } && (await database.QueryAsync($"""
            select distinct r.user_id from unnest($1::text[], $2::text[]) k(role, organisation)
                join approvals.user_roles r on r.role = k.role and r.organisation_id = k.organisation join approvals.users u on u.id = r.user_id and u.active
            limit {MostPeople + 1}
            """, r => r.GetString(0), cancellationToken, roles.Select(r => r.Role).ToArray(), roles.Select(r => r.OrganisationId).ToArray())).Union(named, StringComparer.Ordinal).Count() > MostPeople)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"That would copy the task to more than {MostPeople} people. Name fewer roles.", $"抄送对象超过 {MostPeople} 人，请减少角色。");
        var answer = await runtime.ApplyAsync(new StepRequest
        {
            InstanceId = task.CaseId, Actor = caller.Actor, Idempotency = idempotency, Domain = new TaskCopied { User = user, Limits = CredentialLimits.Of(caller), Copies = copies },
        }, cancellationToken);
        if (!answer.Applied)
            throw CaseRefusal.Of(answer, caller);
    }

    /// <summary>已阅; a second time changes nothing.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: it wasn't copied to the user.</exception>
    public async Task MarkReadAsync(Caller caller, Guid taskId, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync("update approvals.copies set read_at = coalesce(read_at, $3) where task_id = $1 and user_id = $2 returning 1", r => r.GetInt32(0), cancellationToken,
            taskId, caller.RequireUser(), clock.Now);
        if (rows.Count == 0)
            throw new WorkflowException(ErrorCodes.NotFound, $"Task {taskId} wasn't copied to '{caller.User}'. Check the id.", "该待办没有抄送给您。");
    }
}
