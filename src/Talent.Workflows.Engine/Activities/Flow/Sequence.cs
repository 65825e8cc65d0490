using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.Sequence: runs its activities one after the other.</summary>
public sealed class Sequence : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Sequence", "Workflows", "Sequence", "Runs activities one after the other.") { IsContainer = true, IsBrowsable = false };

    protected internal override void Execute(ActivityContext context)
    {
        var data = context.GetData("index");
        var index = data.ValueKind == JsonValueKind.Number ? data.GetInt32() : 0;
        if (index >= context.Node.Activities.Count)
        {
            context.Complete();
            return;
        }
        context.SetData("index", JsonSerializer.SerializeToElement(index + 1));
        context.Schedule(context.Node.Activities[index]);
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        if (child.EndsFlow)
            context.Complete();
        else
            Execute(context);
    }
}
