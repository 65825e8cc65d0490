using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>One activity of a definition: a typed view of its JSON object.</summary>
public sealed class ActivityNode
{
    public required string Id { get; init; }

    /// <summary>Path from the workflow's root, <c>Workflow1:root:child</c>; always derived, never trusted from a file.</summary>
    public required string NodeId { get; init; }

    public required string Type { get; init; }
    public required int Version { get; init; }
    public required string Name { get; init; }
    public required JsonElement Json { get; init; }
    public ActivityNode? Parent { get; init; }

    /// <summary>The workflow that this activity stands for; null when it is no other workflow, or has not been expanded.</summary>
    public WorkflowDefinition? Uses { get; internal set; }

    /// <summary>For an activity of a workflow that is used as an activity: the one that it belongs to. Null for the definition's own.</summary>
    public ActivityNode? Owner { get; init; }

    /// <summary>Activities in <c>activities</c>, in order.</summary>
    public IReadOnlyList<ActivityNode> Activities { get; internal set; } = [];

    /// <summary>Activities held by a named property (<c>then</c>, <c>else</c>, <c>body</c>, …).</summary>
    public IReadOnlyDictionary<string, ActivityNode> Ports { get; internal set; } = new Dictionary<string, ActivityNode>();

    /// <summary>Connections of a flowchart; empty elsewhere.</summary>
    public IReadOnlyList<Connection> Connections { get; internal set; } = [];

    public IReadOnlyList<VariableDefinition> Variables { get; internal set; } = [];

    /// <summary>Designer's display text, else the name, else the id; shortened, because messages repeat it.</summary>
    public string DisplayText
    {
        get
        {
            if (Json.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty("displayText", out var text) && text.ValueKind == JsonValueKind.String
                && text.GetString() is { Length: > 0 } display)
                return DocumentCheck.Short(display);
            return Name.Length > 0 ? DocumentCheck.Short(Name) : Id;
        }
    }

    /// <summary>Whether the definition lets this activity start its workflow.</summary>
    public bool CanStartWorkflow => CustomProperty("canStartWorkflow").ValueKind == JsonValueKind.True;

    /// <summary>A value under <c>customProperties</c>; undefined when absent.</summary>
    public JsonElement CustomProperty(string name) =>
        Json.TryGetProperty("customProperties", out var custom) && custom.ValueKind == JsonValueKind.Object
        && custom.TryGetProperty(name, out var value) ? value : default;
}

/// <summary>An edge of a flowchart. <see cref="Port"/> is the outcome it leaves by; <c>Done</c> when the file says none.</summary>
public sealed record Connection(string Source, string Port, string Target);
