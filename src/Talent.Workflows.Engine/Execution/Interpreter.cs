namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// The engine: a pure function from a state and a stimulus to a new state, effects and journal. No I/O, no clock, no
/// randomness: the same input gives the same result on every machine.
/// </summary>
public static class Interpreter
{
    /// <summary>Activities that one step may execute before it is stopped with an incident.</summary>
    public const int MaxActivitiesPerStep = 10_000;

    /// <summary>Operations that all scripts of one step together may take; one alone has its own, smaller budget.</summary>
    public const long MaxScriptStepsPerStep = 5_000_000;

    /// <summary>Activities that may be under way in one instance, containers included.</summary>
    public const int MaxLiveActivities = 4_000;

    /// <summary>Early signals that one instance may keep.</summary>
    public const int MaxEarlySignals = 100;

    /// <summary>A new instance that waits to be started.</summary>
    public static WorkflowState Create(Guid instanceId, string definitionVersionId) =>
        new() { InstanceId = instanceId, DefinitionVersionId = definitionVersionId };

    /// <summary>Moves an instance by one stimulus until nothing is left to do but wait.</summary>
    /// <param name="now">The business clock, UTC.</param>
    /// <exception cref="WorkflowException">The caller asked for what the activity refuses; nothing has changed.</exception>
    public static StepResult Advance(ExecutableWorkflow workflow, WorkflowState state, Stimulus stimulus, DateTimeOffset now)
    {
        var run = new StepRun(workflow, state.Clone(), now);
        try
        {
            var outcome = run.Apply(stimulus);
            return run.Result(outcome, state);
        }
        catch (StimulusRejected rejected)
        {
            throw rejected.Reason;
        }
    }

    /// <summary>What the activities under way say of their waits (<see cref="Activities.Activity.Explain"/>); nothing changes. One that can't compute it says nothing.</summary>
    /// <param name="now">The business clock, UTC.</param>
    public static IReadOnlyList<Effect> Explain(ExecutableWorkflow workflow, WorkflowState state, DateTimeOffset now) => new StepRun(workflow, state.Clone(), now).Explain();
}

/// <summary>An activity refuses a stimulus: the caller's mistake, so no incident and no change.</summary>
internal sealed class StimulusRejected(WorkflowException reason) : Exception(reason.Message, reason)
{
    public WorkflowException Reason { get; } = reason;
}
