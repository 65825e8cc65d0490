using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>跳转 as it stands.</summary>
/// <param name="State">asked, confirmed, refused or expired.</param>
public sealed record JumpView(Guid Id, Guid CaseId, string Stage, string Reason, Worded State, string AskedBy, DateTimeOffset AskedAt, DateTimeOffset ExpiresAt,
    string? SettledBy, DateTimeOffset? SettledAt, string? Answer);

/// <summary>跳转 by two administrators: one asks, the other has it carried out, and only if the case still waits where it did (R-REV-7).</summary>
public sealed class JumpCommands(WorkflowRuntime runtime, NpgsqlDataSource database, DefinitionStore definitions, ServiceCatalogue services, BusinessClock clock)
{
    private const int Attempts = 3;

    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>not_found</c>, <c>invalid_request</c> (reason), <c>unknown_activity</c>, <c>wrong_state</c>: the case can't go there.</exception>
    public async Task<JumpView> AskAsync(Caller caller, Guid caseId, string stage, string reason, IReadOnlyList<string>? leaving, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireAdministrator();
        reason = Texts.Required(reason, "reason");
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is { } earlier)
            return (await ListAsync(earlier.InstanceId, cancellationToken)).First(j => j.AskedBy == user && j.Stage == stage);
        var (service, record) = await LoadAsync(caseId, cancellationToken);
        var move = await MoveAsync(record, stage, await LeavingAsync(record, stage, leaving ?? [], cancellationToken), cancellationToken);
        var days = (await services.GetAsync(service, cancellationToken)).Service.Handling.JumpDays;
        var asked = new JumpAsked { User = user, Id = Guid.CreateVersion7(clock.Machine.GetUtcNow()), Stage = stage, Reason = reason, Waiting = Waiting(record.State), Leaving = move.Leaving, ExpiresAt = clock.Now.AddDays(days) };
        var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency, IfVersion = record.Version, Domain = asked }, cancellationToken);
        return answer.Applied ? await FindAsync(caseId, asked.Id, cancellationToken) : throw CaseRefusal.Of(answer, caller);
    }

    /// <summary>Carries the jump out.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>: not an administrator, or the one who asked; <c>not_found</c>; <c>wrong_state</c>: settled or expired;
    /// <c>conflict</c>: the case has moved on since.</exception>
    public async Task<JumpView> ConfirmAsync(Caller caller, Guid caseId, Guid jumpId, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireAdministrator();
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return await FindAsync(caseId, jumpId, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var jump = await SettleableAsync(caseId, jumpId, user, cancellationToken);
            var (_, record) = await LoadAsync(caseId, cancellationToken);
            var waiting = await database.QueryAsync("select waiting, leaving from approvals.jumps where id = $1", r => (At: r.GetFieldValue<Guid[]>(0), Leaving: r.GetFieldValue<string[]>(1)), cancellationToken, jumpId);
            if (!waiting[0].At.AsSpan().SequenceEqual(Waiting(record.State)))
                throw new WorkflowException(ErrorCodes.Conflict, $"Case {caseId} has moved on since the jump was asked for. Look at it again, and ask anew if it still is needed.", "业务在申请跳转后已经推进，请核对后重新申请。")
                { Facts = new Dictionary<string, object?> { ["reason"] = "moved_on" } };
            try
            {
                var answer = await runtime.ApplyAsync(new StepRequest
                {
                    InstanceId = caseId, Stimulus = await MoveAsync(record, jump.Stage, waiting[0].Leaving, cancellationToken), Actor = caller.Actor, Idempotency = idempotency, IfVersion = record.Version,
                    Domain = new JumpSettled { User = user, Id = jumpId, Stage = jump.Stage, Confirmed = true },
                }, cancellationToken);
                return answer.Applied ? await FindAsync(caseId, jumpId, cancellationToken) : throw CaseRefusal.Of(answer, caller);
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed && attempt < Attempts)
            {
                // A comment may have come; an act of somebody shows when it is looked at again.
            }
        }
    }

    /// <exception cref="WorkflowException">As <see cref="ConfirmAsync"/>, but for the case, which may have moved on.</exception>
    public async Task<JumpView> RefuseAsync(Caller caller, Guid caseId, Guid jumpId, string reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireAdministrator();
        reason = Texts.Required(reason, "reason");
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return await FindAsync(caseId, jumpId, cancellationToken);
        var jump = await SettleableAsync(caseId, jumpId, user, cancellationToken);
        var answer = await runtime.ApplyAsync(new StepRequest
        {
            InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency, Domain = new JumpSettled { User = user, Id = jumpId, Stage = jump.Stage, Confirmed = false, Answer = reason },
        }, cancellationToken);
        return answer.Applied ? await FindAsync(caseId, jumpId, cancellationToken) : throw CaseRefusal.Of(answer, caller);
    }

    /// <summary>All jumps of a case, latest first, for administrators.</summary>
    public Task<List<JumpView>> ListAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        return ListAsync(caseId, cancellationToken);
    }

    private async Task<List<JumpView>> ListAsync(Guid caseId, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        return await database.QueryAsync("""
            select id, stage, reason, state, asked_by, asked_at, expires_at, settled_by, settled_at, answer from approvals.jumps where case_id = $1 order by asked_at desc, id desc limit 200
            """, r => new JumpView(r.GetGuid(0), caseId, r.GetString(1), r.GetString(2), Word(r.GetInt16(3), r.GetFieldValue<DateTimeOffset>(6) <= now), r.GetString(4),
                r.GetFieldValue<DateTimeOffset>(5), r.GetFieldValue<DateTimeOffset>(6), r.Text(7), r.Instant(8), r.Text(9)), cancellationToken, caseId);
    }

    private async Task<JumpView> FindAsync(Guid caseId, Guid jumpId, CancellationToken cancellationToken) =>
        (await ListAsync(caseId, cancellationToken)).Find(j => j.Id == jumpId) ?? throw new WorkflowException(ErrorCodes.NotFound, $"Case {caseId} has no jump {jumpId}. Check the ids.", "该业务没有此跳转申请。");

    private async Task<JumpView> SettleableAsync(Guid caseId, Guid jumpId, string user, CancellationToken cancellationToken)
    {
        var jump = await FindAsync(caseId, jumpId, cancellationToken);
        if (jump.AskedBy == user)
            throw new WorkflowException(ErrorCodes.Forbidden, "You asked for this jump yourself. Another administrator confirms or refuses it.", "不能确认本人申请的跳转，须由另一位管理员办理。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "own" } };
        return jump.State.Code == "asked" ? jump : throw new WorkflowException(ErrorCodes.WrongState, $"The jump {jumpId} is {jump.State.En} already.", $"该跳转申请{jump.State.Zh}，不能再办理。")
        { Facts = new Dictionary<string, object?> { ["state"] = jump.State.Code } };
    }

    private async Task<(string Service, InstanceRecord Record)> LoadAsync(Guid caseId, CancellationToken cancellationToken)
    {
        var service = await database.QueryAsync("select service from approvals.cases where id = $1", r => r.GetString(0), cancellationToken, caseId);
        return service.Count == 1 && await runtime.ReadAsync(caseId, cancellationToken) is { } record ? (service[0], record) : throw CaseRefusal.NotFound(caseId);
    }

    /// <summary>What the jump gives up: the one thing that runs; of several side by side, what comes before the stage, and what was named.</summary>
    private async Task<IReadOnlyList<string>> LeavingAsync(InstanceRecord record, string stage, IReadOnlyList<string> named, CancellationToken cancellationToken) =>
        Leaving(await definitions.ExecutableAsync(record.DefinitionVersionId, cancellationToken), record.State, stage, named);

    /// <exception cref="WorkflowException"><c>wrong_state</c>: the case is at the stage; <c>invalid_request</c>: something named doesn't run.</exception>
    internal static IReadOnlyList<string> Leaving(ExecutableWorkflow workflow, WorkflowState state, string stage, IReadOnlyList<string> named)
    {
        var node = workflow.Activity(stage).Node;
        if (node.Parent is null || state.Executions.FindLast(e => e.ActivityId == node.Parent.Id) is not { Tokens: not null } chart)
            return [];
        // Who has asked an earlier stage again stands for both: leaving it ends what was asked.
        var asked = state.Executions.Select(e => e.Awaits).OfType<int>().ToHashSet();
        var active = state.Executions.Where(e => e.ParentId == chart.Id && !asked.Contains(e.Id)).Select(e => e.ActivityId).Distinct(StringComparer.Ordinal).ToArray();
        if (state.Executions.Exists(e => e.ParentId == chart.Id && e.ActivityId == stage && e.Awaits is null))
            throw new WorkflowException(ErrorCodes.WrongState, $"Case {state.InstanceId} is at '{stage}' now. Name another stage.", "业务正在该环节，不需要跳转。");
        if (named.Except(active, StringComparer.Ordinal).FirstOrDefault() is { } idle)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{idle}' doesn't run now, so it can't be left. Name some of {string.Join(", ", active)}, or leave 'leaving' out.", $"“{idle}”当前没有进行，不能离开。");
        var graph = workflow.Activity(node.Parent.Id).GraphFrom(chart.Entry);
        // What comes after the stage the move itself takes back, and knows by it which joins had been passed.
        var before = graph.ForwardAncestors(stage);
        if (active is [var only])
            return !Passes(only) && graph.ForwardAncestors(only).Contains(stage) ? [] : active;
        return [.. active.Where(Passes).Union(named, StringComparer.Ordinal)];

        // A correction leads back to a stage that is passed, though no way forward leads from it.
        bool Passes(string id) => before.Contains(id) || (workflow.Activity(id).Implementation is Supplement && graph.Rejoined(id).Any(before.Contains));
    }

    /// <summary>The move, tried out on what the case is now: whoever asks learns at once that it can't be.</summary>
    private async Task<Stimulus.MoveTo> MoveAsync(InstanceRecord record, string stage, IReadOnlyList<string> leaving, CancellationToken cancellationToken)
    {
        var status = record.State.Status();
        var last = await database.QueryAsync("""
            select coalesce((select a.from_status from approvals.audit a where a.case_id = $1 and a.action = 'task.decided' and a.stage = $2 order by a.seq desc limit 1), $3), t.phase
            from (select 1) one left join lateral (select t.phase from approvals.tasks t where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1)
                and t.stage = $2 order by t.opened_at desc limit 1) t on true
            """, r => (Status: r.GetString(0), Phase: r.IsDBNull(1) ? (short?)null : r.GetInt16(1)), cancellationToken, record.Id, stage, status is "supplement" or "materials" ? "in_review" : status);
        var move = new Stimulus.MoveTo(stage, "jumped") { Output = CaseFacts.Outputs(last[0].Status, last[0].Phase ?? record.State.Phase()), Leaving = leaving };
        var result = Interpreter.Advance(await definitions.ExecutableAsync(record.DefinitionVersionId, cancellationToken), record.State, move, clock.Now);
        return result.Outcome == StepOutcome.Applied && result.State.Incidents.Count <= record.State.Incidents.Count ? move
            : throw new WorkflowException(ErrorCodes.WrongState, $"Case {record.Id} can't jump to '{stage}': it has ended, or the stage fails. Choose another stage.", "业务已办结，或目标环节无法开始，不能跳转。");
    }

    private static Guid[] Waiting(WorkflowState state) => [.. state.Bookmarks.Select(b => b.Id).Order()];

    private static Worded Word(short state, bool expired) => state switch
    {
        1 => new("confirmed", "已执行", "carried out"),
        2 => new("refused", "已驳回", "refused"),
        _ when expired => new("expired", "已过期", "expired"),
        _ => new("asked", "待确认", "waiting for confirmation"),
    };
}
