using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>Why a task couldn't be acted on, read after the step was refused.</summary>
internal static class TaskRefusal
{
    public static WorkflowException NotFound(Guid taskId) => new(ErrorCodes.NotFound, $"There is no task {taskId}. Check the id.", "该待办不存在。");

    public static async Task<WorkflowException> ExplainAsync(NpgsqlDataSource database, Guid taskId, Caller caller, CancellationToken cancellationToken)
    {
        var task = await database.SingleAsync($"""
            select t.status, t.decided_by, t.decided_at, t.outcome, t.role, t.organisation_id, t.assignee, t.claimed_by, $2 = any(t.excluded),
                exists (select from approvals.users u where u.id = $2 and u.active),
                {TaskRights.Holds("$2")}, t.reason
            from approvals.tasks t where t.id = $1
            """, r => new Row(r.GetInt16(0), r.Text(1), r.Instant(2), r.Text(3), r.Text(4), r.Text(5), r.Text(6), r.Text(7), r.GetBoolean(8), r.GetBoolean(9), r.GetBoolean(10), r.Text(11)),
            cancellationToken, taskId, caller.User);
        if (task is null)
            return NotFound(taskId);
        if (task.Status >= TaskStatusCodes.Done)
            return Closed(taskId, task);
        if (!task.Active)
            return new WorkflowException(ErrorCodes.UnknownUser, $"The user '{caller.User}' is unknown or inactive.", "该用户不存在或已停用。");
        if (task.Excluded)
            return Forbidden($"The user '{caller.User}' may not decide task {taskId}: it is their own case, or they are excluded from it.", "不能办理本人的业务，或已回避、已办理其他环节、已参加本环节的办理。", new() { ["reason"] = "excluded" });
        if (task.Assignee is not null && task.Assignee != caller.User)
            return Forbidden($"Task {taskId} is assigned to another user.", "该待办已指定其他办理人。", new() { ["reason"] = "assigned" });
        if ((task.Assignee is null || task.Role == HandlerRights.Role) && !task.Holds)
            return Forbidden($"Task {taskId} needs the role '{task.Role}'{(task.Organisation is null ? "" : $" at '{task.Organisation}'")}, which '{caller.User}' doesn't hold.",
                $"办理此事项须在相应单位担任“{task.Role}”。", new() { ["reason"] = "role", ["role"] = task.Role, ["organisationId"] = task.Organisation });
        if (task.ClaimedBy is not null && task.ClaimedBy != caller.User)
            return Forbidden($"Task {taskId} was claimed by '{task.ClaimedBy}'. It can be decided when they release it.", "该待办已由他人领取。", new() { ["reason"] = "claimed", ["claimedBy"] = task.ClaimedBy });
        return caller.Services is null && caller.Organisations is null && caller.Roles is null
            ? new WorkflowException(ErrorCodes.Conflict, $"Task {taskId} changed while it was acted on. Try again.", "待办刚刚发生变化，请重试。")
            : Forbidden($"This key may not act for task {taskId}: service, organisation or role is outside what it is limited to.", "此密钥无权办理该待办。", new() { ["reason"] = "key" });
    }

    private static WorkflowException Closed(Guid taskId, Row task) => new(ErrorCodes.TaskClosed,
        task.DecidedBy is null ? $"Task {taskId} was closed at {task.DecidedAt:O} ({TaskStatusCodes.Word(task.Status)})." : $"Task {taskId} was decided '{task.Outcome}' by '{task.DecidedBy}' at {task.DecidedAt:O}.",
        "该待办已办结或已取消。")
    {
        Facts = new Dictionary<string, object?>
        {
            ["taskId"] = taskId, ["taskStatus"] = TaskStatusCodes.Word(task.Status), ["decidedBy"] = task.DecidedBy, ["decidedAt"] = task.DecidedAt, ["outcome"] = task.Outcome, ["reason"] = task.Reason,
        },
    };

    private static WorkflowException Forbidden(string message, string zh, Dictionary<string, object?> facts) => new(ErrorCodes.Forbidden, message, zh) { Facts = facts };

    private sealed record Row(short Status, string? DecidedBy, DateTimeOffset? DecidedAt, string? Outcome, string? Role, string? Organisation, string? Assignee, string? ClaimedBy,
        bool Excluded, bool Active, bool Holds, string? Reason);
}
