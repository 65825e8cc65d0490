using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.Start: where a flowchart begins.</summary>
public sealed class Start : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Start", "Flow", "Start", "Marks where a flowchart begins.") { IsStart = true };

    protected internal override void Execute(ActivityContext context) => context.Complete();
}
