using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Looping;

/// <summary>
/// Elsa.ForEach: runs its body once for each item, one after the other. The items are read once, at the beginning. The body
/// sees the variables <c>CurrentValue</c> and <c>CurrentIndex</c>.
/// </summary>
public sealed class ForEach : Activity
{
    private static readonly Input<IReadOnlyList<JsonElement>> Items = new("items", "Items", "The items to go through.");
    private static readonly Output CurrentValue = new("currentValue", "Object", "Current Value");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.ForEach", "Looping", "For Each", "Runs an activity once for each item.")
        { Inputs = [Items], Outputs = [CurrentValue], Ports = ["body"] };

    protected internal override void Execute(ActivityContext context)
    {
        if (context.GetData("items").ValueKind != JsonValueKind.Array)
        {
            var items = context.Get(Items);
            if (items is null && context.Input(Items) is not null)
                throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' has no items to go through: its input is null. Correct the input and retry.",
                    $"活动“{context.Node.DisplayText}”没有可遍历的数据，请修改输入后重试。");
            context.SetData("items", JsonSerializer.SerializeToElement(items ?? []));
            context.SetData("index", JsonSerializer.SerializeToElement(0));
        }
        Next(context);
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child) => Next(context);

    private static void Next(ActivityContext context)
    {
        var items = context.GetData("items");
        var index = context.GetData("index").GetInt32();
        if (index >= items.GetArrayLength() || !context.Node.Ports.TryGetValue("body", out var body))
        {
            context.Complete();
            return;
        }
        context.SetData("index", JsonSerializer.SerializeToElement(index + 1));
        context.Set(CurrentValue, items[index]);
        context.Schedule(body, new Dictionary<string, JsonElement> { ["CurrentIndex"] = JsonSerializer.SerializeToElement(index), ["CurrentValue"] = items[index] });
    }
}
