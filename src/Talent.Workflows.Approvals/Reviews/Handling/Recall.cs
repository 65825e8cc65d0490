using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>
/// 撤回: takes one's own decision back while nobody has acted on what came of it. The case goes back to the stage by the
/// engine's own move, which takes back exactly what follows it; the decision stays in the history (R-REV-7). One of several
/// who decide together takes back their own seat alone, while the stage isn't decided.
/// </summary>
public sealed class RecallCommands(WorkflowRuntime runtime, NpgsqlDataSource database, DefinitionStore definitions, BusinessClock clock)
{
    private const int Attempts = 3;

    /// <summary>What people do that nobody else's work depends on.</summary>
    private static readonly HashSet<string> Harmless = ["case.commented", "task.copied", "case.urged", "jump.asked", "jump.refused"];

    /// <summary>What passing time does without moving the case.</summary>
    private static readonly HashSet<string> Reminders = ["task.reminder", "task.overdue", "task.escalated", "supplement.due_soon"];

    /// <summary>What leaves the house: it can't be taken back.</summary>
    private static readonly HashSet<string> Irrevocable =
    [
        "Elsa.SendHttpRequest", "Elsa.FlowSendHttpRequest", "Elsa.SendEmail", "Elsa.PublishEvent", "Elsa.DispatchWorkflow", "Elsa.ExecuteWorkflow", "Elsa.BulkDispatchWorkflows",
        "Elsa.RunTask", "Elsa.WriteHttpResponse", NoticeStage.TypeName, ExpertPanel.TypeName,
    ];

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>: somebody else's decision; <c>wrong_state</c> with what stands in the way: the next stage has acted, something
    /// has left the house, the case has ended, several have decided that stage together, or it was recalled before.</exception>
    public async Task RecallAsync(Caller caller, Guid taskId, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return;
        for (var attempt = 1; ; attempt++)
        {
            var (decided, version, move, undone) = await PlanAsync(caller, user, taskId, cancellationToken);
            try
            {
                var answer = await runtime.ApplyAsync(new StepRequest
                {
                    InstanceId = decided.CaseId, Stimulus = move, Actor = caller.Actor, Idempotency = idempotency, IfVersion = version,
                    Domain = new DecisionRecalled { User = user, Limits = CredentialLimits.Of(caller), Task = taskId, Stage = decided.Stage, Undone = undone, Unheard = move is Stimulus.Revise },
                }, cancellationToken);
                if (!answer.Applied)
                    throw CaseRefusal.Of(answer, caller);
                return;
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed && attempt < Attempts)
            {
                // Somebody has acted meanwhile: look again whether that is in the way.
            }
        }
    }

    /// <summary>Whether the caller could take this decision back now.</summary>
    internal async Task<bool> IsPossibleAsync(Caller caller, Guid taskId, CancellationToken cancellationToken)
    {
        try
        {
            return caller.User is { } user && await PlanAsync(caller, user, taskId, cancellationToken) is { Version: > 0 };
        }
        catch (WorkflowException)
        {
            return false;
        }
    }

    /// <summary>What takes the decision back, tried out on the case as it is.</summary>
    private async Task<(Decided Decided, long Version, Stimulus Move, Guid[] Undone)> PlanAsync(Caller caller, string user, Guid taskId, CancellationToken cancellationToken)
    {
        var decided = await FindAsync(taskId, cancellationToken) ?? throw TaskRefusal.NotFound(taskId);
        Check(decided, caller, user, taskId);
        var record = await runtime.ReadAsync(decided.CaseId, cancellationToken) ?? throw TaskRefusal.NotFound(taskId);
        if (record.State.Status == WorkflowStatus.Finished)
            throw Refused("ended", "The case has ended by this decision.", "业务已因该决定办结，不能撤回。");
        var workflow = await definitions.ExecutableAsync(record.DefinitionVersionId, cancellationToken);
        // One of several who decide together, before the stage is decided: nothing has followed yet.
        var own = new StageRevision($"take-back-{taskId:N}", new Dictionary<Guid, DateTimeOffset>()) { TaskId = taskId }.Stimulus(StageRevision.TakeBack);
        var tried = Interpreter.Advance(workflow, record.State, own, clock.Now).Effects;
        if (tried.Any(e => e is OpenTask))
            return (decided, record.Version, own, Cancelled(tried));
        if (SeveralDecided(decided))
            throw Refused("several", "Several people have decided this stage together, and the others' decisions would be lost.", "该环节由多人办理且已办结，撤回会影响他人的决定。");
        var status = await RequireUntouchedAsync(decided, user, workflow, cancellationToken);
        var move = new Stimulus.MoveTo(decided.Stage, "recalled") { Output = await OutputAsync(decided, status, cancellationToken) };
        return (decided, record.Version, move, Cancelled(Interpreter.Advance(workflow, record.State, move, clock.Now).Effects));
    }

    private static Guid[] Cancelled(IEnumerable<Effect> effects) => [.. effects.OfType<CloseTask>().Where(c => c.End == TaskEnd.Cancelled).Select(c => c.TaskId)];

    /// <summary>Tasks of one person at a time follow one another at a stage that is returned to; those of several overlap.</summary>
    private static bool SeveralDecided(Decided decided)
    {
        var alone = Enumerable.Range(1, decided.Tasks).Select(visit => DerivedId.For(decided.CaseId, decided.Stage, visit, "bookmark")).ToHashSet();
        return decided.Beside.Any(other => !alone.Contains(other) || !alone.Contains(decided.Id));
    }

    private static void Check(Decided decided, Caller caller, string user, Guid taskId)
    {
        if (decided.DecidedBy != user)
            throw new WorkflowException(ErrorCodes.Forbidden, $"Task {taskId} wasn't decided by '{user}'. Only one's own decision can be recalled.", "只能撤回本人作出的决定。");
        caller.RequireService(decided.Service);
        if (caller.Organisations is not null && (decided.OrganisationId is null || !caller.MayActFor(decided.OrganisationId)) || decided.Role is not null && !caller.MayActAs(decided.Role))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act for task {taskId}.", "此密钥无权办理该待办。");
        if (decided.Recalled)
            throw Refused("recalled", $"The decision on task {taskId} was recalled before.", "该决定已撤回。");
        if (decided.Status != TaskStatusCodes.Done || decided.Kind != TaskKinds.Review)
            throw Refused("kind", $"Task {taskId} isn't a decided review.", "该待办不是已作出决定的审核，不能撤回。");
    }

    /// <returns>The case's status before the decision.</returns>
    private async Task<string> RequireUntouchedAsync(Decided decided, string user, ExecutableWorkflow workflow, CancellationToken cancellationToken)
    {
        var entries = await database.QueryAsync("""
            select a.seq, a.action, a.stage, a.details, a.from_status from approvals.audit a where a.case_id = $1 and a.seq >= (
                select max(d.seq) from approvals.audit d where d.case_id = $1 and d.action = 'task.decided' and d.user_id = $2 and d.stage = $3 and d.at = $4) order by a.seq
            """, r => new Entry(r.GetInt64(0), r.GetString(1), r.Text(2), r.Text(3), r.Text(4)), cancellationToken, decided.CaseId, user, decided.Stage, decided.DecidedAt!.Value);
        if (entries is not [{ From: { } status } own, .. var later])
            throw Refused("kind", "The decision isn't in the case's history.", "办理过程中没有该决定。");
        var following = new Following(workflow, decided.Stage);
        if (later.FirstOrDefault(e => !IsHarmless(e) && following.Holds(e.Stage)) is { } act)
            throw Refused("acted", $"The next stage has acted ({act.Action}).", "后续环节已经办理，不能撤回。", act.Action);
        foreach (var step in await runtime.ReadJournalAsync(decided.CaseId, own.Seq - 1, 5000, cancellationToken))
            if (step.Entries.FirstOrDefault(e => Irrevocable.Contains(e.Type) && following.Holds(e.ActivityId)) is { } sent)
                throw Refused("sent", $"'{sent.ActivityId}' has sent or published something since.", "后续步骤已对外发送或公示，不能撤回。", sent.ActivityId);
        return status;
    }

    private static bool IsHarmless(Entry entry)
    {
        if (entry.Action != "time.passed")
            return Harmless.Contains(entry.Action);
        if (entry.Details is null)
            return false;
        using var details = JsonDocument.Parse(entry.Details);
        return details.RootElement.TryGetProperty("did", out var did) && did.EnumerateArray().All(word => Reminders.Contains(word.GetString()!));
    }

    /// <summary>The stage begins as it was: with the case's status of then, and with what is left of its limit.</summary>
    private async Task<Dictionary<string, JsonElement>> OutputAsync(Decided decided, string status, CancellationToken cancellationToken)
    {
        var output = CaseFacts.Outputs(status, decided.Phase);
        // A return keeps the clock of the stage by itself.
        if (decided.Outcome == DecisionOutcome.Return.Code())
            return output;
        var pauses = await database.QueryAsync("""
            with recursive back as (
                select p.* from approvals.clock_pauses p where p.case_id = $1 and p.resumed_task = $2
                union all
                select p.* from approvals.clock_pauses p join back b on p.resumed_task = b.task_id where p.case_id = $1)
            select b.id, b.paused_at, b.resumed_at, b.ground, t.opened_at from back b join approvals.tasks t on t.id = b.task_id order by b.paused_at limit 100
            """, r => (Pause: new ClockPause(r.GetGuid(0), r.GetFieldValue<DateTimeOffset>(1), r.Instant(2), r.GetString(3)), OpenedAt: r.GetFieldValue<DateTimeOffset>(4)), cancellationToken, decided.CaseId, decided.Id);
        output[$"clock:{decided.Stage}"] = JsonSerializer.SerializeToElement(new StageClock(pauses is [var first, ..] ? first.OpenedAt : decided.OpenedAt, [.. pauses.Select(p => p.Pause)]));
        return output;
    }

    private Task<Decided?> FindAsync(Guid taskId, CancellationToken cancellationToken) => database.SingleAsync("""
        select t.id, t.case_id, t.stage, t.kind, t.status, t.phase, t.opened_at, t.decided_at, t.decided_by, t.outcome, t.reason is not distinct from 'recalled', c.service, t.role, t.organisation_id,
            array(select o.id from approvals.tasks o where o.case_id = t.case_id and o.id between approvals.first_task(t.case_id) and approvals.last_task(t.case_id)
                and o.stage = t.stage and o.opened_at <= t.decided_at and o.decided_at >= t.opened_at and o.id <> t.id and o.reason is distinct from 'recalled' and o.status = 2),
            (select count(*)::int from approvals.tasks o where o.case_id = t.case_id and o.id between approvals.first_task(t.case_id) and approvals.last_task(t.case_id) and o.stage = t.stage)
        from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.id = $1
        """, r => new Decided(r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetString(3), r.GetInt16(4), r.GetInt16(5), r.GetFieldValue<DateTimeOffset>(6), r.Instant(7), r.Text(8), r.Text(9), r.GetBoolean(10),
            r.GetString(11), r.Text(12), r.Text(13), r.GetFieldValue<Guid[]>(14), r.GetInt32(15)), cancellationToken, taskId);

    private static WorkflowException Refused(string reason, string message, string zh, string? what = null) => new(ErrorCodes.WrongState, $"The decision can't be recalled. {message}", zh)
    {
        Facts = new Dictionary<string, object?> { ["reason"] = reason, ["what"] = what },
    };

    private sealed record Decided(Guid Id, Guid CaseId, string Stage, string Kind, short Status, short Phase, DateTimeOffset OpenedAt, DateTimeOffset? DecidedAt, string? DecidedBy, string? Outcome, bool Recalled,
        string Service, string? Role, string? OrganisationId, Guid[] Beside, int Tasks);

    private sealed record Entry(long Seq, string Action, string? Stage, string? Details, string? From);
}
