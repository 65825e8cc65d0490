using System.Text.Json;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Activities.Scripting;

/// <summary>
/// Elsa.RunJavaScript: runs a script in the engine's own interpreter. The script's value is the result; <c>setOutcome(name)</c>
/// and <c>setOutcomes(names)</c> choose how the flow goes on, by <c>Done</c> when neither is called.
/// </summary>
public sealed class RunJavaScript : Activity
{
    private static readonly Input<string> Script = new("script", "Script", "The script to run.") { UiHint = "code-editor" };
    private static readonly Input<IReadOnlyList<string>> PossibleOutcomes = new("possibleOutcomes", "Possible Outcomes", "The outcomes that the script may set.") { UiHint = "dynamic-outcomes" };
    private static readonly Output Result = new("result", "Object", "Result");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.RunJavaScript", "Scripting", "Run JavaScript", "Runs a script.")
        { Inputs = [Script, PossibleOutcomes], Outputs = [Result], DynamicOutcomes = node => [.. DynamicOutcomes.Of(node, PossibleOutcomes.Name).Append("Done").Distinct()] };

    // Studio's code editor keeps the script as a literal. Written by hand as an expression, it is the same script.
    protected internal override InputExpression ReadInput(IInput input, JsonElement json) =>
        base.ReadInput(input, json) is var expression && input.Name == Script.Name && expression is { Type: "Literal", Value.ValueKind: JsonValueKind.String }
            ? InputExpression.ReadScript(expression.Value) : expression;

    protected internal override void Execute(ActivityContext context)
    {
        string[] outcomes = [];
        var result = context.Input(Script) is { } script ? context.Evaluate(script, Names) : default;
        if (result.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
            context.Set(Result, result);
        context.Complete(outcomes);

        ScriptGlobal? Names(string name) => name switch
        {
            "setOutcome" => new ScriptGlobal.Function(a => { outcomes = [Read(a[0])]; return default; }),
            "setOutcomes" => new ScriptGlobal.Function(a =>
            {
                outcomes = a[0].ValueKind == JsonValueKind.Array ? [.. a[0].EnumerateArray().Select(Read)] : [Read(a[0])];
                return default;
            }),
            _ => null,
        };
    }

    private static string Read(JsonElement value) => value is { ValueKind: JsonValueKind.String } && value.GetString() is { Length: > 0 } name ? name
        : throw new WorkflowException(ErrorCodes.ExpressionFailed, "An outcome must be a text. Correct the script.", "出口名称必须是文本，请修改脚本。");
}
