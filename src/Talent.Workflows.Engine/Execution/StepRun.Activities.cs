using System.Text.Json;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>What activities ask for: scheduling, completing, cancelling, moving, failing.</summary>
internal sealed partial class StepRun
{
    /// <param name="locals">Values that the container hands to this run of the child alone, as a loop its current item; by name.</param>
    public ActivityExecution Schedule(ActivityNode node, ActivityExecution? parent, IReadOnlyDictionary<string, JsonElement>? locals = null)
    {
        if (state.Executions.Count >= Interpreter.MaxLiveActivities)
            throw new WorkflowException(ErrorCodes.StepBudget,
                $"Activity '{node.Id}' would be one more than the {Interpreter.MaxLiveActivities} activities that may be under way in one instance. Look for a loop that begins more than it ends, or split the work.",
                $"流程同时进行的环节超过 {Interpreter.MaxLiveActivities} 个，请检查流程定义。");
        var execution = Create(node, parent, locals);
        queue.Enqueue(new Work.Execute(execution));
        return execution;
    }

    private ActivityExecution Create(ActivityNode node, ActivityExecution? parent, IReadOnlyDictionary<string, JsonElement>? locals = null)
    {
        var visit = state.Visits.GetValueOrDefault(node.Id) + 1;
        state.Visits[node.Id] = visit;
        var execution = new ActivityExecution { Id = ++state.LastExecutionId, ActivityId = node.Id, Visit = visit, ParentId = parent?.Id };
        if (node.Variables.Count > 0)
            execution.Variables = VariableValues.Defaults(node.Variables);
        if (locals is not null)
            foreach (var (name, value) in locals)
                (execution.Variables ??= new(StringComparer.Ordinal))[name] = value;
        state.Executions.Add(execution);
        return execution;
    }

    public void Complete(ActivityExecution execution, IReadOnlyList<string> outcomes, bool movesBack = false, string? backTo = null)
    {
        if (!state.Executions.Contains(execution))
            throw new InvalidOperationException($"Activity '{execution.ActivityId}' completed twice.");
        foreach (var child in state.Executions.Where(e => e.ParentId == execution.Id).ToList())
            Cancel(child, "The enclosing activity completed.");
        Forget(execution);
        Log("Completed", execution, outcomes is ["Done"] ? null : [.. outcomes], payload: backTo is null ? null : ReturnWay.To(backTo));
        if (IsAsked(execution))
            GiveUpAskers(execution);
        var bound = workflow.Activity(execution.ActivityId);
        if (execution.ParentId is { } parentId)
            queue.Enqueue(new Work.ChildCompleted(parentId,
                new ChildCompletion(bound.Node, execution.Id, outcomes, movesBack, bound.Implementation?.Descriptor.IsTerminal == true, backTo)));
        else
        {
            state.Outcomes = outcomes is ["Done"] ? null : [.. outcomes];
            CancelInstance("", WorkflowSubStatus.Finished);
        }
    }

    /// <summary>
    /// Ends an enclosing activity from inside: the execution and all between the two are completed, which nobody follows, and
    /// the enclosing one completes by the outcomes given. Whatever else it holds is cancelled.
    /// </summary>
    public void CompleteThrough(ActivityExecution execution, ActivityExecution enclosing, IReadOnlyList<string> outcomes)
    {
        for (var current = execution; current != enclosing;)
        {
            var parent = state.Execution(current.ParentId!.Value)!;
            foreach (var child in state.Executions.Where(e => e.ParentId == current.Id).ToList())
                Cancel(child, "The enclosing activity completed.");
            Forget(current);
            Log("Completed", current);
            current = parent;
        }
        Complete(enclosing, outcomes);
    }

    /// <summary>The nearest activity around an execution that is of a kind; null when there is none.</summary>
    public ActivityExecution? Enclosing(ActivityExecution execution, Func<Activity, bool> isKind)
    {
        for (var current = Parent(execution); current is not null; current = Parent(current))
            if (workflow.Activity(current.ActivityId).Implementation is { } activity && isKind(activity))
                return current;
        return null;
    }

    public ActivityExecution Root(ActivityExecution execution)
    {
        while (Parent(execution) is { } parent)
            execution = parent;
        return execution;
    }

    private ActivityExecution? Parent(ActivityExecution execution) => execution.ParentId is { } id ? state.Execution(id) : null;

    public void Cancel(ActivityExecution execution, string reason)
    {
        // Ended already by what was cancelled with it.
        if (!state.Executions.Contains(execution))
            return;
        foreach (var child in state.Executions.Where(e => e.ParentId == execution.Id).ToList())
            Cancel(child, reason);
        var bound = workflow.Activity(execution.ActivityId);
        if (state.Executions.Contains(execution))
            bound.Implementation?.Cancelled(new ActivityContext(this, execution, bound), reason);
        Forget(execution);
        Log("Canceled", execution, message: reason);
        Part(execution, reason);
    }

    /// <param name="asked">Those too that a later activity has asked again: they don't stand where the flow is.</param>
    public void CancelChildren(ActivityExecution parent, string activityId, string reason, bool asked = true)
    {
        foreach (var child in state.Executions.Where(e => e.ParentId == parent.Id && e.ActivityId == activityId && (asked || !IsAsked(e))).ToList())
            Cancel(child, reason);
        if (!queue.Any(w => IsCompletionOf(w, parent, activityId)))
            return;
        var kept = queue.Where(w => !IsCompletionOf(w, parent, activityId)).ToList();
        queue.Clear();
        kept.ForEach(queue.Enqueue);
    }

    /// <summary>True when a child, or one of that activity, runs, waits, or has completed and is still to be followed. Who was asked again doesn't count: the flow is where they were asked from.</summary>
    public bool HasPending(ActivityExecution parent, string? activityId = null)
    {
        foreach (var child in state.Executions)
            if (child.ParentId == parent.Id && (activityId is null || (child.ActivityId == activityId && !IsAsked(child))))
                return true;
        foreach (var work in queue)
            if (work is Work.ChildCompleted completed && completed.ParentId == parent.Id && (activityId is null || completed.Child.Node.Id == activityId))
                return true;
        return false;
    }

    /// <summary>Activities of the children that run, wait, or have completed and are still to be followed, without those that were asked again.</summary>
    public IEnumerable<string> PendingChildren(ActivityExecution parent) =>
        state.Executions.Where(e => e.ParentId == parent.Id && !IsAsked(e)).Select(e => e.ActivityId)
            .Concat(queue.OfType<Work.ChildCompleted>().Where(c => c.ParentId == parent.Id).Select(c => c.Child.Node.Id));

    private static bool IsCompletionOf(Work work, ActivityExecution parent, string activityId) =>
        work is Work.ChildCompleted completed && completed.ParentId == parent.Id && completed.Child.Node.Id == activityId;

    /// <summary>Ends the instance; everything still alive is cancelled.</summary>
    public StepOutcome CancelInstance(string reason, WorkflowSubStatus end)
    {
        foreach (var root in state.Executions.Where(e => e.ParentId is null).ToList())
            Cancel(root, reason);
        queue.Clear();
        state.Status = WorkflowStatus.Finished;
        state.SubStatus = end;
        state.EarlySignals.Clear();
        if (state.Parent is { BookmarkId: not null } parent)
            Emit(new ChildEndedEffect(DerivedId.For(state.InstanceId, workflow.Definition.Root.Id, 1, "ended"), parent, end, state.Output));
        return StepOutcome.Applied;
    }

    private StepOutcome MoveTo(Stimulus.MoveTo move)
    {
        var target = workflow.Activity(move.ActivityId).Node;
        var flowchart = target.Parent is null ? null : state.Executions.FindLast(e => e.ActivityId == target.Parent.Id);
        if (flowchart?.Tokens is null)
            throw new StimulusRejected(new WorkflowException(ErrorCodes.WrongState,
                $"Instance {state.InstanceId} cannot move to '{move.ActivityId}': the flowchart around it is not running. Choose an activity of a running flowchart."));
        foreach (var (name, value) in move.Output)
            state.Output[name] = value;
        if (move.For.Count > 0)
        {
            AskAgain(flowchart, target, move);
            return StepOutcome.Applied;
        }
        var before = HeldUp().Select(h => h.Join).ToHashSet(StringComparer.Ordinal);
        Leave(flowchart, target, move);
        MoveTo(flowchart, target, from: null, move.Reason);
        RefuseWhenHeldUp(target, before);
        return StepOutcome.Applied;
    }

    private void RefuseWhenHeldUp(ActivityNode target, HashSet<string> before)
    {
        // Into one of several branches whose others nothing leads to: the flowchart would end without what comes after their join.
        if (HeldUp().FirstOrDefault(h => !before.Contains(h.Join)) is { Join: not null } held)
            throw new StimulusRejected(new WorkflowException(ErrorCodes.WrongState,
                $"Instance {state.InstanceId} cannot move to '{target.Id}': '{held.Join}' after it also needs '{held.Missing}', to which nothing under way would lead. Move to where the branches begin, or to what comes after '{held.Join}'.",
                $"不能转到“{target.DisplayText}”：其后的“{held.Join}”还需“{held.Missing}”完成，而当前没有环节会到达它。请转到并行分支开始之前的环节，或“{held.Join}”之后的环节。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "held_up", ["join"] = held.Join, ["missing"] = held.Missing } });
    }

    /// <summary>Return to an earlier activity that no connection leads back to.</summary>
    public void MoveBackTo(ActivityExecution flowchart, ActivityNode target, string from, string reason)
    {
        var before = HeldUp(flowchart, from).Select(h => h.Join).ToHashSet(StringComparer.Ordinal);
        MoveTo(flowchart, target, from, reason);
        RefuseWhenHeldUp(target, before);
    }

    /// <summary>What is jumped over ends, and what waits at a join on the way there is taken away: nothing arrives at the target a second time.</summary>
    private void Leave(ActivityExecution flowchart, ActivityNode target, Stimulus.MoveTo move)
    {
        if (move.Leaving.Count == 0)
            return;
        var ahead = workflow.Activity(flowchart.ActivityId).GraphFrom(flowchart.Entry).ForwardAncestors(target.Id);
        foreach (var activityId in move.Leaving.Order(StringComparer.Ordinal))
            CancelChildren(flowchart, activityId, move.Reason);
        flowchart.Tokens!.RemoveAll(t => move.Leaving.Contains(t.From) || move.Leaving.Contains(t.To) || ahead.Contains(t.To));
    }

    /// <summary>
    /// Return to any stage: cancels exactly what <see cref="MoveRegion"/> says, then begins the target anew. What runs
    /// beside it stays untouched, so nothing is skipped and nothing doubled.
    /// </summary>
    /// <param name="from">The activity whose completion moves back; it counts as active still.</param>
    public void MoveTo(ActivityExecution flowchart, ActivityNode target, string? from, string reason)
    {
        // A way back by an earlier stage itself comes to nothing else; another begins with a detour, as for a correction.
        var rejoins = from is not null && !workflow.Activity(flowchart.ActivityId).GraphFrom(flowchart.Entry).ForwardAncestors(from).Contains(target.Id);
        TakeBack(flowchart, target, from, rejoins, reason);
        flowchart.Tokens!.Add(new FlowToken(MoveRegion.Moved, "", target.Id));
        Schedule(target, flowchart);
    }

    private void TakeBack(ActivityExecution flowchart, ActivityNode target, string? from, bool rejoins, string reason)
    {
        var active = PendingChildren(flowchart).ToHashSet(StringComparer.Ordinal);
        if (from is not null)
            active.Add(from);
        var region = MoveRegion.Of(workflow, workflow.Activity(flowchart.ActivityId).GraphFrom(flowchart.Entry), target.Id, rejoins, active, flowchart.Tokens!);
        foreach (var activityId in region.Activities.Order(StringComparer.Ordinal))
            CancelChildren(flowchart, activityId, reason);
        // From outside, tokens reach the target itself and the joins only; what waits at a join stays there.
        flowchart.Tokens!.RemoveAll(t => region.Activities.Contains(t.From) || t.To == target.Id);
        flowchart.Tokens.AddRange(region.RestoredTokens().Except(flowchart.Tokens));
    }

    public void Log(string happening, ActivityExecution execution, string[]? outcomes = null, string? message = null, JsonElement? payload = null) =>
        journal.Add(new JournalEntry(happening, execution.ActivityId, workflow.Activity(execution.ActivityId).Node.Type,
            execution.Id, execution.Visit, execution.ParentId, outcomes, message, payload));

    public void Emit(Effect effect) => effects.Add(effect);

    /// <summary>Remembers how to take a change back if the activity that made it fails.</summary>
    public void Undo(Action action) => undo.Push(action);

    private void Forget(ActivityExecution execution)
    {
        state.Executions.Remove(execution);
        state.Bookmarks.RemoveAll(b => b.ExecutionId == execution.Id);
        state.Timers.RemoveAll(t => t.ExecutionId == execution.Id);
        state.Incidents.RemoveAll(i => i.ExecutionId == execution.Id);
    }

    /// <summary>
    /// Runs an activity's code. If it fails, what it did in this call is taken back and an incident keeps the call for a
    /// retry; or the stimulus is refused, when whoever sent it waits for the answer.
    /// </summary>
    private void Guard(ActivityExecution execution, PendingCall? call, bool refuse, Action<Activity, ActivityContext> run)
    {
        var bound = workflow.Activity(execution.ActivityId);
        var effectsBefore = effects.Count;
        var bookmarks = state.Bookmarks;
        var timers = state.Timers;
        state.Bookmarks = [.. bookmarks];
        state.Timers = [.. timers];
        var lastExecution = state.LastExecutionId;
        var tokens = execution.Tokens?.ToList();
        undo.Clear();
        try
        {
            if (bound.Implementation is null)
                throw new WorkflowException(ErrorCodes.UnknownActivity,
                    $"Activity '{execution.ActivityId}' has the unknown type '{bound.Node.Type}'. Install it, or replace the activity and migrate the instance.",
                    $"活动“{bound.Node.DisplayText}”的类型“{bound.Node.Type}”不存在。");
            run(bound.Implementation, new ActivityContext(this, execution, bound));
            if (state.Executions.Contains(execution) && (call?.Child is null ? Waits(execution) : Waits(execution, bookmarks, timers)))
                Log("Suspended", execution);
        }
        catch (Exception e) when (e is not StimulusRejected && state.Executions.Contains(execution))
        {
            var (code, message) = e switch
            {
                WorkflowException w => (w.Code, w.Message),
                ScriptException s => (ErrorCodes.ExpressionFailed, s.Message),
                _ => (ErrorCodes.ActivityFaulted, $"{e.GetType().Name}: {e.Message}"),
            };
            if (refuse)
                throw new StimulusRejected(new WorkflowException(ErrorCodes.ActivityFaulted,
                    $"Activity '{execution.ActivityId}' of instance {state.InstanceId} failed to take this, and nothing has changed: {message} Correct the definition or its data, then send it again.",
                    $"环节“{bound.Node.DisplayText}”处理失败，数据没有变化，请联系管理员。", e));
            while (undo.TryPop(out var action))
                action();
            effects.RemoveRange(effectsBefore, effects.Count - effectsBefore);
            state.Bookmarks = bookmarks;
            state.Timers = timers;
            execution.Tokens = tokens;
            state.Executions.RemoveAll(x => x.Id > lastExecution);
            Fail(execution, call, code, message);
        }
    }

    /// <summary>True when the activity waits; with what there was before: when it waits for something new.</summary>
    private bool Waits(ActivityExecution execution, List<Bookmark>? bookmarks = null, List<TimerWait>? timers = null)
    {
        foreach (var bookmark in state.Bookmarks)
            if (bookmark.ExecutionId == execution.Id && bookmarks?.Exists(b => b.Id == bookmark.Id) != true)
                return true;
        foreach (var timer in state.Timers)
            if (timer.ExecutionId == execution.Id && timers?.Exists(t => t.Id == timer.Id) != true)
                return true;
        return false;
    }

    private void Fail(ActivityExecution execution, PendingCall? call, string code, string message)
    {
        var id = DerivedId.For(state.InstanceId, execution.ActivityId, execution.Visit, call?.Purpose ?? "incident");
        execution.Faulted = true;
        state.Incidents.RemoveAll(i => i.Id == id);
        state.Incidents.Add(new Incident(id, execution.Id, execution.ActivityId, code, message, now, retriedAttempts.GetValueOrDefault(id) + 1, call));
        Log("Faulted", execution, message: code);
    }
}
