using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Branching;

/// <summary>Elsa.If: runs <c>then</c> or <c>else</c>.</summary>
public sealed class If : Activity
{
    private static readonly Input<bool> Condition = new("condition", "Condition", "The condition to evaluate.");
    private static readonly Output Result = new("result", "Boolean", "Result");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.If", "Branching", "If", "Runs one of two activities.")
        { Inputs = [Condition], Outputs = [Result], Ports = ["then", "else"] };

    protected internal override void Execute(ActivityContext context)
    {
        var condition = context.Get(Condition);
        context.Set(Result, JsonSerializer.SerializeToElement(condition));
        if (context.Node.Ports.TryGetValue(condition ? "then" : "else", out var branch))
            context.Schedule(branch);
        else
            context.Complete();
    }
}
