using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities;

/// <summary>
/// One kind of activity. A stateless singleton: it decides through the <see cref="ActivityContext"/> and does nothing else.
/// Throwing makes an incident of this instance. Adding one is this class, a line in a catalogue, and a test.
/// </summary>
public abstract class Activity
{
    /// <summary>What the designer shows and the validator checks.</summary>
    public abstract ActivityDescriptor Descriptor { get; }

    /// <summary>Runs when the activity is reached. It completes, waits, or schedules children.</summary>
    protected internal abstract void Execute(ActivityContext context);

    /// <summary>Runs instead of <see cref="Execute"/> where the instance was started by this activity's own trigger: what it would wait for is here.</summary>
    protected internal virtual void Triggered(ActivityContext context, JsonElement payload) => Execute(context);

    /// <summary>What starts the workflow at this activity; null when it is no trigger, or doesn't say it by literals: nothing is evaluated before there is an instance.</summary>
    protected internal virtual TriggerSource? Trigger(BoundActivity use) => null;

    /// <summary>Runs when one of its bookmarks is resumed. The bookmark is gone already.</summary>
    protected internal virtual void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload) => context.Complete();

    /// <summary>Runs when one of its timers is due. The timer is gone already.</summary>
    protected internal virtual void TimerDue(ActivityContext context, TimerWait timer) => context.Complete();

    /// <summary>Whether <see cref="Revise"/> is for it.</summary>
    protected internal virtual bool Heeds => false;

    /// <summary>Runs when something that it waits by has changed (<see cref="Stimulus.Revise"/>); its bookmarks and timers are there still.</summary>
    protected internal virtual void Revise(ActivityContext context, string name, JsonElement payload) { }

    /// <summary>
    /// Says what its waits are about (who is meant, what falls due by itself and by which rule), as effects that nobody carries
    /// out. Asked by <see cref="Interpreter.Explain"/>, of a copy: what it changes is forgotten.
    /// </summary>
    protected internal virtual void Explain(ActivityContext context) { }

    /// <summary>Runs when a child that it scheduled has completed.</summary>
    protected internal virtual void ChildCompleted(ActivityContext context, ChildCompletion child) => context.Complete();

    /// <summary>Runs when the activity is cancelled before it completed, to undo what others see (close its tasks).</summary>
    protected internal virtual void Cancelled(ActivityContext context, string reason) { }

    /// <summary>Reads an input as one use of the activity writes it.</summary>
    protected internal virtual InputExpression ReadInput(IInput input, JsonElement json) => input.IsWrapped ? InputExpression.Read(json) : InputExpression.Literal(json);

    /// <summary>The expressions of one use that lie elsewhere than in its inputs, each with its label. Parsed once per definition.</summary>
    protected internal virtual IEnumerable<(string Label, InputExpression Expression)> Conditions(Definitions.ActivityNode node) => [];

    /// <summary>Checks one use of the activity in a definition, beyond what its inputs declare.</summary>
    protected internal virtual IEnumerable<UseProblem> Validate(Definitions.ActivityNode node) => [];
}

/// <summary>A child that completed, and the outcomes it did so by.</summary>
/// <param name="BackTo">The activity that it moves back to; null: those that the connections of its outcomes lead to.</param>
public sealed record ChildCompletion(Definitions.ActivityNode Node, int ExecutionId, IReadOnlyList<string> Outcomes, bool MovesBack, bool EndsFlow, string? BackTo = null);

/// <summary>What is wrong with one use of an activity, as the rest of a sentence about it, and in Chinese when there is more to say than that it is wrong.</summary>
public readonly record struct UseProblem(string Message, string? MessageZh = null)
{
    public static implicit operator UseProblem(string message) => new(message);
}
