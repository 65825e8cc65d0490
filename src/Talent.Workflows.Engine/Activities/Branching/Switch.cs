using System.Text.Json;
using Talent.Workflows.Engine.Activities.Flow;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Branching;

/// <summary>Elsa.Switch: runs the activity of the first case that holds, or of every one that does, or <c>default</c>; ends when they have.</summary>
public sealed class Switch : Activity
{
    private static readonly Input<JsonElement> Cases = new("cases", "Cases", "The cases to evaluate.") { IsWrapped = false, UiHint = "switch-editor", TypeName = "SwitchCase[]" };
    private static readonly Output Result = new("output", "Object", "Output");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Switch", "Branching", "Switch", "Runs the activities of the cases that hold.")
        { Inputs = [Cases, SwitchCases.Mode], Outputs = [Result], Ports = ["default"] };

    protected internal override void Execute(ActivityContext context)
    {
        var holding = SwitchCases.Holding(context);
        var cases = SwitchCases.Of(context.Node);
        var chosen = holding.Select(i => cases[i].TryGetProperty("activity", out var activity) && ActivityTreeReader.IsActivity(activity) ? DefinitionReader.Text(activity, "id") : "")
            .Where(id => id.Length > 0).Select(id => context.Bound(WorkflowExpansion.IdIn(context.Node.Owner, id)).Node).ToList();
        if (holding.Count == 0 && context.Node.Ports.TryGetValue("default", out var otherwise))
            chosen.Add(otherwise);
        foreach (var activity in chosen)
            context.Schedule(activity);
        if (chosen.Count == 0)
            context.Complete();
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        if (!context.HasPending())
            context.Complete();
    }

    protected internal override IEnumerable<(string Label, InputExpression Expression)> Conditions(ActivityNode node) => SwitchCases.Conditions(node);
}
