using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.Fault: fails on purpose. The incident carries code, category and message.</summary>
public sealed class Fault : Activity
{
    private static readonly Input<string> Code = new("code", "Code", "A stable code for the fault.");
    private static readonly Input<string> Category = new("category", "Category");
    private static readonly Input<string> FaultType = new("faultType", "Type");
    private static readonly Input<string> Message = new("message", "Message", "What happened and what to do.") { UiHint = "multiline" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Fault", "Primitives", "Fault", "Faults the workflow.") { Inputs = [Code, Category, FaultType, Message] };

    protected internal override void Execute(ActivityContext context)
    {
        var code = context.Get(Code) is { Length: > 0 } given ? given : ErrorCodes.ActivityFaulted;
        var kind = string.Join('/', new[] { context.Get(Category), context.Get(FaultType) }.Where(t => !string.IsNullOrEmpty(t)));
        var message = context.Get(Message) is { Length: > 0 } text ? text : $"Activity '{context.Node.Id}' faulted the workflow.";
        throw new WorkflowException(code, kind.Length > 0 ? $"{kind}: {message}" : message);
    }
}
