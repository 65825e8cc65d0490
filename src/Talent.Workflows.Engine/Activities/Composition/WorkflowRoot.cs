using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Composition;

/// <summary>Elsa.Workflow: the wrapper that Elsa puts around the root of a definition. Studio asks for its descriptor; nobody drags it in.</summary>
public sealed class WorkflowRoot : Activity
{
    private static readonly Output Result = new("result", "Object", "Result");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Workflow", "Workflows", "Workflow", "A workflow.")
        { Outputs = [Result], Ports = ["root"], IsComposite = true, IsBrowsable = false };

    protected internal override void Execute(ActivityContext context)
    {
        if (context.Node.Ports.TryGetValue("root", out var root))
            context.Schedule(root);
        else
            context.Complete();
    }
}
