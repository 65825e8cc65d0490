using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Looping;

/// <summary>Elsa.While: runs its body as long as the condition holds.</summary>
public sealed class While : Activity
{
    private static readonly Input<bool> Condition = new("condition", "Condition", "The loop goes on while this is true.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.While", "Looping", "While", "Repeats an activity while a condition holds.")
        { Inputs = [Condition], Ports = ["body"] };

    protected internal override void Execute(ActivityContext context)
    {
        if (context.Get(Condition) && context.Node.Ports.TryGetValue("body", out var body))
            context.Schedule(body);
        else
            context.Complete();
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child) => Execute(context);
}
