using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.SetName: names the instance for people.</summary>
public sealed class SetName : Activity
{
    private static readonly Input<string> Value = new("value", "Value", "The name of the workflow instance.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.SetName", "Primitives", "Set Name", "Names the workflow instance.") { Inputs = [Value] };

    protected internal override void Execute(ActivityContext context)
    {
        context.SetInstanceName(context.Get(Value));
        context.Complete();
    }
}
