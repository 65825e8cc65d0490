using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>A case that was sent back.</summary>
/// <param name="Version">Of the case, after it.</param>
public sealed record SubmissionReturned(Guid CaseId, long Version);

/// <summary>退回: the office sends a case back that waits to be listed, or is on a list that the city hasn't decided for it. What a sealed list says stays.</summary>
public sealed class SubmissionReturns(WorkflowRuntime runtime, NpgsqlDataSource database)
{
    /// <summary>In one step of the case, which goes on at once.</summary>
    /// <param name="reason">For the applicant and the record.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>: it waits for no list of an office of the user's; <c>wrong_state</c>: the city has decided; <c>forbidden</c>, <c>invalid_request</c>: no reason.</exception>
    public async Task<SubmissionReturned> ReturnAsync(Caller caller, Guid caseId, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        if (string.IsNullOrWhiteSpace(reason))
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Say in 'reason' why the case is returned.", "请填写退回理由。");
        CheckText(reason);
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is { } before)
            return new SubmissionReturned(caseId, before.Version);
        var entry = await database.SingleAsync($"""
            select e.id, e.task_id, e.state from approvals.submission_cases e where e.case_id = $5 and {SubmissionStore.Forms("e")} order by e.state in ('waiting', 'listed') desc, e.opened_at desc limit 1
            """, r => new { Id = r.GetGuid(0), Task = r.GetGuid(1), State = r.GetString(2) }, cancellationToken, SubmissionStore.With(caller, caseId));
        if (entry is null or { State: SubmissionStates.Returned or SubmissionStates.Cancelled })
            throw new WorkflowException(ErrorCodes.NotFound, $"Case {caseId} is on its way to the city at no office of yours. Check the id.", "没有该业务，或未在您所在单位报送。");
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency,
                Stimulus = new Stimulus.Resume(entry.Id, JsonSerializer.SerializeToElement(new { state = SubmissionStates.Returned, user })),
                Domain = new CaseReturned { User = user, TaskId = entry.Task, Limits = CredentialLimits.Of(caller), EntryId = entry.Id, Closes = entry.Task, Reason = reason.Trim() },
            }, cancellationToken);
            if (answer.Applied)
                return new SubmissionReturned(caseId, answer.Version);
            throw answer.GateFailed == SubmissionsPart.UndecidedGate || answer.GateFailed is null ? Decided(caseId) : await TaskRefusal.ExplainAsync(database, entry.Task, caller, cancellationToken);
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.BookmarkGone)
        {
            throw Decided(caseId);
        }
    }

    /// <exception cref="WorkflowException"><c>invalid_request</c>: too long, or it can't be kept.</exception>
    internal static void CheckText(string? text)
    {
        if (text is { Length: > TaskCommands.LongestOpinion } || text?.Contains('\0') == true)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The reason is longer than {TaskCommands.LongestOpinion} characters or can't be kept.", $"理由不超过 {TaskCommands.LongestOpinion} 字，且不得含有无法保存的字符。");
    }

    private static WorkflowException Decided(Guid caseId) => new(ErrorCodes.WrongState, $"The city has decided on case {caseId}, or it has gone on: it isn't returned any more.", "市级已作出决定或业务已进入后续环节，不能退回。");
}
