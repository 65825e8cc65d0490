using System.Text.Json;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Finds variables from the inside out: the enclosing containers first, then the workflow.</summary>
internal static class VariableScope
{
    public sealed record Slot(VariableDefinition Definition, Dictionary<string, JsonElement> Values);

    public static Slot? Find(StepRun run, ActivityExecution? execution, string idOrName)
    {
        for (var current = execution; current is not null; current = current.ParentId is { } parent ? run.State.Execution(parent) : null)
        {
            var declared = run.Workflow.Activity(current.ActivityId).Node.Variables;
            if (declared.Count > 0 && Match(declared, idOrName) is { } local)
                return new Slot(local, current.Variables ??= new(StringComparer.Ordinal));
            if (current.Variables is { } values && values.ContainsKey(idOrName))
                return new Slot(HandedIn(idOrName), values);
            if (IsBorder(run, current))
                return null;
        }
        return Match(run.Workflow.Definition.Variables, idOrName) is { } global ? new Slot(global, run.State.Variables) : null;
    }

    public static IEnumerable<string> Names(StepRun run, ActivityExecution? execution)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var current = execution; current is not null; current = current.ParentId is { } parent ? run.State.Execution(parent) : null)
        {
            var declared = run.Workflow.Activity(current.ActivityId).Node.Variables;
            foreach (var variable in declared)
                if (names.Add(variable.Name))
                    yield return variable.Name;
            foreach (var name in current.Variables?.Keys ?? Enumerable.Empty<string>())
                if (declared.All(v => v.Id != name) && names.Add(name))
                    yield return name;
            if (IsBorder(run, current))
                yield break;
        }
        foreach (var variable in run.Workflow.Definition.Variables)
            if (names.Add(variable.Name))
                yield return variable.Name;
    }

    /// <summary>True for the root of a workflow that is used as an activity: it doesn't see the variables of whoever uses it.</summary>
    private static bool IsBorder(StepRun run, ActivityExecution execution) => run.Workflow.Activity(execution.ActivityId).Node.Parent?.Uses is not null;

    /// <summary>What a loop hands to one run of its body (its current item) is declared nowhere and is of any type.</summary>
    private static VariableDefinition HandedIn(string name) => new(name, name, "", IsArray: false, default);

    private static VariableDefinition? Match(IReadOnlyList<VariableDefinition> variables, string idOrName)
    {
        foreach (var variable in variables)
            if (variable.Id == idOrName)
                return variable;
        foreach (var variable in variables)
            if (variable.Name == idOrName)
                return variable;
        return null;
    }
}
