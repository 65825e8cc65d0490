using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.FlowJoin: brings branches together. When it runs, its flowchart has decided that all that it waits for is here.</summary>
public sealed class FlowJoin : Activity
{
    public const string TypeName = "Elsa.FlowJoin";

    private static readonly Input<string> Mode = new("mode", "Mode", "What to wait for.")
    {
        Default = "WaitAny",
        UiHint = "dropdown",
        Choices = [("WaitAll", "Wait for all"), ("WaitAllActive", "Wait for all that are under way"), ("WaitAny", "Wait for the first")],
    };

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Branching", "Join", "Brings branches together.") { Inputs = [Mode] };

    protected internal override void Execute(ActivityContext context) => context.Complete();

    // The flowchart asks for the mode before there is an execution of the join in whose scope something could be evaluated.
    protected internal override IEnumerable<UseProblem> Validate(Definitions.ActivityNode node)
    {
        if (new BoundActivity(node, this).Inputs.TryGetValue(Mode.Name, out var mode) && mode.Type != "Literal")
            yield return "has a mode that is an expression. Choose WaitAll, WaitAllActive or WaitAny.";
    }
}
