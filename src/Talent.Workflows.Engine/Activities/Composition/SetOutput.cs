using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Composition;

/// <summary>Elsa.SetOutput: sets an output of the workflow, declared or not.</summary>
public sealed class SetOutput : Activity
{
    private static readonly Input<string> OutputName = new("outputName", "Output", "The output to set.") { Required = true, UiHint = "output-picker" };
    private static readonly Input<JsonElement> OutputValue = new("outputValue", "Output Value", "The value to set.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.SetOutput", "Composition", "Set Output", "Sets an output of the workflow.") { Inputs = [OutputName, OutputValue] };

    protected internal override void Execute(ActivityContext context)
    {
        context.SetWorkflowOutput(context.Get(OutputName)!, context.Get(OutputValue));
        context.Complete();
    }
}
