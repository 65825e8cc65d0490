using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Steps by their names.</summary>
public sealed partial class WorkflowRuntime
{
    /// <summary>Sends an event to an instance. A signal id belongs to the credential and is applied once, by whatever route it comes; sent again, it
    /// is answered with what became of it, or applied if nothing had expected it and now something does.</summary>
    /// <param name="idempotency">Holds the signal to one request, whatever instance it names; null: the signal id alone counts, for each instance.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>too_many_signals</c>, <c>busy</c>, <c>intake_paused</c>, <c>unavailable</c>,
    /// <c>idempotency_key_reused</c>: the signal id was used for another event or another payload.</exception>
    public async Task<SignalRecord> SignalAsync(Guid instanceId, string signalId, string name, JsonElement payload, Actor actor, CancellationToken cancellationToken, Idempotency? idempotency = null)
    {
        EventNames.Require(name);
        var answer = await ApplyAsync(new StepRequest { InstanceId = instanceId, Stimulus = new Stimulus.Signal(signalId, name, payload), Actor = actor, Idempotency = idempotency }, cancellationToken);
        if (answer.Replayed && await ReadSignalAsync(instanceId, signalId, actor.Credential, cancellationToken) is { } stored)
            return stored with { Replayed = true };
        var outcome = answer.Outcome switch
        {
            StepOutcome.Applied => SignalOutcome.Applied,
            StepOutcome.Waiting => SignalOutcome.Waiting,
            StepOutcome.NotExpected => SignalOutcome.NotExpected,
            _ => SignalOutcome.Superseded,
        };
        return new SignalRecord(instanceId, signalId, name, outcome, clock.Now, answer.Replayed);
    }

    /// <summary>Resumes one wait, found by its bookmark. Never buffered: when it is gone, the outcome is <c>Superseded</c>.</summary>
    /// <exception cref="WorkflowException"><c>bookmark_gone</c>: no instance has it.</exception>
    public Task<StepAnswer> ResumeAsync(Guid bookmarkId, JsonElement payload, Actor actor, CancellationToken cancellationToken) =>
        ApplyAsync(new StepRequest { Stimulus = new Stimulus.Resume(bookmarkId, payload), Actor = actor }, cancellationToken);

    /// <summary>Ends an instance.</summary>
    public Task<StepAnswer> CancelAsync(Guid instanceId, string reason, Actor actor, CancellationToken cancellationToken) =>
        ApplyAsync(new StepRequest { InstanceId = instanceId, Stimulus = new Stimulus.Cancel(reason), Actor = actor }, cancellationToken);

    /// <summary>Executes again what an incident stopped; all open ones when no id is given. Timers that were set aside are released.</summary>
    public Task<StepAnswer> RetryAsync(Guid instanceId, Guid? incidentId, Actor actor, CancellationToken cancellationToken) =>
        ApplyAsync(new StepRequest { InstanceId = instanceId, Stimulus = new Stimulus.Retry(incidentId), Actor = actor }, cancellationToken);

    /// <summary>Goes to an activity of a running flowchart.</summary>
    /// <exception cref="WorkflowException"><c>unknown_activity</c>, <c>wrong_state</c>.</exception>
    public Task<StepAnswer> MoveToAsync(Guid instanceId, string activityId, string reason, Actor actor, CancellationToken cancellationToken) =>
        ApplyAsync(new StepRequest { InstanceId = instanceId, Stimulus = new Stimulus.MoveTo(activityId, reason), Actor = actor }, cancellationToken);
}
