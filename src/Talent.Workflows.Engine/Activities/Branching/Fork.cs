using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Branching;

/// <summary>Elsa.Fork: runs the activities in <c>branches</c> beside each other; ends with the last of them, or with the first.</summary>
public sealed class Fork : Activity
{
    private static readonly Input<string> JoinMode = new("joinMode", "Join Mode", "Whether to wait for all branches or for the first.")
        { IsWrapped = false, Default = "WaitAll", UiHint = "dropdown", Choices = [("WaitAll", "Wait for all"), ("WaitAny", "Wait for the first")] };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Fork", "Control Flow", "Fork", "Runs several branches beside each other.") { Inputs = [JoinMode], IsBrowsable = false };

    protected internal override void Execute(ActivityContext context)
    {
        var branches = BranchesOf(context.Node);
        foreach (var branch in branches)
            context.Schedule(context.Bound(branch).Node);
        if (branches.Count == 0)
            context.Complete();
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        if (context.Get(JoinMode) == "WaitAny" || !context.HasPending())
            context.Complete();
    }

    private static List<string> BranchesOf(ActivityNode node) =>
        node.Json.TryGetProperty("branches", out var branches) && branches.ValueKind == JsonValueKind.Array
            ? [.. branches.EnumerateArray().Where(ActivityTreeReader.IsActivity).Select(b => WorkflowExpansion.IdIn(node.Owner, DefinitionReader.Text(b, "id")))] : [];
}
