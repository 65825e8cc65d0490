using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>What the reader of tasks can do with each of them now, for a portal to offer. What is offered is checked again when it is done.</summary>
/// <remarks>Source: R-REV-1, R-REV-7.</remarks>
public sealed class TaskNextActions(NpgsqlDataSource database, TaskReader tasks, RecallCommands recalls, UrgeCommands urges)
{
    /// <summary>One task, whichever way its reader came to it.</summary>
    public async Task<TaskView> AddAsync(Caller caller, TaskView task, CancellationToken cancellationToken)
    {
        if (caller.User is not { } user)
            return task;
        if (task.DecidedAt is not null)
            return (await recalls.PossibleAsync(caller, [task.Id], cancellationToken)).Count > 0 ? task with { NextActions = [Recall(task)] } : task;
        var actions = new List<NextAction>();
        if (await tasks.MayActInOwnRightAsync(caller, task.Id, cancellationToken))
            actions.AddRange(Open(task, user));
        else if ((await tasks.DelegatedAsync(caller, task.CaseId, cancellationToken)).FirstOrDefault(d => d.Id == task.Id) is { } delegated)
            actions.AddRange(Open(task with { OnBehalfOf = delegated.OnBehalfOf }, user));
        if (await urges.IsPossibleAsync(caller, task.CaseId, cancellationToken))
            actions.Add(new("urge", "催办", "POST", $"/api/v1/cases/{task.CaseId}/urge", task.Id));
        return task with { NextActions = actions };
    }

    /// <summary>A page of an inbox, in which every open task is the reader's to act on. A recall is offered where nothing at all has happened since; a single task says it of branches side by side too.</summary>
    public async Task<IReadOnlyList<TaskView>> AddAsync(Caller caller, string scope, IReadOnlyList<TaskView> page, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        switch (scope)
        {
            case TaskScopes.Done:
                var possible = await recalls.PossibleAsync(caller, await UntouchedAsync(page, cancellationToken), cancellationToken);
                return [.. page.Select(t => possible.Contains(t.Id) ? t with { NextActions = [Recall(t)] } : t)];
            case TaskScopes.Copied:
                return [.. page.Select(t => t.Copy is { ReadAt: null } ? t with { NextActions = [new("read", "标为已阅", "POST", $"{At(t)}/read", t.Id)] } : t)];
            default:
                return [.. page.Select(t => t with { NextActions = [.. Open(t, user)] })];
        }
    }

    private static IEnumerable<NextAction> Open(TaskView task, string user)
    {
        if (task.Kind is TaskKinds.Review or TaskKinds.Objection)
            yield return new("decide", "办理", "POST", $"{At(task)}/decide", task.Id, task.Outcomes) { OnBehalfOf = task.OnBehalfOf, ReturnTo = task.ReturnTo };
        // Delegates decide; they neither claim nor hand on.
        if (task.OnBehalfOf is not null)
            yield break;
        if (task is { Assignee: null, ClaimedBy: null } && !TaskKinds.IsPersonal(task.Kind))
            yield return new("claim", "领取", "POST", $"{At(task)}/claim", task.Id);
        else if (task.ClaimedBy == user)
            yield return new("release", "退回待办", "POST", $"{At(task)}/release", task.Id);
        if (!TaskKinds.IsPersonal(task.Kind))
            yield return new("transfer", "转办", "POST", $"{At(task)}/transfer", task.Id);
    }

    private static NextAction Recall(TaskView task) => new("recall", "撤回", "POST", $"{At(task)}/recall", task.Id);

    private static string At(TaskView task) => $"/api/v1/tasks/{task.Id}";

    /// <summary>Decided reviews of cases that go on, in which nobody has done anything since.</summary>
    private Task<List<Guid>> UntouchedAsync(IReadOnlyList<TaskView> page, CancellationToken cancellationToken) => database.QueryAsync($"""
        select t.id from approvals.tasks t join approvals.cases c on c.id = t.case_id
        where t.id = any($1) and c.ended_at is null and t.kind = 'review' and t.status = 2 and t.reason is distinct from 'recalled' and not exists (
            select from approvals.audit a where a.case_id = t.case_id and a.at > t.decided_at and a.stage is distinct from t.stage and a.action not in ('time.passed', {RecallableDecision.HarmlessSql}))
        """, r => r.GetGuid(0), cancellationToken, (object)page.Select(t => t.Id).ToArray());
}
