using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Reviews.Signing;

/// <summary>加签: others are to decide too. The reason is kept with the task.</summary>
public sealed record SignersAdded : CaseAction
{
    public override string Name => "task.signers_added";
    public required string Position { get; init; }
    public required IReadOnlyList<string> Users { get; init; }
    public required string Reason { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { task = TaskId, position = Position, users = Users, reasonSha256 = Digest.Of(Reason) });
}

/// <summary>减签: one of them isn't to decide after all.</summary>
public sealed record SignerRemoved : CaseAction
{
    public override string Name => "task.signer_removed";
    public required Guid RemovedTask { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { task = RemovedTask });
}

/// <summary>Asks others to decide too, and takes that back.</summary>
/// <remarks>Source: R-REV-7.</remarks>
public sealed class SignCommands(WorkflowRuntime runtime, NpgsqlDataSource database, TaskReader tasks)
{
    /// <summary>Most people asked at a time.</summary>
    public const int MostUsers = 20;

    /// <exception cref="WorkflowException"><c>task_closed</c>, <c>forbidden</c>, <c>not_found</c>, <c>unknown_user</c>, <c>invalid_request</c>, <c>busy</c>.</exception>
    public async Task AddAsync(Caller caller, Guid taskId, string? position, IReadOnlyList<string>? users, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        if (!Enum.TryParse<SignPosition>(position, ignoreCase: true, out var where) || !Enum.IsDefined(where) || char.IsAsciiDigit(position![0]))
            throw new WorkflowException(ErrorCodes.InvalidRequest, "'position' is before, after or beside.", "加签位置只能是 before（前）、after（后）或 beside（并）。");
        if (users is null or { Count: 0 } || users.Count > MostUsers || users.Any(string.IsNullOrWhiteSpace))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"'users' names 1 to {MostUsers} users.", $"请指定 1 至 {MostUsers} 名加签人员。");
        reason = reason?.Trim();
        if (reason is null or { Length: 0 } || reason.Length > TaskCommands.LongestOpinion || reason.Contains('\0'))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Say in 'reason', in at most {TaskCommands.LongestOpinion} characters, why they are asked.", $"请填写加签原因（不超过 {TaskCommands.LongestOpinion} 字）。");
        var known = await database.QueryAsync("""
            select u.id, exists (select from approvals.handovers h where h.user_id = u.id) from approvals.users u where u.id = any($1) and u.active
            """, r => (User: r.GetString(0), Left: r.GetBoolean(1)), cancellationToken, (object)users.ToArray());
        foreach (var named in users)
            if (known.FindIndex(k => k.User == named) is var found && found < 0)
                throw new WorkflowException(ErrorCodes.UnknownUser, $"There is no active user '{named}'. Check the id.", $"用户“{named}”不存在或已停用。");
            else if (known[found].Left)
                throw new WorkflowException(ErrorCodes.Conflict, $"'{named}' has handed over their work. Ask somebody else.", $"用户“{named}”已办理离职转办，不能加签。")
                { Facts = new Dictionary<string, object?> { ["reason"] = "left" } };
        var payload = JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["do"] = ReviewStage.AddSigners, ["user"] = user, ["position"] = where.ToString(), ["users"] = users });
        await ApplyAsync(caller, taskId, payload, new SignersAdded { User = user, TaskId = taskId, Limits = CredentialLimits.Of(caller), Position = position!.ToLowerInvariant(), Users = users, Reason = reason }, idempotency, cancellationToken);
    }

    /// <summary>Takes one away again, by their own task: only who asked for them can.</summary>
    /// <exception cref="WorkflowException"><c>task_closed</c>, <c>forbidden</c>, <c>not_found</c>, <c>busy</c>.</exception>
    public async Task RemoveAsync(Caller caller, Guid taskId, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var task = await tasks.ReadAsync(caller, taskId, cancellationToken);
        if (task.Kind != TaskKinds.Review)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Task {taskId} isn't a review.", "该待办不是审核待办。");
        var payload = JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["do"] = ReviewStage.RemoveSigner, ["user"] = user });
        await ApplyAsync(caller, taskId, payload, new SignerRemoved { User = user, RemovedTask = taskId, Limits = CredentialLimits.Of(caller) }, idempotency, cancellationToken);
    }

    private async Task ApplyAsync(Caller caller, Guid taskId, JsonElement payload, CaseAction action, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        StepAnswer answer;
        try
        {
            answer = await runtime.ApplyAsync(new StepRequest { Stimulus = new Stimulus.Resume(taskId, payload), Actor = caller.Actor, Idempotency = idempotency, Domain = action }, cancellationToken);
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
        {
            throw await TaskRefusal.ExplainAsync(database, taskId, caller, cancellationToken);
        }
        if (!answer.Applied)
            throw await TaskRefusal.ExplainAsync(database, taskId, caller, cancellationToken);
    }
}
