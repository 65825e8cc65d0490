using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>What became of one task of a handover. <see cref="Code"/> and the texts only when it was refused.</summary>
/// <param name="TaskId">Null: a part in a stage of several whose turn hasn't come.</param>
public sealed record HandoverResult(Guid? TaskId, Guid CaseId, bool Moved, string? Code = null, string? Detail = null, string? DetailEn = null);

/// <summary>离职转办 as it was carried out.</summary>
public sealed record HandoverView(string User, string To, int DelegationsEnded, IReadOnlyList<HandoverResult> Tasks);

/// <summary>转办 and 离职转办 (R-REV-7).</summary>
public sealed class TransferCommands(WorkflowRuntime runtime, NpgsqlDataSource database, DirectoryReader directory, RequestReceipts receipts, BusinessClock clock)
{
    /// <summary>Steps of a handover at the same time.</summary>
    private const int AtOnce = 4;

    /// <summary>Tasks that one handover takes; more need another request.</summary>
    private const int MostTasks = 5000;

    /// <summary>Hands a task that the user can act on to another who can do it too.</summary>
    /// <exception cref="WorkflowException"><c>task_closed</c>, <c>forbidden</c>, <c>not_found</c>, <c>unknown_user</c>, <c>invalid_request</c> (reason), <c>conflict</c>: it doesn't fit the other user, with the reason in the facts; <c>busy</c>.</exception>
    public async Task TransferAsync(Caller caller, Guid taskId, string to, string reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var action = new TaskTransferred
        {
            User = caller.RequireUser(), TaskId = taskId, Limits = CredentialLimits.Of(caller), Id = Guid.CreateVersion7(clock.Machine.GetUtcNow()), Task = taskId, To = to, Reason = Texts.Required(reason, "reason"),
        };
        var answer = await runtime.ApplyAsync(new StepRequest
        {
            InstanceId = await CaseOfAsync(taskId, cancellationToken), Stimulus = new SeatHandedOn(taskId, null, to).Stimulus, Actor = caller.Actor, Idempotency = idempotency, Domain = action,
        }, cancellationToken);
        if (!answer.Applied)
            throw answer.GateFailed == HandlingPart.TransferGate ? await UnfitAsync(taskId, to, cancellationToken) : await TaskRefusal.ExplainAsync(database, taskId, caller, cancellationToken);
    }

    /// <summary>Everything that somebody who leaves has in hand goes to another, each task in a step of its own; their delegations end, and they get no new ones.</summary>
    /// <param name="idempotency">The same request again finishes what the first set out to do, and is answered alike.</param>
    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>invalid_request</c>, <c>unknown_user</c>, <c>idempotency_key_reused</c>.</exception>
    public async Task<HandoverView> HandOverAsync(Caller caller, string leaver, string to, string reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var administrator = caller.RequireAdministrator();
        reason = Texts.Required(reason, "reason");
        if (leaver == to)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Nobody hands over to themselves. Name another user as 'to'.", "不能转办给本人。");
        if (await directory.FindUserAsync(to, cancellationToken) is null || (await database.QueryAsync("select 1 from approvals.users where id = $1", r => r.GetInt32(0), cancellationToken, leaver)).Count == 0)
            throw new WorkflowException(ErrorCodes.UnknownUser, $"'{leaver}' or '{to}' is unknown, or '{to}' is inactive.", "用户不存在，或接收人已停用。");
        var plan = await receipts.FindAsync<Plan>(idempotency, cancellationToken)
            ?? await receipts.OnceAsync(idempotency, connection => LeaveAsync(connection, caller, leaver, to, reason, administrator, cancellationToken), cancellationToken);
        var leaving = new Leaving(caller, administrator, leaver, to, reason, idempotency);
        var results = new HandoverResult?[plan.Tasks.Length + plan.Seats.Length];
        await Parallel.ForAsync(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, stop) =>
            results[i] = i < plan.Tasks.Length ? await MoveAsync(leaving, plan.Tasks[i], plan.Cases[i], stop) : await MoveSeatAsync(leaving, plan.Seats[i - plan.Tasks.Length], stop));
        return new HandoverView(leaver, to, plan.Ended, [.. results.OfType<HandoverResult>()]);
    }

    /// <summary>Whoever left is back: they can delegate and be given tasks again.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>not_found</c>.</exception>
    public async Task ReturnAsync(Caller caller, string user, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await DelegationCommands.ScalarAsync(connection, "delete from approvals.handovers where user_id = $1 returning user_id", cancellationToken, user) is null)
            throw new WorkflowException(ErrorCodes.NotFound, $"'{user}' hasn't handed over. Check the id.", "该用户没有办理离职转办。");
        await DelegationCommands.NoteAsync(connection, caller, user, "ended", clock.Now, cancellationToken, "handover");
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<Plan> LeaveAsync(NpgsqlConnection connection, Caller caller, string leaver, string to, string reason, string administrator, CancellationToken cancellationToken)
    {
        await DelegationCommands.ExecuteAsync(connection, "select pg_advisory_xact_lock(hashtext('approvals.delegations'))", cancellationToken);
        var now = clock.Now;
        await DelegationCommands.ExecuteAsync(connection, """
            insert into approvals.handovers (user_id, to_user, reason, at, by_credential, by_user) values ($1, $2, $3, $4, $5, $6)
            on conflict (user_id) do update set to_user = excluded.to_user, reason = excluded.reason, at = excluded.at, by_credential = excluded.by_credential, by_user = excluded.by_user
            """, cancellationToken, leaver, to, reason, now, caller.Credential, administrator);
        var ended = await DelegationCommands.EndAllAsync(connection, leaver, administrator, now, cancellationToken);
        await DelegationCommands.NoteAsync(connection, caller, leaver, "made", now, cancellationToken, "handover");
        var tasks = await connection.QueryAsync($"select t.id, t.case_id from approvals.tasks t where t.status < 2 and coalesce(t.assignee, t.claimed_by) = $1 order by t.id limit {MostTasks}",
            r => (Id: r.GetGuid(0), Case: r.GetGuid(1)), cancellationToken, leaver);
        var seats = await connection.QueryAsync($"""
            select s.case_id from approvals.waiting_seats s where s.user_id = $1
                and exists (select from approvals.tasks t where t.case_id = s.case_id and t.id between approvals.first_task(s.case_id) and approvals.last_task(s.case_id) and t.status < 2)
            order by s.case_id limit {MostTasks}
            """, r => r.GetGuid(0), cancellationToken, leaver);
        return new Plan(ended, [.. tasks.Select(t => t.Id)], [.. tasks.Select(t => t.Case)], [.. seats]);
    }

    /// <summary>What a handover sets out to do: tasks, each with its case, and cases in which a turn of the leaver may be still to come.</summary>
    private sealed record Plan(int Ended, Guid[] Tasks, Guid[] Cases, Guid[] Seats);

    private sealed record Leaving(Caller Caller, string Administrator, string User, string To, string Reason, Idempotency? Idempotency)
    {
        public Idempotency? Key(Guid part) => Idempotency is null ? null : Idempotency with { Key = $"{Idempotency.Key}/{part:N}" };
    }

    private async Task<HandoverResult> MoveAsync(Leaving leaving, Guid task, Guid caseId, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = caseId, Stimulus = new SeatHandedOn(task, null, leaving.To).Stimulus, Actor = leaving.Caller.Actor, Idempotency = leaving.Key(task),
                Domain = new TaskTransferred { User = leaving.Administrator, Id = Guid.CreateVersion7(clock.Machine.GetUtcNow()), Task = task, To = leaving.To, From = leaving.User, Reason = leaving.Reason },
            }, cancellationToken);
            if (answer.Applied)
                return new HandoverResult(task, caseId, true);
            throw answer.GateFailed == HandlingPart.TransferGate ? await UnfitAsync(task, leaving.To, cancellationToken) : CaseRefusal.Of(answer, leaving.Caller);
        }
        catch (WorkflowException refused)
        {
            return new HandoverResult(task, caseId, false, refused.Code, refused.MessageZh, refused.Message);
        }
    }

    /// <summary>Hands over one task that somebody has who isn't to have it any more, as whoever ordered that; the rules are those of a handover.</summary>
    /// <returns>Why it can't go there; null: it did.</returns>
    internal async Task<WorkflowException?> PassOnAsync(Actor actor, Guid task, Guid caseId, string from, string to, string reason, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = caseId, Stimulus = new SeatHandedOn(task, null, to).Stimulus, Actor = actor,
                Domain = new TaskTransferred { User = actor.User, Id = Guid.CreateVersion7(clock.Machine.GetUtcNow()), Task = task, To = to, From = from, Reason = reason },
            }, cancellationToken);
            return answer.Applied ? null : await UnfitAsync(task, to, cancellationToken);
        }
        catch (WorkflowException refused)
        {
            return refused;
        }
    }

    /// <summary>The same of a turn in a stage of several that hasn't come.</summary>
    /// <returns>Why it can't go there; null: it did, or there is none.</returns>
    internal async Task<WorkflowException?> PassSeatOnAsync(Actor actor, Guid caseId, string stage, string from, string to, string reason, CancellationToken cancellationToken)
    {
        try
        {
            if (await runtime.ReadAsync(caseId, cancellationToken) is not { } record || !ReviewStage.Awaits(record.State, from, stage))
                return null;
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = caseId, Stimulus = new SeatHandedOn(null, from, to) { Stage = stage }.Stimulus, Actor = actor,
                Domain = new SeatTransferred { User = actor.User, From = from, To = to, Reason = reason },
            }, cancellationToken);
            return answer.Applied ? null : new WorkflowException(ErrorCodes.Conflict, $"The turn of '{from}' at stage '{stage}' of case {caseId} can't go to '{to}': {answer.GateFailed}.", "该办理席位不能转给新的经办人。");
        }
        catch (WorkflowException refused)
        {
            return refused;
        }
    }

    /// <returns>Null: their turn has come, or they take no part any more.</returns>
    private async Task<HandoverResult?> MoveSeatAsync(Leaving leaving, Guid caseId, CancellationToken cancellationToken)
    {
        try
        {
            if (await runtime.FindAnswerAsync(leaving.Key(caseId), cancellationToken) is null
                && (await runtime.ReadAsync(caseId, cancellationToken) is not { } record || !ReviewStage.Awaits(record.State, leaving.User)))
                return null;
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = caseId, Stimulus = new SeatHandedOn(null, leaving.User, leaving.To).Stimulus, Actor = leaving.Caller.Actor, Idempotency = leaving.Key(caseId),
                Domain = new SeatTransferred { User = leaving.Administrator, From = leaving.User, To = leaving.To, Reason = leaving.Reason },
            }, cancellationToken);
            return answer.Applied ? new HandoverResult(null, caseId, true) : throw CaseRefusal.Of(answer, leaving.Caller);
        }
        catch (WorkflowException refused)
        {
            return new HandoverResult(null, caseId, false, refused.Code, refused.MessageZh, refused.Message);
        }
    }

    private async Task<Guid> CaseOfAsync(Guid taskId, CancellationToken cancellationToken) =>
        await database.QueryAsync("select case_id from approvals.tasks where id = $1", r => r.GetGuid(0), cancellationToken, taskId) is [var id] ? id : throw TaskRefusal.NotFound(taskId);

    /// <summary>Why the task can't go there.</summary>
    private async Task<WorkflowException> UnfitAsync(Guid taskId, string to, CancellationToken cancellationToken)
    {
        var task = await database.SingleAsync("""
            select t.status, t.kind, t.role, t.organisation_id, exists (select from approvals.users u where u.id = $2 and u.active), $2 = any(t.excluded), coalesce(t.assignee, t.claimed_by) = $2,
                exists (select from approvals.handovers h where h.user_id = $2)
            from approvals.tasks t where t.id = $1
            """, r => new
        {
            Status = r.GetInt16(0), Kind = r.GetString(1), Role = r.Text(2), Organisation = r.Text(3), Active = r.GetBoolean(4), Excluded = r.GetBoolean(5), Has = !r.IsDBNull(6) && r.GetBoolean(6), Left = r.GetBoolean(7),
        }, cancellationToken, taskId, to);
        return task switch
        {
            null => TaskRefusal.NotFound(taskId),
            { Status: >= TaskStatusCodes.Done } => new WorkflowException(ErrorCodes.TaskClosed, $"Task {taskId} is closed.", "该待办已办结或已取消。"),
            { Active: false } => new WorkflowException(ErrorCodes.UnknownUser, $"The user '{to}' is unknown or inactive.", "接收人不存在或已停用。"),
            { Kind: var kind } when TaskKinds.IsPersonal(kind) => Unfit("kind", $"Task {taskId} belongs to one person alone: an expert's seat and the applicant's corrections aren't handed on.", "专家席位（邀请、投票）、补正和完善材料只能由本人办理，不能转办。"),
            { Excluded: true } => Unfit("excluded", $"'{to}' may not act on task {taskId}: it is their own case, or they are excluded from it.", "接收人是申报人、已回避，或已办理过其他环节，不能办理此待办。"),
            { Left: true } => Unfit("left", $"'{to}' has handed over their own work.", "接收人已办理离职转办。"),
            { Has: true } => Unfit("has", $"'{to}' has task {taskId} already.", "该待办已由接收人办理。"),
            { Role: { } role } => Unfit("role", $"'{to}' doesn't hold the role '{role}'{(task.Organisation is null ? "" : $" at '{task.Organisation}'")}, which task {taskId} needs.", $"接收人未在相应单位担任“{role}”。"),
            _ => Unfit("moved", $"Task {taskId} isn't where it was any more. Read it again.", "待办刚刚发生变化，请刷新后重试。"),
        };
    }

    private static WorkflowException Unfit(string reason, string message, string zh) => new(ErrorCodes.Conflict, message, zh) { Facts = new Dictionary<string, object?> { ["reason"] = reason } };
}
