using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Talent.Workflows.Engine.Activities.Composition;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Expressions;
using static Talent.Workflows.Engine.Execution.TextFunctions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Evaluates expressions in the scope of an activity, with the names that Elsa offers to scripts.</summary>
internal static class ExpressionScope
{
    public static JsonElement Evaluate(InputExpression expression, StepRun run, ActivityExecution execution, ActivityNode node, Func<string, ScriptGlobal?>? more = null)
    {
        if (expression.Problem is { } problem)
            throw problem;
        switch (expression.Type)
        {
            case "Variable":
                var slot = VariableScope.Find(run, execution, expression.ReferenceName())
                    ?? throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{node.Id}' reads variable '{expression.ReferenceName()}', which is not declared in its scope. Declare it or choose another.");
                return slot.Values.GetValueOrDefault(slot.Definition.Id);
            case "Input":
                return WorkflowAsActivity.Input(run, execution, expression.ReferenceName());
            case "JavaScript" or "Template":
                var scope = Scope(run, execution, node, more);
                try
                {
                    return expression.Script is { } script ? script.Evaluate(scope, run.Budget) : Json(expression.Template!.Render(scope, run.Budget));
                }
                finally
                {
                    run.Charge(scope);
                }
            default:
                return expression.Value;
        }
    }

    private static ScriptScope Scope(StepRun run, ActivityExecution execution, ActivityNode node, Func<string, ScriptGlobal?>? more)
    {
        var context = new ActivityContext(run, execution, run.Workflow.Activity(node.Id));
        return new ScriptScope
        {
            Now = run.Now,
            Random = () => Bits(run, execution),
            Resolver = name => more?.Invoke(name) ?? Resolve(name, run, execution, context),
        };
    }

    private static ScriptGlobal? Resolve(string name, StepRun run, ActivityExecution execution, ActivityContext context)
    {
        var state = run.State;
        var definition = run.Workflow.Definition;
        switch (name)
        {
            case "variables":
                return new ScriptGlobal.Object(context.GetVariable, context.SetVariable, () => VariableScope.Names(run, execution));
            case "args":
                // Elsa's arguments of one evaluation, which no activity gives any.
                return new ScriptGlobal.Constant(JsonSerializer.SerializeToElement(new Dictionary<string, string>()));
            case "getVariable":
                return new ScriptGlobal.Function(a => context.GetVariable(Text(a[0])));
            case "setVariable":
                return new ScriptGlobal.Function(a => { context.SetVariable(Text(a[0]), a[1]); return default; });
            case "getInput":
                return new ScriptGlobal.Function(a => WorkflowAsActivity.Input(run, execution, Text(a[0])));
            case "getOutputFrom":
                return new ScriptGlobal.Function(a => OutputFrom(run, context.Node.Owner, Text(a[0]), a.Count > 1 ? Text(a[1]) : null));
            case "getLastResult":
                return new ScriptGlobal.Function(_ => state.LastResult);
            case "getWorkflowInstanceId":
                return new ScriptGlobal.Function(_ => Json(state.InstanceId.ToString()));
            case "getWorkflowDefinitionId":
                return new ScriptGlobal.Function(_ => Json(definition.DefinitionId));
            case "getWorkflowDefinitionVersionId":
                return new ScriptGlobal.Function(_ => Json(definition.Id));
            case "getWorkflowDefinitionVersion":
                return new ScriptGlobal.Function(_ => JsonSerializer.SerializeToElement(definition.Version));
            case "getCorrelationId":
                return new ScriptGlobal.Function(_ => Json(state.CorrelationId));
            case "setCorrelationId":
                return new ScriptGlobal.Function(a => { Rename(state.CorrelationId, v => state.CorrelationId = v, a[0]); return default; });
            case "getWorkflowInstanceName":
                return new ScriptGlobal.Function(_ => Json(state.Name));
            case "setWorkflowInstanceName":
                return new ScriptGlobal.Function(a => { Rename(state.Name, v => state.Name = v, a[0]); return default; });
            case "newGuid" or "newGuidString" or "getGuidString":
                return new ScriptGlobal.Function(_ => Json(NewGuid(run, execution).ToString()));
            case "newShortGuid" or "getShortGuid":
                return new ScriptGlobal.Function(_ => Json(Convert.ToBase64String(NewGuid(run, execution).ToByteArray()).Replace("+", "").Replace("/", "").Replace("=", "")));
        }
        return TextFunctions.Find(name) ?? Accessor(name, context, run, execution);

        void Rename(string? before, Action<string?> set, JsonElement value)
        {
            run.Undo(() => set(before));
            set(Text(value));
        }
    }

    // Elsa also offers getName() and setName(value) for each variable, getName() for each input of the workflow, and
    // getOutputFromActivity() for each output of an activity.
    private static ScriptGlobal.Function? Accessor(string name, ActivityContext context, StepRun run, ActivityExecution execution)
    {
        if (name.Length <= 3 || !(name.StartsWith("get", StringComparison.Ordinal) || name.StartsWith("set", StringComparison.Ordinal)))
            return null;
        var rest = name[3..];
        if (VariableScope.Names(run, execution).FirstOrDefault(v => Matches(v, rest)) is { } variable)
            return name[0] == 'g'
                ? new ScriptGlobal.Function(_ => context.GetVariable(variable))
                : new ScriptGlobal.Function(a => { context.SetVariable(variable, a[0]); return default; });
        if (name[0] == 's')
            return null;
        if ((context.Node.Owner?.Uses ?? run.Workflow.Definition).Inputs.FirstOrDefault(i => Matches(i.Name, rest)) is { } input)
            return new ScriptGlobal.Function(_ => WorkflowAsActivity.Input(run, execution, input.Name));
        for (var from = rest.IndexOf("From", 1, StringComparison.Ordinal); from > 0; from = rest.IndexOf("From", from + 1, StringComparison.Ordinal))
        {
            var (output, activity) = (rest[..from], rest[(from + 4)..]);
            if (run.Workflow.Definition.Activities.Values.FirstOrDefault(a => a.Owner == context.Node.Owner && Matches(a.Name, activity)) is { } node)
                return new ScriptGlobal.Function(_ => OutputFrom(run, null, node.Id, output));
        }
        return null;
    }

    private static bool Matches(string name, string accessor) => name.Length > 0 && (name == accessor || Pascal(name) == accessor);

    private static JsonElement OutputFrom(StepRun run, ActivityNode? owner, string activity, string? output)
    {
        var id = WorkflowExpansion.IdIn(owner, activity);
        if (!run.Workflow.Definition.Activities.ContainsKey(id))
            id = run.Workflow.Definition.Activities.Values.FirstOrDefault(a => a.Owner == owner && a.Name == activity)?.Id;
        if (id is null || !run.State.Results.TryGetValue(id, out var results))
            return default;
        return output is null ? results.Values.FirstOrDefault()
            : results.FirstOrDefault(r => string.Equals(r.Key, output, StringComparison.OrdinalIgnoreCase)).Value;
    }

    private static Guid NewGuid(StepRun run, ActivityExecution execution) =>
        DerivedId.For(run.State.InstanceId, execution.ActivityId, execution.Visit, $"guid:{run.NextRandom()}");

    private static ulong Bits(StepRun run, ActivityExecution execution)
    {
        var seed = Encoding.UTF8.GetBytes($"{run.State.InstanceId}\0{execution.ActivityId}\0{execution.Visit}\0{run.NextRandom()}");
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(seed));
    }

    private static string Pascal(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..];
}
