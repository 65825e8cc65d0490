using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.Finish: ends the whole workflow at once; everything still waiting is cancelled.</summary>
public sealed class Finish : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Finish", "Primitives", "Finish", "Ends the whole workflow.") { Outcomes = [], IsTerminal = true };

    protected internal override void Execute(ActivityContext context) => context.FinishWorkflow();
}
