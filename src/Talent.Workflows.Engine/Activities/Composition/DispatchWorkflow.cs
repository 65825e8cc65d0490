using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Composition;

/// <summary>Elsa.DispatchWorkflow: starts another workflow in an instance of its own, and waits for its end when asked to.</summary>
public sealed class DispatchWorkflow : Activity
{
    private static readonly Input<bool> WaitForCompletion = new("waitForCompletion", "Wait for completion", "Goes on when the other workflow has ended.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.DispatchWorkflow", "Composition", "Dispatch Workflow", "Starts another workflow in the background.")
    {
        Inputs = [ChildWorkflows.DefinitionId, ChildWorkflows.CorrelationId, ChildWorkflows.Input, WaitForCompletion, ChildWorkflows.StartNewTrace, ChildWorkflows.ChannelName],
        Outputs = [ChildWorkflows.Result], Waits = true,
    };

    protected internal override void Execute(ActivityContext context) => Start(context, context.Get(WaitForCompletion));

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload) => End(context, payload);

    internal static void Start(ActivityContext context, bool waits)
    {
        var bookmark = waits ? context.Wait(BookmarkKinds.Children, null, purpose: ParentWait.Purpose) : null;
        ChildWorkflows.Start(context, context.Get(ChildWorkflows.DefinitionId)!, context.Get(ChildWorkflows.CorrelationId), ChildWorkflows.ReadInput(context), bookmark?.Id, 1, 1);
        if (bookmark is null)
            context.Complete();
    }

    internal static void End(ActivityContext context, JsonElement payload)
    {
        if (ChildResults.Read(payload) is [var child, ..])
            context.Set(ChildWorkflows.Result, child.Output);
        context.Complete();
    }
}

/// <summary>
/// Elsa.ExecuteWorkflow: the same with another default. Here too the other workflow runs in an instance of its own, after the
/// commit of this step; with <c>waitForCompletion</c> off nothing of it is known when this activity completes.
/// </summary>
public sealed class ExecuteWorkflow : Activity
{
    private static readonly Input<bool> WaitForCompletion = new("waitForCompletion", "Wait for completion", "Goes on when the other workflow has ended.") { Default = true };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.ExecuteWorkflow", "Composition", "Execute Workflow", "Runs another workflow and goes on when it has ended.")
    {
        Inputs = [ChildWorkflows.DefinitionId, ChildWorkflows.CorrelationId, ChildWorkflows.Input, WaitForCompletion],
        Outputs = [ChildWorkflows.Result], Waits = true,
    };

    protected internal override void Execute(ActivityContext context) => DispatchWorkflow.Start(context, context.Get(WaitForCompletion));

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload) => DispatchWorkflow.End(context, payload);
}
