using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.End: completing it completes the flowchart it lies in, parallel branches included.</summary>
public sealed class End : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.End", "Flow", "End", "Ends the flowchart.") { Outcomes = [], IsTerminal = true };

    protected internal override void Execute(ActivityContext context) => context.Complete();
}
