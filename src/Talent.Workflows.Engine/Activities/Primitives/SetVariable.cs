using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.SetVariable: sets a variable in scope. <c>variable</c> is the raw variable object that Studio writes.</summary>
public sealed class SetVariable : Activity
{
    private static readonly Input<JsonElement> Variable = new("variable", "Variable", "The variable to set.") { IsWrapped = false, Required = true, UiHint = "variable-picker", TypeName = "Variable" };
    private static readonly Input<JsonElement> Value = new("value", "Value", "The value to set.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.SetVariable", "Primitives", "Set Variable", "Sets a variable.") { Inputs = [Variable, Value] };

    protected internal override void Execute(ActivityContext context)
    {
        context.SetVariable(NameOf(context.Get(Variable)), context.Get(Value));
        context.Complete();
    }

    protected internal override IEnumerable<UseProblem> Validate(Definitions.ActivityNode node)
    {
        if (node.Json.TryGetProperty("variable", out var variable) && NameOf(variable).Length == 0)
            yield return "names no variable. Choose the variable to set.";
    }

    private static string NameOf(JsonElement variable)
    {
        if (variable.ValueKind == JsonValueKind.String)
            return variable.GetString()!;
        if (variable.ValueKind != JsonValueKind.Object)
            return "";
        foreach (var property in new[] { "id", "name" })
            if (variable.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0)
                return value.GetString()!;
        return "";
    }
}
