using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Composition;

/// <summary>Elsa.Complete: ends the composite activity it lies in, or the whole workflow, by outcomes; all that still runs in it is cancelled.</summary>
public sealed class Complete : Activity
{
    private static readonly Input<JsonElement> Outcomes = new("outcomes", "Outcomes", "The outcome, or outcomes, to end by.") { UiHint = "outcome-picker" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Complete", "Composition", "Complete", "Ends the composite activity it lies in.")
        { Inputs = [Outcomes], Outcomes = [], IsTerminal = true };

    protected internal override void Execute(ActivityContext context)
    {
        var outcomes = Read(context.Get(Outcomes));
        if (!context.CompleteEnclosing(activity => activity.Descriptor.IsComposite, outcomes))
            context.FinishWorkflow(outcomes);
    }

    // One outcome as a text, several as an array or the text of one.
    private static string[] Read(JsonElement json) =>
        json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? []
        : InputTypes.TryRead<IReadOnlyList<string>>(json, out var names) && names is not null ? [.. names.Where(n => n.Length > 0)]
        : [json.ToString()];
}
