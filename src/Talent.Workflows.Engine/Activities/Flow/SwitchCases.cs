using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>The cases of Elsa.Switch and Elsa.FlowSwitch: label and condition each.</summary>
internal static class SwitchCases
{
    public static readonly Input<string> Mode = new("mode", "Mode", "First match or every match.")
        { Default = "MatchFirst", UiHint = "dropdown", Choices = [("MatchFirst", "Match first"), ("MatchAny", "Match any")] };

    public static List<JsonElement> Of(ActivityNode node) =>
        node.Json.TryGetProperty("cases", out var cases) && cases.ValueKind == JsonValueKind.Array
            ? [.. cases.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)] : [];

    public static IEnumerable<(string Label, InputExpression Expression)> Conditions(ActivityNode node) =>
        Of(node).Select(item => (DefinitionReader.Text(item, "label"),
            item.TryGetProperty("condition", out var condition) && condition.ValueKind == JsonValueKind.Object
                ? InputExpression.ReadExpression(condition) : InputExpression.Literal(default)));

    /// <summary>Indexes of the cases that hold: the first one, or all of them, as the mode says.</summary>
    /// <exception cref="WorkflowException"><c>invalid_input</c>: a condition is neither true nor false.</exception>
    public static List<int> Holding(ActivityContext context)
    {
        var first = context.Get(Mode) != "MatchAny";
        var holding = new List<int>();
        for (var i = 0; i < context.Conditions.Count; i++)
        {
            var (label, condition) = context.Conditions[i];
            if (!InputTypes.TryRead<bool>(context.Evaluate(condition), out var holds))
                throw new WorkflowException(ErrorCodes.InvalidInput, $"Case '{label}' of activity '{context.Node.Id}' is not true or false. Correct its condition.",
                    $"活动“{context.Node.DisplayText}”的分支“{label}”的条件不是布尔值，请修改条件。");
            if (holds)
                holding.Add(i);
            if (holds && first)
                break;
        }
        return holding;
    }
}
