using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.Correlate: sets the instance's correlation id, by which events find it.</summary>
public sealed class Correlate : Activity
{
    private static readonly Input<string> CorrelationId = new("correlationId", "Correlation ID", "The correlation id to set.") { Required = true };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Correlate", "Primitives", "Correlate", "Sets the correlation id of the workflow.") { Inputs = [CorrelationId] };

    protected internal override void Execute(ActivityContext context)
    {
        context.State.CorrelationId = context.Get(CorrelationId);
        context.Complete();
    }
}
