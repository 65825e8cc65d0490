using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.FlowSwitch: leaves by the label of the first case that holds, of every one that does, or by Default.</summary>
public sealed class FlowSwitch : Activity
{
    private static readonly Input<JsonElement> Cases = new("cases", "Cases", "Label and condition of each case.") { IsWrapped = false, UiHint = "flow-switch-editor", TypeName = "FlowSwitchCase[]" };
    private static readonly Input<string> Mode = new("mode", "Mode", "First match or every match.")
        { Default = "MatchFirst", UiHint = "dropdown", Choices = [("MatchFirst", "Match first"), ("MatchAny", "Match any")] };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.FlowSwitch", "Branching", "Switch (flow)", "Goes on by the cases that hold.")
        { Inputs = [Cases, Mode], Outcomes = ["Default"], DynamicOutcomes = node => [.. CasesOf(node).Select(c => DefinitionReader.Text(c, "label")), "Default"] };

    protected internal override void Execute(ActivityContext context)
    {
        var matches = new List<string>();
        var first = context.Get(Mode) != "MatchAny";
        foreach (var (label, condition) in context.Conditions)
        {
            if (!InputTypes.TryRead<bool>(context.Evaluate(condition), out var holds))
                throw new WorkflowException(ErrorCodes.InvalidInput, $"Case '{label}' of activity '{context.Node.Id}' is not true or false. Correct its condition.",
                    $"活动“{context.Node.DisplayText}”的分支“{label}”的条件不是布尔值，请修改条件。");
            if (holds)
                matches.Add(label);
            if (holds && first)
                break;
        }
        context.Complete(matches.Count > 0 ? [.. matches] : ["Default"]);
    }

    protected internal override IEnumerable<(string Label, InputExpression Expression)> Conditions(ActivityNode node) =>
        CasesOf(node).Select(item => (DefinitionReader.Text(item, "label"),
            item.TryGetProperty("condition", out var condition) && condition.ValueKind == JsonValueKind.Object
                ? InputExpression.ReadExpression(condition) : InputExpression.Literal(default)));

    private static IEnumerable<JsonElement> CasesOf(ActivityNode node) =>
        node.Json.TryGetProperty("cases", out var cases) && cases.ValueKind == JsonValueKind.Array
            ? cases.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object) : [];
}
