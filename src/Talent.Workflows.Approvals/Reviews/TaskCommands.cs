using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.RealName;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Reviews.Deciding;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>What people do with tasks. Who may is checked inside the step's statement; a refusal is explained afterwards.</summary>
public sealed class TaskCommands(WorkflowRuntime runtime, NpgsqlDataSource database, DecisionForms forms, CorrectionDesk correcting, BusinessClock clock)
{
    /// <summary>Longest opinion, in UTF-16 units.</summary>
    public const int LongestOpinion = 4000;

    /// <summary>Decides a task: one round trip when the case is hot.</summary>
    /// <param name="returnTo">With <c>return</c>: one of the task's targets, or <c>previous</c>; null: by the stage's connection.</param>
    /// <exception cref="WorkflowException"><c>task_closed</c> with who decided what when, <c>forbidden</c> with the role that is missing,
    /// <c>not_found</c>, <c>invalid_request</c> (no such outcome, an opinion is needed), <c>precondition_failed</c>, <c>busy</c>.</exception>
    public Task<DecisionReceipt> DecideAsync(Caller caller, Guid taskId, string outcome, string? opinion, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken, string? returnTo = null) =>
        DecideAsync(caller, taskId, new DecideTask { Outcome = outcome, Opinion = opinion, ReturnTo = returnTo }, idempotency, ifVersion, cancellationToken);

    /// <summary>Decides a task, with what its stage asks the decider to fill in.</summary>
    /// <exception cref="WorkflowException">As above; <c>invalid_form</c> with the errors.</exception>
    public async Task<DecisionReceipt> DecideAsync(Caller caller, Guid taskId, DecideTask request, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken)
    {
        var (user, outcome, opinion) = (caller.RequireUser(), request.Outcome, request.Opinion);
        var data = request.Data is { } given ? await forms.CheckAsync(taskId, outcome, given, cancellationToken) : null;
        var corrections = await correcting.CheckAsync(caller, taskId, request, cancellationToken);
        opinion = string.IsNullOrWhiteSpace(opinion) ? null : opinion.Trim();
        if (opinion?.Length > LongestOpinion)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The opinion has {opinion.Length} characters; at most {LongestOpinion} are kept.", $"意见最多 {LongestOpinion} 字。");
        if (opinion?.Contains('\0') == true)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The opinion holds a character that can't be kept (U+0000). Remove it.", "意见含有无法保存的字符。");
        var action = new TaskDecided { User = user, TaskId = taskId, Limits = CredentialLimits.Of(caller), Outcome = outcome, Opinion = opinion, Data = data, ReturnTo = request.ReturnTo, Corrections = corrections };
        var answer = await SendAsync(action);
        if (answer.GateFailed == TasksPart.PermittedGate)
            foreach (var acting in await ActingForAsync(caller, taskId, cancellationToken))
            {
                answer = await SendAsync(action with { For = acting });
                if (answer.GateFailed != TasksPart.PermittedGate)
                    break;
            }
        if (answer.GateFailed == AssociationsPart.FreeGate)
            throw CaseRefusal.Of(answer, caller);
        return answer is { Applied: true, ReceiptAnswer: { } receipt }
            ? JsonSerializer.Deserialize<DecisionReceipt>(receipt, DecisionReceipt.Json)!
            : throw answer.GateFailed switch
            {
                RealNamePart.ClaimGate => RealNamePart.NoClaim(taskId),
                CasesPart.JudgeGate => CaseRefusal.Judge(answer.InstanceId, caller),
                StandingPart.CodeGate => StandingRefusal.CodeTaken(answer.InstanceId),
                _ => await TaskRefusal.ExplainAsync(database, taskId, caller, cancellationToken),
            };

        async Task<StepAnswer> SendAsync(TaskDecided decision)
        {
            var payload = JsonSerializer.SerializeToElement(new { outcome, user, hasOpinion = opinion is not null, hasData = data is not null, returnTo = request.ReturnTo, principal = decision.For?.Principal });
            try
            {
                return await runtime.ApplyAsync(
                    new StepRequest { Stimulus = new Stimulus.Resume(taskId, payload), Actor = caller.Actor, Idempotency = idempotency, IfVersion = ifVersion, Domain = decision }, cancellationToken);
            }
            catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
            {
                throw TaskRefusal.NotFound(taskId);
            }
        }
    }

    /// <summary>委托: with whose right the user could decide it, looked up only when they have none of their own. The step checks it again.</summary>
    private async Task<IEnumerable<ActingFor>> ActingForAsync(Caller caller, Guid taskId, CancellationToken cancellationToken)
    {
        if (await database.PrincipalsOfAsync(caller.User!, clock.Now, cancellationToken) is not { Count: > 0 } principals)
            return [];
        var task = await database.SingleAsync($"""
            select c.service, t.role, array(select u.id from approvals.users u where u.id = any($2) and u.active and {TaskRights.Own("u.id")})
            from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.id = $1
            """, r => new { Service = r.GetString(0), Role = r.Text(1), Able = r.GetFieldValue<string[]>(2) }, cancellationToken, taskId, principals.Select(p => p.User).Distinct(StringComparer.Ordinal).ToArray());
        return task is null ? [] : principals.Where(p => task.Able.Contains(p.User) && p.Scope.Covers(task.Service, task.Role)).Select(p => new ActingFor(p.User, p.Chain)).Take(MostTried);
    }

    /// <summary>Principals that one decision tries; each is a statement.</summary>
    private const int MostTried = 5;

    /// <summary>Takes a task that others could take too (R-REV-1).</summary>
    /// <exception cref="WorkflowException"><c>task_closed</c>, <c>forbidden</c>, <c>not_found</c>, <c>busy</c>.</exception>
    public Task ClaimAsync(Caller caller, Guid taskId, Idempotency? idempotency, CancellationToken cancellationToken) =>
        ApplyAsync(caller, new TaskClaimed { User = caller.RequireUser(), TaskId = taskId, Limits = CredentialLimits.Of(caller) }, idempotency, cancellationToken);

    /// <summary>Gives a claimed task back.</summary>
    /// <exception cref="WorkflowException"><c>task_closed</c>, <c>forbidden</c>, <c>not_found</c>, <c>busy</c>.</exception>
    public Task ReleaseAsync(Caller caller, Guid taskId, Idempotency? idempotency, CancellationToken cancellationToken) =>
        ApplyAsync(caller, new TaskReleased { User = caller.RequireUser(), TaskId = taskId, Limits = CredentialLimits.Of(caller) }, idempotency, cancellationToken);

    private async Task ApplyAsync(Caller caller, CaseAction action, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var taskId = action.TaskId!.Value;
        var cases = await database.QueryAsync("select case_id from approvals.tasks where id = $1", r => r.GetGuid(0), cancellationToken, taskId);
        if (cases.Count == 0)
            throw TaskRefusal.NotFound(taskId);
        var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = cases[0], Actor = caller.Actor, Idempotency = idempotency, Domain = action }, cancellationToken);
        if (!answer.Applied)
            throw await TaskRefusal.ExplainAsync(database, taskId, caller, cancellationToken);
    }
}
