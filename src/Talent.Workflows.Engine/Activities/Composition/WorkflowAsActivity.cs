using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Composition;

/// <summary>Elsa's WorkflowDefinitionActivity: runs another workflow inside the same instance, with variables of its own.</summary>
public sealed class WorkflowAsActivity : Activity
{
    private const string Given = "input";

    // Properties that every such activity has in JSON: an input of that name gets an underscore before it, as in Elsa.
    private static readonly HashSet<string> Taken = new(StringComparer.OrdinalIgnoreCase)
    {
        "id", "nodeId", "name", "type", "version", "root", "variables", "metadata", "customProperties", "syntheticProperties", "behaviors", "source", "canStartWorkflow", "runAsynchronously",
        "workflowDefinitionId", "workflowDefinitionVersionId", "latestAvailablePublishedVersion", "latestAvailablePublishedVersionId",
    };

    private readonly IReadOnlyList<(InputDefinition Definition, Input<JsonElement> Input)> inputs;
    private readonly IReadOnlyList<(string Name, Output Output)> outputs;

    public WorkflowAsActivity(WorkflowDefinition definition)
    {
        inputs = [.. Details(definition, "inputs", definition.Inputs, i => i.Name).Select(d => (d.Argument, new Input<JsonElement>(Property(d.Argument.Name), Text(d.Json, "displayName", d.Argument.Name), Text(d.Json, "description", ""))
            { TypeName = Type(d.Argument.Type, d.Argument.IsArray), UiHint = Text(d.Json, "uiHint", "singleline"), Alias = Earlier(d.Argument.Name) }))];
        outputs = [.. Details(definition, "outputs", definition.Outputs, o => o.Name).Select(d => (d.Argument.Name, new Output(Property(d.Argument.Name), Type(d.Argument.Type, d.Argument.IsArray), Text(d.Json, "displayName", d.Argument.Name)) { Alias = Earlier(d.Argument.Name) }))];
        var outcomes = Outcomes(definition);
        Descriptor = new ActivityDescriptor(TypeName(definition.Name), Category(definition), definition.Name, Text(definition.Document, "description", ""))
        {
            Version = definition.Version, Inputs = [.. inputs.Select(i => i.Input)], Outputs = [.. outputs.Select(o => o.Output)], Ports = ["root"], IsComposite = true, Waits = true,
            Outcomes = outcomes.Count > 0 ? outcomes : ["Done"],
            // A workflow that comes to its end without saying by which outcome is done.
            DynamicOutcomes = _ => [.. outcomes.Append("Done").Distinct(StringComparer.Ordinal)],
        };
    }

    public override ActivityDescriptor Descriptor { get; }

    protected internal override void Execute(ActivityContext context)
    {
        var given = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (definition, input) in inputs)
            if (VariableValues.Coerce(new VariableDefinition(definition.Name, definition.Name, definition.Type, definition.IsArray, default), context.Get(input)) is { ValueKind: not JsonValueKind.Undefined } value)
                given[definition.Name] = value;
        context.SetData(Given, JsonSerializer.SerializeToElement(given));
        context.Schedule(context.Node.Ports["root"]);
    }

    // Elsa's outcomes of a workflow come from Elsa.Complete alone.
    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child) => context.Complete();

    /// <summary>The name of the activity type that a workflow of that name makes.</summary>
    public static string TypeName(string name)
    {
        var words = name.Split([' ', '-', '_', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(words.Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
    }

    /// <summary>The output of a name, in any case; null when the workflow declares none.</summary>
    internal Output? Output(string name) => outputs.FirstOrDefault(o => string.Equals(o.Name, name, StringComparison.OrdinalIgnoreCase)).Output;

    /// <summary>The run of the activity whose workflow an execution belongs to; null: the instance's own workflow.</summary>
    internal static ActivityExecution? Around(StepRun run, ActivityExecution execution)
    {
        var owner = run.Workflow.Activity(execution.ActivityId).Node.Owner;
        for (var current = execution; owner is not null && current.ParentId is { } parent;)
            if ((current = run.State.Execution(parent)!).ActivityId == owner.Id)
                return current;
        return null;
    }

    /// <summary>An input of the workflow that an execution belongs to; undefined when it has none.</summary>
    internal static JsonElement Input(StepRun run, ActivityExecution execution, string name) =>
        Around(run, execution) is not { } host ? run.State.Input.GetValueOrDefault(name)
        : host.Data is { } data && data.TryGetValue(Given, out var given) && given.TryGetProperty(name, out var value) ? value : default;

    private static string Property(string name) => Taken.Contains(name) ? $"_{name}" : name.Length == 0 ? name : char.ToLowerInvariant(name[0]) + name[1..];

    // Releases before this one took this name for one of those.
    private static string? Earlier(string name) => string.Equals(name, "result", StringComparison.OrdinalIgnoreCase) ? $"_{name}" : null;

    private static string Type(string type, bool isArray) => $"{(type.Length > 0 ? type : "Object")}{(isArray ? "[]" : "")}";

    private static string Category(WorkflowDefinition definition) =>
        definition.Document.TryGetProperty("options", out var options) && options.ValueKind == JsonValueKind.Object ? Text(options, "activityCategory", "Workflows") : "Workflows";

    private static List<string> Outcomes(WorkflowDefinition definition) =>
        definition.Document.TryGetProperty("outcomes", out var outcomes) && outcomes.ValueKind == JsonValueKind.Array
            ? [.. outcomes.EnumerateArray().Where(o => o.ValueKind == JsonValueKind.String).Select(o => o.GetString()!).Where(o => o.Length > 0).Distinct(StringComparer.Ordinal)] : [];

    /// <summary>Inputs or outputs with what the document says of them beside name and type.</summary>
    private static IEnumerable<(T Argument, JsonElement Json)> Details<T>(WorkflowDefinition definition, string property, IReadOnlyList<T> arguments, Func<T, string> nameOf)
    {
        var json = definition.Document.TryGetProperty(property, out var array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object).ToList() : [];
        return arguments.Zip(json).Where(p => nameOf(p.First).Length > 0).DistinctBy(p => nameOf(p.First));
    }

    private static string Text(JsonElement json, string property, string otherwise) => DefinitionReader.Text(json, property) is { Length: > 0 } text ? text : otherwise;
}
