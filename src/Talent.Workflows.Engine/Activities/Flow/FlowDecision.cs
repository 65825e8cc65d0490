using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.FlowDecision: leaves by True or False.</summary>
public sealed class FlowDecision : Activity
{
    private static readonly Input<bool> Condition = new("condition", "Condition", "The condition to evaluate.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.FlowDecision", "Branching", "Decision", "Goes on by True or False.")
        { Inputs = [Condition], Outcomes = ["True", "False"] };

    protected internal override void Execute(ActivityContext context) => context.Complete(context.Get(Condition) ? "True" : "False");
}
