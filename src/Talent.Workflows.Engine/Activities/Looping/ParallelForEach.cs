using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Looping;

/// <summary>
/// Elsa.ParallelForEach: runs its body for all items beside each other and ends with the last. Each body sees its own
/// variables <c>CurrentValue</c> and <c>CurrentIndex</c>.
/// </summary>
public sealed class ParallelForEach : Activity
{
    /// <summary>All of them are kept in the state of the instance at once; more belong to instances of their own.</summary>
    public const int MaxItems = 1000;

    private static readonly Input<IReadOnlyList<JsonElement>> Items = new("items", "Items", $"The items to go through, at most {MaxItems}.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.ParallelForEach", "Looping", "Parallel for Each", "Runs an activity for all items at once.")
        { Inputs = [Items], Ports = ["body"] };

    protected internal override void Execute(ActivityContext context)
    {
        var items = context.Get(Items) ?? [];
        if (items.Count > MaxItems)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' was given {items.Count} items. Give it at most {MaxItems}, or dispatch a workflow for each.",
                $"活动“{context.Node.DisplayText}”一次最多并行处理 {MaxItems} 项，请拆分。");
        if (items.Count == 0 || !context.Node.Ports.TryGetValue("body", out var body))
        {
            context.Complete();
            return;
        }
        for (var i = 0; i < items.Count; i++)
            context.Schedule(body, new Dictionary<string, JsonElement> { ["CurrentIndex"] = JsonSerializer.SerializeToElement(i), ["CurrentValue"] = items[i] });
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        if (!context.HasPending())
            context.Complete();
    }
}
