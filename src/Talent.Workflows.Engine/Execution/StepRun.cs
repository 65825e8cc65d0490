using System.Text.Json;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>One step while it runs: the state being changed, the work still queued, and what was decided so far.</summary>
internal sealed partial class StepRun(ExecutableWorkflow workflow, WorkflowState state, DateTimeOffset now)
{
    private readonly Queue<Work> queue = new();
    private readonly List<Effect> effects = [];
    private readonly List<JournalEntry> journal = [];
    private readonly List<string> appliedEarlySignals = [];
    private readonly Stack<Action> undo = new();
    private readonly Dictionary<Guid, int> retriedAttempts = [];
    private readonly HashSet<int> retried = [];
    private StartTrigger? trigger;
    private int executed;
    private long scriptSteps;

    public ExecutableWorkflow Workflow => workflow;
    public WorkflowState State => state;
    public DateTimeOffset Now => now;

    /// <summary>True in a step in which an incident of this activity is tried again.</summary>
    public bool Retries(ActivityExecution execution) => retried.Contains(execution.Id);

    /// <summary>In the step that a trigger starts: its activity.</summary>
    public string? TriggeredActivity => trigger?.ActivityId;

    /// <summary>Counts what scripts of this instance have asked for by chance: no two draws are the same.</summary>
    public long NextRandom() => ++state.Randoms;

    /// <summary>What one script may use: its own budget, and not more than all scripts of the step together have left.</summary>
    public ScriptBudget Budget => Interpreter.MaxScriptStepsPerStep - scriptSteps is var left && left >= ScriptBudget.Default.MaxSteps
        ? ScriptBudget.Default : ScriptBudget.Default with { MaxSteps = Math.Max(0, left) };

    /// <summary>Counts what scripts have used.</summary>
    public void Charge(ScriptScope scope) => scriptSteps += scope.StepsUsed;

    /// <summary>True while the workflow asks that an incident stops all of it, and there is one.</summary>
    private bool Halts => workflow.Definition.IncidentStrategy == IncidentStrategy.Fault && state.Incidents.Count > 0;

    private abstract record Work
    {
        public sealed record Execute(ActivityExecution Execution) : Work;
        public sealed record ChildCompleted(int ParentId, ChildCompletion Child) : Work;
    }

    public StepOutcome Apply(Stimulus stimulus)
    {
        if (state.Status == WorkflowStatus.Finished)
            return StepOutcome.Superseded;
        var outcome = stimulus switch
        {
            Stimulus.Start start => Start(start),
            Stimulus.Resume resume => Resume(resume),
            Stimulus.Signal signal => Signal(signal),
            Stimulus.TimersDue => FireTimers(),
            Stimulus.Cancel cancel => CancelInstance(cancel.Reason, WorkflowSubStatus.Cancelled),
            Stimulus.Retry retry => Retry(retry.IncidentId),
            Stimulus.GiveUp up => GiveUp(up),
            Stimulus.MoveTo move => MoveTo(move),
            Stimulus.Alter alter => Alter(alter),
            Stimulus.Revise revise => Revise(revise),
            _ => throw new InvalidOperationException($"Unknown stimulus {stimulus.GetType().Name}."),
        };
        if (outcome == StepOutcome.Applied)
        {
            Drain();
            Settle();
        }
        return outcome;
    }

    public StepResult Result(StepOutcome outcome, WorkflowState before)
    {
        var opened = state.Bookmarks.Where(b => before.Bookmarks.TrueForAll(o => o.Id != b.Id)).ToList();
        var closed = before.Bookmarks.Where(b => state.Bookmarks.TrueForAll(o => o.Id != b.Id)).ToList();
        return new StepResult(outcome, state, effects, journal, opened, closed, appliedEarlySignals);
    }

    private StepOutcome Start(Stimulus.Start start)
    {
        if (state.SubStatus != WorkflowSubStatus.Pending)
            return StepOutcome.Superseded;
        if (workflow.Refusal is { } refusal)
            throw refusal;
        if (start.Trigger is { } by && workflow.StartTriggers().All(t => t.Activity.Node.Id != by.ActivityId))
            throw new WorkflowException(ErrorCodes.UnknownActivity, $"Definition {workflow.Definition.Id} has no activity '{by.ActivityId}' that may start it. Publish one, or start it by hand.", "该流程没有可触发启动的此活动。");
        trigger = start.Trigger;
        state.SubStatus = WorkflowSubStatus.Executing;
        state.CorrelationId = start.CorrelationId ?? state.CorrelationId;
        state.Parent = start.Parent;
        state.Input = new(start.Input, StringComparer.Ordinal);
        state.Variables = VariableValues.Defaults(workflow.Definition.Variables);
        Schedule(workflow.Definition.Root, parent: null);
        return StepOutcome.Applied;
    }

    private StepOutcome Resume(Stimulus.Resume resume)
    {
        var bookmark = state.Bookmarks.Find(b => b.Id == resume.BookmarkId);
        if (bookmark is null)
            return StepOutcome.Superseded;
        RefuseWhenHalted(bookmark);
        ResumeBookmark(bookmark, resume.Payload, refuse: !resume.Unattended);
        return StepOutcome.Applied;
    }

    private StepOutcome Signal(Stimulus.Signal signal)
    {
        if (signal.Waits.Count > 1 && state.Bookmarks.FindAll(b => signal.Waits.Contains(b.Id)) is { Count: > 1 } waits)
        {
            foreach (var wait in waits)
            {
                // What an earlier one led to may have ended this one.
                if (!state.Bookmarks.Exists(b => b.Id == wait.Id))
                    continue;
                ResumeBookmark(wait, signal.Payload, refuse: false);
                Drain();
            }
            return StepOutcome.Applied;
        }
        var bookmark = state.Bookmarks.Find(b => signal.Waits.Contains(b.Id)) ?? WaitFor(signal.Name);
        if (bookmark is not null)
        {
            RefuseWhenHalted(bookmark);
            ResumeBookmark(bookmark, signal.Payload, refuse: true);
            return StepOutcome.Applied;
        }
        if (!workflow.Definition.EarlyEvents.Contains(signal.Name))
            return StepOutcome.NotExpected;
        if (state.EarlySignals.Count >= Interpreter.MaxEarlySignals)
            return StepOutcome.TooMany;
        state.EarlySignals.Add(new EarlySignal(signal.SignalId, signal.Name, signal.Payload));
        return StepOutcome.Waiting;
    }

    private void RefuseWhenHalted(Bookmark bookmark)
    {
        if (state.Halted)
            throw new StimulusRejected(new WorkflowException(ErrorCodes.WrongState,
                $"Instance {state.InstanceId} has faulted and doesn't go on, so activity '{bookmark.ActivityId}' can't either. Retry or cancel it first.",
                "流程因故障已停止，请先重试或取消该流程实例。") { Facts = new Dictionary<string, object?> { ["reason"] = "halted" } });
    }

    private Bookmark? WaitFor(string eventName) =>
        state.Bookmarks.Find(b => b.Kind == BookmarkKinds.Event && b.Name == eventName);

    /// <param name="refuse">Who sent it is there to be told: when the activity fails, nothing changes. Else an incident keeps it.</param>
    private void ResumeBookmark(Bookmark bookmark, JsonElement payload, bool refuse)
    {
        var execution = state.Execution(bookmark.ExecutionId)
            ?? throw new InvalidOperationException($"Bookmark {bookmark.Id} of instance {state.InstanceId} belongs to no live execution.");
        Log("Resumed", execution);
        state.Bookmarks.Remove(bookmark);
        Guard(execution, new PendingCall { Bookmark = bookmark, Payload = payload }, refuse, (activity, context) => activity.Resume(context, bookmark, payload));
    }

    private StepOutcome FireTimers()
    {
        if (state.NextDueAt() is not { } due || due > now)
            return StepOutcome.Superseded;
        foreach (var timer in state.Timers.Where(t => t.DueAt == due).ToList())
        {
            // An earlier timer of this very instant may have ended what this one belongs to.
            if (Halts || !state.Timers.Remove(timer))
                continue;
            Fire(timer);
            Drain();
        }
        return StepOutcome.Applied;
    }

    private void Fire(TimerWait timer)
    {
        var execution = state.Execution(timer.ExecutionId)
            ?? throw new InvalidOperationException($"Timer {timer.Id} of instance {state.InstanceId} belongs to no live execution.");
        Log("Resumed", execution, message: timer.Purpose);
        Guard(execution, new PendingCall { Timer = timer }, refuse: false, (activity, context) => activity.TimerDue(context, timer));
    }

    private StepOutcome Revise(Stimulus.Revise revise)
    {
        if (state.SubStatus == WorkflowSubStatus.Pending)
            return StepOutcome.Superseded;
        foreach (var execution in state.Executions.Where(e => !e.Faulted && workflow.Activity(e.ActivityId).Implementation is { Heeds: true }).ToList())
            if (state.Executions.Contains(execution))
            {
                Log("Revised", execution, message: revise.Name);
                Guard(execution, new PendingCall(), refuse: true, (activity, context) => activity.Revise(context, revise.Name, revise.Payload));
            }
        return StepOutcome.Applied;
    }

    /// <summary>What the activities under way say of their waits.</summary>
    public IReadOnlyList<Effect> Explain()
    {
        foreach (var execution in state.Executions.Where(e => !e.Faulted).ToList())
        {
            var (bound, said) = (workflow.Activity(execution.ActivityId), effects.Count);
            try
            {
                bound.Implementation?.Explain(new ActivityContext(this, execution, bound));
            }
            catch (Exception e) when (e is WorkflowException or ScriptException)
            {
                // An input that can't be computed now; that it waits shows without it.
                effects.RemoveRange(said, effects.Count - said);
            }
        }
        return effects;
    }

    private StepOutcome Retry(Guid? incidentId)
    {
        var incidents = state.Incidents.Where(i => incidentId is null || i.Id == incidentId).ToList();
        if (incidents.Count == 0)
            return StepOutcome.Superseded;
        foreach (var incident in incidents)
        {
            // What an earlier one of these led to may have ended this one's activity.
            if (!state.Incidents.Remove(incident) || state.Execution(incident.ExecutionId) is not { } execution)
                continue;
            retriedAttempts[incident.Id] = incident.Attempts;
            retried.Add(execution.Id);
            execution.Faulted = state.Incidents.Exists(i => i.ExecutionId == execution.Id);
            Log("Retried", execution);
            switch (incident.Call)
            {
                case { GivenUp: true }:
                    break;
                case { Bookmark: { } bookmark, Payload: var payload }:
                    ResumeBookmark(bookmark, payload, refuse: false);
                    break;
                case { Triggered: true, Payload: var given }:
                    Trigger(execution, given);
                    break;
                case { Timer: { } timer }:
                    Fire(timer);
                    break;
                case { Child: { } child }:
                    queue.Enqueue(new Work.ChildCompleted(execution.Id,
                        new ChildCompletion(workflow.Activity(child.ActivityId).Node, child.ExecutionId, child.Outcomes, child.MovesBack, child.EndsFlow, child.BackTo)));
                    break;
                default:
                    queue.Enqueue(new Work.Execute(execution));
                    break;
            }
            Drain();
        }
        return StepOutcome.Applied;
    }

    private StepOutcome GiveUp(Stimulus.GiveUp up)
    {
        if (state.Bookmarks.Find(b => b.Id == up.BookmarkId) is not { } bookmark || state.Execution(bookmark.ExecutionId) is not { Faulted: false } execution)
            return StepOutcome.Superseded;
        Fail(execution, new PendingCall { Bookmark = bookmark, GivenUp = true }, up.Code, up.Message);
        return StepOutcome.Applied;
    }

    /// <summary>Works the queue off, then hands kept signals to waits that have come up.</summary>
    private void Drain()
    {
        do
        {
            while (queue.TryDequeue(out var work))
            {
                if (work is Work.Execute { Execution: var execution } && state.Executions.Contains(execution))
                    ExecuteActivity(execution);
                else if (work is Work.ChildCompleted completed && state.Execution(completed.ParentId) is { } parent)
                    FollowChild(parent, completed.Child);
            }
        }
        while (TakeEarlySignal());
    }

    private bool TakeEarlySignal()
    {
        if (Halts)
            return false;
        foreach (var early in state.EarlySignals)
            if (WaitFor(early.Name) is { } bookmark)
            {
                state.EarlySignals.Remove(early);
                appliedEarlySignals.Add(early.SignalId);
                ResumeBookmark(bookmark, early.Payload, refuse: false);
                return true;
            }
        return false;
    }

    private void ExecuteActivity(ActivityExecution execution)
    {
        Log("Started", execution);
        if (++executed > Interpreter.MaxActivitiesPerStep)
        {
            Fail(execution, null, ErrorCodes.StepBudget,
                $"The step executed more than {Interpreter.MaxActivitiesPerStep} activities without waiting. Look for a loop without a wait.");
            return;
        }
        if (trigger is { } by && by.ActivityId == execution.ActivityId && execution.Visit == 1)
            Trigger(execution, by.Payload);
        else
            Guard(execution, null, refuse: false, (activity, context) => activity.Execute(context));
    }

    private void Trigger(ActivityExecution execution, JsonElement payload) =>
        Guard(execution, new PendingCall { Triggered = true, Payload = payload }, refuse: false, (activity, context) => activity.Triggered(context, payload));

    private void FollowChild(ActivityExecution parent, ChildCompletion child) =>
        Guard(parent, new PendingCall { Child = new CompletedChild(child.Node.Id, child.ExecutionId, [.. child.Outcomes], child.MovesBack, child.EndsFlow, child.BackTo) },
            refuse: false, (activity, context) => activity.ChildCompleted(context, child));

    private void Settle()
    {
        state.Halted = state.Status == WorkflowStatus.Running && Halts;
        if (state.Status == WorkflowStatus.Finished)
            return;
        state.SubStatus = state.Incidents.Count > 0 && workflow.Definition.IncidentStrategy != IncidentStrategy.Continue
            ? WorkflowSubStatus.Faulted : WorkflowSubStatus.Suspended;
    }
}
