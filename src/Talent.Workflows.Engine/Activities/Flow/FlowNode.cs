using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.FlowNode: runs the activity that it holds.</summary>
public sealed class FlowNode : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.FlowNode", "Flow", "Container", "Runs the activity that it holds.") { Ports = ["body"] };

    protected internal override void Execute(ActivityContext context)
    {
        if (context.Node.Ports.TryGetValue("body", out var body))
            context.Schedule(body);
        else
            context.Complete();
    }
}
