using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.FlowFork: leaves by every branch at once.</summary>
public sealed class FlowFork : Activity
{
    private static readonly Input<IReadOnlyList<string>> Branches = new("branches", "Branches", "Names of the branches.") { UiHint = "dynamic-outcomes" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.FlowFork", "Branching", "Fork (flow)", "Goes on by several branches at once.")
        { Inputs = [Branches], DynamicOutcomes = node => DynamicOutcomes.Of(node, Branches.Name) is { Count: > 0 } names ? names : ["Done"] };

    protected internal override void Execute(ActivityContext context) => context.Complete(context.Get(Branches) is { Count: > 0 } names ? [.. names] : ["Done"]);
}
