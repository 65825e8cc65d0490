using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Looping;

/// <summary>
/// Elsa.Break: ends the nearest loop around it (While, For, ForEach, ParallelForEach) and all that still runs in it. Outside a
/// loop it ends the flowchart or sequence that it lies in.
/// </summary>
public sealed class Break : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Break", "Looping", "Break", "Ends the loop around it.") { Outcomes = [], IsTerminal = true };

    protected internal override void Execute(ActivityContext context)
    {
        if (!context.CompleteEnclosing(activity => activity is While or For or ForEach or ParallelForEach))
            context.Complete();
    }
}
