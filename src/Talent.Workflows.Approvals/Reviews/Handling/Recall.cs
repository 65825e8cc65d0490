using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
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

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>: somebody else's decision; <c>wrong_state</c> with what stands in the way: the next stage has acted, something
    /// has left the house, the case has ended, several have decided that stage together, the return has ended a review beside it, or it was recalled before.</exception>
    public async Task RecallAsync(Caller caller, Guid taskId, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return;
        for (var attempt = 1; ; attempt++)
        {
            var decided = await RecallableDecision.ReadAsync(database, [taskId], cancellationToken) is [var one] ? one : throw TaskRefusal.NotFound(taskId);
            var plan = decided.Plan(caller, user, await definitions.ExecutableAsync(decided.DefinitionVersionId, cancellationToken), clock.Now);
            var move = plan.Move is Stimulus.MoveTo moving ? moving with { Output = await OutputAsync(decided, plan.StatusBefore!, cancellationToken) } : plan.Move;
            try
            {
                var answer = await runtime.ApplyAsync(new StepRequest
                {
                    InstanceId = decided.CaseId, Stimulus = move, Actor = caller.Actor, Idempotency = idempotency, IfVersion = decided.Version,
                    Domain = new DecisionRecalled { User = user, Limits = CredentialLimits.Of(caller), Task = taskId, Stage = decided.Stage, Undone = plan.Undone, Unheard = move is Stimulus.Revise },
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

    /// <summary>Which of these decisions the caller could take back now. One round trip, however many they are.</summary>
    internal async Task<HashSet<Guid>> PossibleAsync(Caller caller, IReadOnlyCollection<Guid> tasks, CancellationToken cancellationToken)
    {
        var possible = new HashSet<Guid>();
        if (caller.User is not { } user || tasks.Count == 0)
            return possible;
        foreach (var decided in await RecallableDecision.ReadAsync(database, tasks, cancellationToken))
        {
            try
            {
                decided.Plan(caller, user, await definitions.ExecutableAsync(decided.DefinitionVersionId, cancellationToken), clock.Now);
                possible.Add(decided.Id);
            }
            catch (WorkflowException)
            {
                // It says why not to whoever tries.
            }
        }
        return possible;
    }

    /// <summary>The stage begins as it was: with the case's status of then, with what is left of its limit, and without what the decision had counted for.</summary>
    private async Task<Dictionary<string, JsonElement>> OutputAsync(RecallableDecision decided, string status, CancellationToken cancellationToken)
    {
        var output = CaseFacts.Outputs(status, decided.Phase);
        var corrected = decided.Outcome == DecisionOutcome.Return.Code() && decided.ReturnedTo is null;
        var snapshot = new Snapshot(database);
        // The tasks over which the limit ran: from the one that the decision closed back over its corrections.
        const string Tasks = """
            with recursive tasks (id) as (
                select $2::uuid
                union select p.task_id from approvals.clock_pauses p join tasks t on p.resumed_task = t.id where p.case_id = $1 and 'stage' = any(p.limits))
            """;
        var pauses = snapshot.Add($"""
            {Tasks}
            select p.id, p.paused_at, p.resumed_at, p.ground from approvals.clock_pauses p join tasks t on p.resumed_task = t.id where p.case_id = $1 and 'stage' = any(p.limits) order by p.paused_at, p.id
            """, r => new ClockPause(r.GetGuid(0), r.GetFieldValue<DateTimeOffset>(1), r.Instant(2), r.GetString(3)), decided.CaseId, decided.Id);
        var limit = snapshot.Add($"""
            {Tasks}
            select min(o.opened_at), exists (select from approvals.extensions e join tasks t on t.id = e.task_id where e.case_id = $1 and e.limit_kind = '{LimitKinds.Stage}' and e.status = {(int)ExtensionStatus.Granted})
            from tasks t join approvals.tasks o on o.id = t.id
            """, r => (From: r.GetFieldValue<DateTimeOffset>(0), Extended: r.GetBoolean(1)), decided.CaseId, decided.Id);
        var others = snapshot.Add("""
            select o.decided_by, f.principal from approvals.tasks o left join approvals.decisions_for f on f.task_id = o.id
            where o.case_id = $1 and o.id between approvals.first_task($1) and approvals.last_task($1) and o.stage = $3 and o.id <> $2 and o.status = 2 and o.reason is distinct from 'recalled'
            """, r => (By: r.Text(0), For: r.Text(1)), decided.CaseId, decided.Id, decided.Stage);
        await snapshot.ReadAsync(cancellationToken);

        // A correction keeps the clock of the stage by itself.
        if (!corrected)
            output[$"clock:{decided.Stage}"] = JsonSerializer.SerializeToElement(new StageClock(limit[0].From, [.. pauses], limit[0].Extended));
        else if (CaseClock.Uncounted(decided.State, decided.Phase) is { } clock)
            output[CaseClock.Key] = clock;
        if (ReviewStage.DecidersWithout(decided.State, decided.Stage, [decided.DecidedBy, decided.Principal], [.. others.Select(o => o.By), .. others.Select(o => o.For)]) is { } deciders)
            output[ReviewStage.DecidersOutput] = deciders;
        return output;
    }
}
