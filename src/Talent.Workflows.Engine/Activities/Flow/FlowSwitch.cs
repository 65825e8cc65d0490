using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.FlowSwitch: leaves by the label of the first case that holds, of every one that does, or by Default.</summary>
public sealed class FlowSwitch : Activity
{
    private static readonly Input<JsonElement> Cases = new("cases", "Cases", "Label and condition of each case.") { IsWrapped = false, UiHint = "flow-switch-editor", TypeName = "FlowSwitchCase[]" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.FlowSwitch", "Branching", "Switch (flow)", "Goes on by the cases that hold.")
        { Inputs = [Cases, SwitchCases.Mode], Outcomes = ["Default"], DynamicOutcomes = node => [.. SwitchCases.Of(node).Select(c => DefinitionReader.Text(c, "label")), "Default"] };

    protected internal override void Execute(ActivityContext context) =>
        context.Complete(SwitchCases.Holding(context) is { Count: > 0 } holding ? [.. holding.Select(i => context.Conditions[i].Label)] : ["Default"]);

    protected internal override IEnumerable<(string Label, InputExpression Expression)> Conditions(ActivityNode node) => SwitchCases.Conditions(node);
}
