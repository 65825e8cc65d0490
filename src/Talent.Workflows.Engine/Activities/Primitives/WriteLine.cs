using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.WriteLine: writes a line of text to the execution log.</summary>
public sealed class WriteLine : Activity
{
    private static readonly Input<string> Text = new("text", "Text", "The text to write.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.WriteLine", "Console", "Write Line", "Writes a line of text to the log.") { Inputs = [Text] };

    protected internal override void Execute(ActivityContext context)
    {
        context.Emit(new WriteLineEffect(context.NewId("line"), context.Get(Text) ?? ""));
        context.Complete();
    }
}
