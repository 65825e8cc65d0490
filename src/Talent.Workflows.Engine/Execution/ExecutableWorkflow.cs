using System.Collections.Concurrent;
using System.Text.Json;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Activities.Composition;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>A definition bound to the activities of this server, its expressions parsed. Immutable; made once per version and shared.</summary>
public sealed class ExecutableWorkflow
{
    private readonly Dictionary<string, BoundActivity> bound = new(StringComparer.Ordinal);

    private ExecutableWorkflow(WorkflowDefinition definition) => Definition = definition;

    public WorkflowDefinition Definition { get; }

    /// <summary>True when a script asks for outputs of earlier activities, so that they have to be kept.</summary>
    public bool KeepsResults { get; private set; }

    /// <summary>Why no instance may be started: an expression in a language that isn't run here. Null: none.</summary>
    public WorkflowException? Refusal { get; private set; }

    /// <summary>Binds a definition. Unknown activity types stay unbound and fail when reached; publishing refuses them.</summary>
    /// <param name="used">The workflows that it uses as activities, and those that these use, by version id; null: such activities stay unbound.</param>
    public static ExecutableWorkflow Compile(WorkflowDefinition definition, ActivityCatalog catalog, IReadOnlyDictionary<string, WorkflowDefinition>? used = null)
    {
        if (used is not null)
            definition = WorkflowExpansion.Expand(definition, catalog, used);
        var workflow = new ExecutableWorkflow(definition);
        foreach (var node in definition.Activities.Values)
        {
            var activity = new BoundActivity(node, node.Uses is { } other ? new WorkflowAsActivity(other) : catalog.Find(node.Type));
            activity.LeadsBack = workflow.LeadsBack;
            workflow.bound.Add(node.Id, activity);
            foreach (var (name, expression) in activity.Inputs.Select(i => (i.Key, i.Value)).Concat(activity.Conditions))
            {
                workflow.KeepsResults |= expression.ReadsResults;
                if (expression.Problem is { Code: ErrorCodes.ExpressionNotSupported } problem)
                    workflow.Refusal ??= new WorkflowException(problem.Code, $"The workflow can't be started: '{name}' of activity '{node.Id}': {problem.Message}",
                        $"流程无法启动：活动“{node.DisplayText}”（{node.Id}）的“{name}”：{problem.MessageZh}");
            }
        }
        return workflow;
    }

    public BoundActivity Activity(string activityId) => bound.TryGetValue(activityId, out var activity) ? activity
        : throw new WorkflowException(ErrorCodes.UnknownActivity, $"Definition {Definition.Id} has no activity '{activityId}'. Name one of its activities.");

    public IEnumerable<BoundActivity> Activities => bound.Values;

    private bool LeadsBack(Connection connection) =>
        bound.TryGetValue(connection.Source, out var source) && source.Implementation?.Descriptor.BackOutcomes.Contains(connection.Port) == true;

    /// <summary>What starts instances by itself: activities that may, and by what.</summary>
    public IEnumerable<(BoundActivity Activity, TriggerSource Source)> StartTriggers()
    {
        foreach (var activity in bound.Values)
            if (MayStart(activity.Node) && activity.Implementation?.Trigger(activity) is { } source)
                yield return (activity, source);
    }

    /// <summary>Whether a start can begin at an activity: the root, what lies directly in a root flowchart, or the first of a root sequence.</summary>
    internal static bool MayStart(ActivityNode node) => node.CanStartWorkflow && node.Parent switch
    {
        null => true,
        { Parent: null, Type: "Elsa.Flowchart" } => true,
        { Parent: null, Type: "Elsa.Sequence" } root => root.Activities[0] == node,
        _ => false,
    };
}

/// <summary>One activity of a definition with its implementation and its inputs as expressions.</summary>
public sealed class BoundActivity
{
    private readonly ConcurrentDictionary<string, FlowGraph> graphs = new(StringComparer.Ordinal);

    public BoundActivity(ActivityNode node, Activity? implementation)
    {
        Node = node;
        Implementation = implementation;
        foreach (var input in implementation?.Descriptor.Inputs ?? [])
            if ((Given(node.Json, input.Name) ?? Given(node.Json, input.Alias)) is { } json)
                Inputs[input.Name] = implementation!.ReadInput(input, json);
        Conditions = [.. implementation?.Conditions(node) ?? []];
        foreach (var output in implementation?.Descriptor.Outputs ?? [])
            if ((Given(node.Json, output.Name) ?? Given(node.Json, output.Alias)) is { ValueKind: JsonValueKind.Object } json
                && json.TryGetProperty("memoryReference", out var memory) && memory.ValueKind == JsonValueKind.Object
                && memory.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
                // Elsa's own name for a place in memory that nobody bound.
                && !id.GetString()!.StartsWith($"{DefinitionReader.Text(node.Json, "id")}:", StringComparison.Ordinal))
                OutputVariables[output.Name] = id.GetString()!;
    }

    public ActivityNode Node { get; }
    public Activity? Implementation { get; }
    public Dictionary<string, InputExpression> Inputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Expressions that lie elsewhere than in an input, as those of a switch's cases, by what people call them.</summary>
    public IReadOnlyList<(string Label, InputExpression Expression)> Conditions { get; }

    /// <summary>Variable id by output name.</summary>
    public Dictionary<string, string> OutputVariables { get; } = new(StringComparer.Ordinal);

    /// <summary>The value of an input that the definition gives as it is; default when it is anything else.</summary>
    public T? Literal<T>(Input<T> input) =>
        Inputs.TryGetValue(input.Name, out var expression) && IsLiteral(expression) && InputTypes.TryRead<T>(expression.Value, out var value) ? value : default;

    /// <summary>The same, or the input's default when the definition gives none.</summary>
    public T? LiteralOr<T>(Input<T> input) =>
        Inputs.TryGetValue(input.Name, out var expression) && IsLiteral(expression) && InputTypes.TryRead<T>(expression.Value, out var value)
        && expression.Value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) ? value : input.Default;

    /// <summary>True when nothing has to be evaluated to know the value.</summary>
    internal static bool IsLiteral(InputExpression expression) => expression is { Type: "Literal" or "Object", Problem: null };

    private static JsonElement? Given(JsonElement activity, string? name) =>
        name is not null && activity.TryGetProperty(name, out var json) && json.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? json : null;

    /// <summary>The graph of a flowchart that the trigger of an activity in it began; null: that began at its start.</summary>
    public FlowGraph GraphFrom(string? entry) => graphs.GetOrAdd(entry ?? "", static (key, flowchart) => new FlowGraph(flowchart.Node, key, flowchart.LeadsBack), this);

    /// <summary>Which connections of the workflow lead back; null: no activity says so.</summary>
    internal Func<Connection, bool>? LeadsBack { get; set; }
}
