using System.Text.Json;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Activities.Composition;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>What an activity sees and may decide while it runs.</summary>
public sealed class ActivityContext
{
    private readonly StepRun run;
    private readonly BoundActivity bound;

    internal ActivityContext(StepRun run, ActivityExecution execution, BoundActivity bound)
    {
        this.run = run;
        this.bound = bound;
        Execution = execution;
    }

    public ActivityExecution Execution { get; }
    public ActivityNode Node => bound.Node;
    public WorkflowDefinition Definition => run.Workflow.Definition;
    public WorkflowState State => run.State;
    public Guid InstanceId => run.State.InstanceId;

    /// <summary>The business clock, UTC.</summary>
    public DateTimeOffset Now => run.Now;

    /// <summary>The activity in this container whose trigger has started the instance; null when none of them has.</summary>
    internal ActivityNode? TriggeredChild => run.TriggeredActivity is { } id ? Node.Activities.FirstOrDefault(a => a.Id == id) : null;

    /// <summary>The expressions that the activity has beside its inputs, by what they are called.</summary>
    internal IReadOnlyList<(string Label, InputExpression Expression)> Conditions => bound.Conditions;

    internal FlowGraph Graph => bound.GraphFrom(Execution.Entry);
    internal BoundActivity Bound(string activityId) => run.Workflow.Activity(activityId);

    /// <summary>The value of an input: its expression evaluated, or its default when the definition says nothing.</summary>
    /// <exception cref="WorkflowException"><c>invalid_input</c> or <c>expression_failed</c>; becomes an incident.</exception>
    public T? Get<T>(Input<T> input)
    {
        if (!bound.Inputs.TryGetValue(input.Name, out var expression))
            return input.Required ? throw Missing(input) : input.Default;
        var value = Evaluate(expression);
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return input.Required ? throw Missing(input) : input.Default;
        if (!InputTypes.TryRead<T>(value, out var read))
            throw new WorkflowException(ErrorCodes.InvalidInput,
                $"Input '{input.Name}' of activity '{Node.Id}' is {value.GetRawText()}, which cannot be read as {input.TypeName}. Correct the input and retry.",
                $"活动“{Node.DisplayText}”的输入“{input.DisplayName}”不是有效的 {input.TypeName}。");
        return read;
    }

    /// <summary>What the definition writes for an input; null when it says nothing.</summary>
    internal InputExpression? Input(IInput input) => bound.Inputs.GetValueOrDefault(input.Name);

    /// <summary>The value of an expression in the scope of this activity.</summary>
    /// <param name="more">Names that scripts have here beside the usual ones.</param>
    public JsonElement Evaluate(InputExpression expression, Func<string, ScriptGlobal?>? more = null) => ExpressionScope.Evaluate(expression, run, Execution, Node, more);

    /// <summary>Sets an output: into the variable it is bound to, and for scripts that ask for it later.</summary>
    public void Set(Output output, JsonElement value)
    {
        if (bound.OutputVariables.TryGetValue(output.Name, out var target))
            Capture(target, value);
        if (run.Workflow.KeepsResults)
        {
            var (existed, last) = (State.Results.TryGetValue(Node.Id, out var earlier), State.LastResult);
            run.Undo(() =>
            {
                if (existed)
                    State.Results[Node.Id] = earlier!;
                else
                    State.Results.Remove(Node.Id);
                State.LastResult = last;
            });
            var results = existed ? new Dictionary<string, JsonElement>(earlier!, StringComparer.Ordinal) : new(StringComparer.Ordinal);
            if (value.ValueKind == JsonValueKind.Undefined)
                results.Remove(output.Name);
            else
                results[output.Name] = value;
            State.Results[Node.Id] = results;
            State.LastResult = value;
        }
    }

    /// <summary>The value of a variable in scope, by id or name; undefined when it has none.</summary>
    public JsonElement GetVariable(string idOrName) =>
        VariableScope.Find(run, Execution, idOrName) is { } slot && slot.Values.TryGetValue(slot.Definition.Id, out var value) ? value : default;

    /// <summary>Sets a variable in scope, by id or name.</summary>
    /// <exception cref="WorkflowException"><c>invalid_input</c>: no such variable, or not a value of its type.</exception>
    public void SetVariable(string idOrName, JsonElement value)
    {
        var slot = VariableScope.Find(run, Execution, idOrName)
            ?? throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{Node.Id}' sets variable '{idOrName}', which is not declared in its scope. Declare it on the workflow or a container.");
        var existed = slot.Values.TryGetValue(slot.Definition.Id, out var before);
        run.Undo(() =>
        {
            if (existed)
                slot.Values[slot.Definition.Id] = before;
            else
                slot.Values.Remove(slot.Definition.Id);
        });
        VariableValues.Set(slot.Values, slot.Definition, value);
    }

    /// <summary>Sets an output of the workflow.</summary>
    /// <remarks>In a workflow that is used as an activity it is an output of that activity.</remarks>
    public void SetWorkflowOutput(string name, JsonElement value)
    {
        if (WorkflowAsActivity.Around(run, Execution) is { } host)
        {
            var user = new ActivityContext(run, host, run.Workflow.Activity(host.ActivityId));
            if (((WorkflowAsActivity)user.bound.Implementation!).Output(name) is { } output)
                user.Set(output, value);
            return;
        }
        var existed = State.Output.TryGetValue(name, out var before);
        run.Undo(() =>
        {
            if (existed)
                State.Output[name] = before;
            else
                State.Output.Remove(name);
        });
        // An output without a value is there nevertheless, as in Elsa; JSON has no word for undefined.
        State.Output[name] = value.ValueKind == JsonValueKind.Undefined ? JsonSerializer.SerializeToElement<object?>(null) : value;
    }

    /// <summary>Names the instance for people.</summary>
    public void SetInstanceName(string? name)
    {
        var before = State.Name;
        run.Undo(() => State.Name = before);
        State.Name = name;
    }

    /// <summary>The activity's own bookkeeping, kept while it is alive.</summary>
    public JsonElement GetData(string name) => Execution.Data is not null && Execution.Data.TryGetValue(name, out var value) ? value : default;

    /// <summary>Keeps a value under a name; undefined forgets it.</summary>
    public void SetData(string name, JsonElement value)
    {
        var before = Execution.Data;
        run.Undo(() => Execution.Data = before);
        Execution.Data = before is null ? new(StringComparer.Ordinal) : new(before, StringComparer.Ordinal);
        if (value.ValueKind == JsonValueKind.Undefined)
            Execution.Data.Remove(name);
        else
            Execution.Data[name] = value;
    }

    /// <summary>Ends the activity by <c>Done</c> or the outcomes given.</summary>
    public void Complete(params string[] outcomes) => run.Complete(Execution, outcomes.Length == 0 ? ["Done"] : outcomes);

    /// <summary>Ends the activity by an outcome whose connections lead back: the flowchart moves there and cancels what that stage dominates.</summary>
    public void CompleteBack(string outcome) => run.Complete(Execution, [outcome], movesBack: true);

    /// <summary>
    /// Ends the activity by an outcome and moves back to an earlier one of its flowchart, which no connection has to lead to: all
    /// that this one dominates is cancelled and runs again from there.
    /// </summary>
    /// <exception cref="WorkflowException"><c>wrong_state</c>: a join behind it could never be passed.</exception>
    public void CompleteBackTo(ActivityNode earlier, string outcome) => run.Complete(Execution, [outcome], movesBack: true, backTo: earlier.Id);

    /// <summary>
    /// Ends this run by an outcome and asks an earlier activity of the same flowchart again. When it comes back
    /// (<see cref="ComeBack"/>), this one begins anew; what lies between and beside them is left as it is.
    /// </summary>
    public void Ask(ActivityNode earlier, string outcome) => run.Ask(Execution, earlier, outcome);

    /// <summary>True when a later activity has asked this one again and waits for it.</summary>
    public bool IsAsked => run.IsAsked(Execution);

    /// <summary>Ends an activity that was asked again: those that wait for it begin anew, and its connections aren't followed.</summary>
    public void ComeBack(string outcome) => run.ComeBack(Execution, outcome);

    /// <summary>Activities of a kind that lead to this one in its flowchart and have run, the nearest first; direct: with none of them between.</summary>
    public IReadOnlyList<(BoundActivity Activity, bool Direct)> Earlier(Func<Activity, bool> isKind) => run.Earlier(Execution, isKind);

    /// <summary>Runs a child.</summary>
    /// <param name="locals">Values that only this run of the child and what lies in it sees as variables, by name.</param>
    /// <exception cref="WorkflowException"><c>step_budget</c>: too many activities are under way in the instance.</exception>
    public ActivityExecution Schedule(ActivityNode child, IReadOnlyDictionary<string, JsonElement>? locals = null) => run.Schedule(child, Execution, locals);

    /// <summary>Ends the nearest activity of a kind around this one, and all it holds, by outcomes; false when there is none.</summary>
    internal bool CompleteEnclosing(Func<Activity, bool> isKind, params string[] outcomes)
    {
        if (run.Enclosing(Execution, isKind) is not { } enclosing)
            return false;
        run.CompleteThrough(Execution, enclosing, outcomes.Length == 0 ? ["Done"] : outcomes);
        return true;
    }

    /// <summary>Waits for something from outside. The bookmark's id is also fit as the id of a task.</summary>
    public Bookmark Wait(string kind, string? name, JsonElement payload = default, string purpose = "bookmark")
    {
        var bookmark = new Bookmark(NewId(purpose), Execution.Id, Node.Id, kind, name, payload);
        State.Bookmarks.Add(bookmark);
        return bookmark;
    }

    /// <summary>Waits until an instant; the same purpose again re-arms the timer.</summary>
    public TimerWait WaitUntil(DateTimeOffset dueAt, string purpose = "timer", JsonElement payload = default)
    {
        CancelTimer(purpose);
        var timer = new TimerWait(NewId(purpose), Execution.Id, Node.Id, purpose, dueAt.ToUniversalTime(), payload);
        State.Timers.Add(timer);
        return timer;
    }

    public void CancelTimer(string purpose) => State.Timers.RemoveAll(t => t.ExecutionId == Execution.Id && t.Purpose == purpose);

    /// <summary>The wait that was just resumed goes on: what came in didn't end it.</summary>
    public void WaitOn(Bookmark bookmark) => State.Bookmarks.Add(bookmark);

    /// <summary>True when an incident of this activity is tried again in this step: what it was told then may no longer hold.</summary>
    public bool IsRetry => run.Retries(Execution);

    /// <summary>Gives up a wait of this activity.</summary>
    public void CancelWait(Guid bookmarkId) => State.Bookmarks.RemoveAll(b => b.ExecutionId == Execution.Id && b.Id == bookmarkId);

    public void Emit(Effect effect) => run.Emit(effect);

    /// <summary>An id that follows from instance, activity, visit and purpose.</summary>
    public Guid NewId(string purpose) => DerivedId.For(InstanceId, Node.Id, Execution.Visit, purpose);

    public void Log(string happening, string? message = null, JsonElement? payload = null) => run.Log(happening, Execution, null, message, payload);

    /// <summary>Refuses the stimulus: the caller gets the error, nothing changes, no incident.</summary>
    public static Exception Reject(WorkflowException reason) => new StimulusRejected(reason);

    /// <summary>Ends the whole instance, by outcomes when there are any; what still waits is cancelled.</summary>
    public void FinishWorkflow(params string[] outcomes) => run.CompleteThrough(Execution, run.Root(Execution), outcomes.Length == 0 ? ["Done"] : outcomes);

    /// <summary>Cancels the children that run an activity, and what one of them has just done is not followed.</summary>
    internal void CancelChildren(string activityId, string reason) => run.CancelChildren(Execution, activityId, reason, asked: false);

    /// <summary>True while a child runs, waits, or has completed and is still to be followed.</summary>
    internal bool HasPending(string? activityId = null) => run.HasPending(Execution, activityId);

    /// <summary>Activities of the children that run, wait, or have completed and are still to be followed.</summary>
    internal IEnumerable<string> PendingChildren() => run.PendingChildren(Execution);

    internal void MoveBackTo(ActivityNode target, string from) => run.MoveBackTo(Execution, target, from, $"Moved to '{target.Id}'.");

    internal void MoveTo(ActivityNode target, string from) => run.MoveTo(Execution, target, from, $"Moved to '{target.Id}'.");

    // Studio binds an output to a variable by its id, or to an output of the workflow by its name.
    private void Capture(string target, JsonElement value)
    {
        if (VariableScope.Find(run, Execution, target) is null && (Node.Owner?.Uses ?? Definition).Outputs.Any(o => o.Name == target))
            SetWorkflowOutput(target, value);
        else
            SetVariable(target, value);
    }

    private WorkflowException Missing<T>(Input<T> input) => new(ErrorCodes.InvalidInput,
        $"Activity '{Node.Id}' needs input '{input.Name}'. Set it in the designer.", $"活动“{Node.DisplayText}”缺少输入“{input.DisplayName}”。");
}
