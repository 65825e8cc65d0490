using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>Elsa.Parallel: runs its activities beside each other and ends with the last of them.</summary>
public sealed class Parallel : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Parallel", "Workflows", "Parallel", "Runs activities beside each other.") { IsContainer = true, IsBrowsable = false };

    protected internal override void Execute(ActivityContext context)
    {
        foreach (var activity in context.Node.Activities)
            context.Schedule(activity);
        if (context.Node.Activities.Count == 0)
            context.Complete();
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        if (!context.HasPending())
            context.Complete();
    }
}
