using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.FlowFork: leaves by every branch at once.</summary>
public sealed class FlowFork : Activity
{
    private static readonly Input<IReadOnlyList<string>> Branches = new("branches", "Branches", "Names of the branches.") { UiHint = "dynamic-outcomes" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.FlowFork", "Branching", "Fork (flow)", "Goes on by several branches at once.")
        { Inputs = [Branches], DynamicOutcomes = BranchesOf };

    protected internal override void Execute(ActivityContext context) => context.Complete([.. BranchesOf(context.Node)]);

    private static IReadOnlyList<string> BranchesOf(Definitions.ActivityNode node)
    {
        if (!node.Json.TryGetProperty("branches", out var json) || json.ValueKind == JsonValueKind.Null)
            return ["Done"];
        var expression = InputExpression.Read(json);
        return InputTypes.TryRead<IReadOnlyList<string>>(expression.Value, out var names) && names is { Count: > 0 } ? names : ["Done"];
    }
}
