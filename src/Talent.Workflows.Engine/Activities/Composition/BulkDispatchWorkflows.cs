using System.Text.Json;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Activities.Composition;

/// <summary>
/// Elsa.BulkDispatchWorkflows: starts one instance of another workflow for each item. When it waits, it is resumed once, by
/// the last child that ends; then the ports <c>childCompleted</c> and <c>childFaulted</c> run once for each child, in the
/// order of the items. A child with an incident is still running: it can be retried or cancelled.
/// </summary>
public sealed class BulkDispatchWorkflows : Activity
{
    private const string CompletedPort = "childCompleted";
    private const string FaultedPort = "childFaulted";

    private static readonly Input<IReadOnlyList<JsonElement>> Items = new("items", "Items", "An instance is started for each of them.") { Required = true };
    private static readonly Input<string> ItemKey = new("defaultItemInputKey", "Default item input key", "The input that gets the item when it isn't an object itself.") { Default = "Item" };
    private static readonly Input<string> CorrelationId = new("correlationIdFunction", "Correlation ID Function", "Computes the correlation id of each instance; scripts get the item by getItem(), or get and the default item input key.") { Alias = "correlationId" };
    private static readonly Input<bool> WaitForCompletion = new("waitForCompletion", "Wait for completion", "Goes on when all of them have ended.") { Default = true };
    private static readonly Output CurrentChild = new("childResult", "Object", "Child result");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.BulkDispatchWorkflows", "Composition", "Bulk Dispatch Workflows", "Starts a workflow for each item.")
    {
        Inputs = [ChildWorkflows.DefinitionId, Items, ItemKey, CorrelationId, ChildWorkflows.Input, WaitForCompletion, ChildWorkflows.StartNewTrace, ChildWorkflows.ChannelName],
        Outputs = [CurrentChild], Outcomes = ["Completed", "Canceled", "Done"], Ports = [CompletedPort, FaultedPort], Waits = true,
    };

    protected internal override void Execute(ActivityContext context)
    {
        if (context.GetData("ended").ValueKind == JsonValueKind.Array)
        {
            Next(context);
            return;
        }
        var items = context.Get(Items) ?? [];
        if (items.Count > ChildWorkflows.MaxChildren)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' has {items.Count} items; at most {ChildWorkflows.MaxChildren} workflows are started at once. Split the items.",
                $"活动“{context.Node.DisplayText}”的条目过多（{items.Count} 条），一次最多启动 {ChildWorkflows.MaxChildren} 个流程，请分批。");
        var waits = context.Get(WaitForCompletion);
        var bookmark = waits && items.Count > 0 ? context.Wait(BookmarkKinds.Children, null, purpose: ParentWait.Purpose) : null;
        var (definition, common, key) = (context.Get(ChildWorkflows.DefinitionId)!, ChildWorkflows.ReadInput(context), context.Get(ItemKey)!);
        for (var i = 0; i < items.Count; i++)
            ChildWorkflows.Start(context, definition, CorrelationIdFor(context, items[i], key), InputFor(items[i], common, key), bookmark?.Id, i + 1, items.Count);
        // Of children that nobody waits for, nobody can say that they have completed; of no children, one can.
        if (!waits)
            context.Complete();
        else if (bookmark is null)
            context.Complete("Completed", "Done");
    }

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        var children = ChildResults.Read(payload);
        context.SetData("canceled", JsonSerializer.SerializeToElement(children.Any(c => c.End == WorkflowSubStatus.Cancelled)));
        var followed = children.Where(c => context.Node.Ports.ContainsKey(PortOf(c))).ToList();
        context.SetData("ended", JsonSerializer.SerializeToElement(followed, EngineJson.Default.IReadOnlyListChildResult));
        context.SetData("next", JsonSerializer.SerializeToElement(0));
        Next(context);
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child) => Next(context);

    private static void Next(ActivityContext context)
    {
        var ended = context.GetData("ended");
        var next = context.GetData("next").GetInt32();
        if (next >= ended.GetArrayLength())
        {
            context.Complete(context.GetData("canceled").ValueKind == JsonValueKind.True ? ["Canceled", "Done"] : ["Completed", "Done"]);
            return;
        }
        context.SetData("next", JsonSerializer.SerializeToElement(next + 1));
        var child = ended[next].Deserialize(EngineJson.Default.ChildResult)!;
        context.Set(CurrentChild, ended[next]);
        context.Schedule(context.Node.Ports[PortOf(child)]);
    }

    private static string PortOf(ChildResult child) => child.End == WorkflowSubStatus.Finished ? CompletedPort : FaultedPort;

    // Elsa hands the item to the expression as an argument under the default key: getItem() in a script.
    private static string? CorrelationIdFor(ActivityContext context, JsonElement item, string key)
    {
        if (context.Input(CorrelationId) is not { } function)
            return null;
        var id = context.Evaluate(function, name =>
            name == "get" + key ? new ScriptGlobal.Function(_ => item)
            : name == "args" ? new ScriptGlobal.Constant(JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [key] = item }))
            : null);
        return InputTypes.TryRead<string>(id, out var text) ? text : null;
    }

    private static Dictionary<string, JsonElement> InputFor(JsonElement item, Dictionary<string, JsonElement> common, string key)
    {
        var input = new Dictionary<string, JsonElement>(common, StringComparer.Ordinal);
        if (item.ValueKind == JsonValueKind.Object)
            foreach (var property in item.EnumerateObject())
                input[property.Name] = property.Value;
        else
            input[key] = item;
        return input;
    }
}
