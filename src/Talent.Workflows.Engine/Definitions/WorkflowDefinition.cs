using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>
/// One immutable version of an Elsa 3 workflow definition. <see cref="Document"/> is the JSON as it was read and is the
/// truth for writing: unknown properties and designer metadata are never lost. The other members are a typed view of it.
/// </summary>
public sealed class WorkflowDefinition
{
    /// <summary>Id of this version (<c>id</c>).</summary>
    public required string Id { get; init; }

    /// <summary>Id shared by all versions (<c>definitionId</c>).</summary>
    public required string DefinitionId { get; init; }

    public required int Version { get; init; }
    public required string Name { get; init; }
    public required IReadOnlyList<VariableDefinition> Variables { get; init; }
    public required IReadOnlyList<InputDefinition> Inputs { get; init; }
    public required IReadOnlyList<OutputDefinition> Outputs { get; init; }

    /// <summary>Event names that may be signalled before a wait for them exists (<c>customProperties.earlyEvents</c>).</summary>
    public required IReadOnlySet<string> EarlyEvents { get; init; }

    /// <summary>What an incident does to the rest of the instance (<c>options.incidentStrategyType</c>).</summary>
    public IncidentStrategy IncidentStrategy { get; init; }

    /// <summary>When it may be started (<c>options.activationStrategyType</c>).</summary>
    public ActivationStrategy Activation { get; init; }

    public required ActivityNode Root { get; init; }

    /// <summary>All activities by id, nested ones included.</summary>
    public required IReadOnlyDictionary<string, ActivityNode> Activities { get; init; }

    public required JsonElement Document { get; init; }
}

/// <summary>A variable of a workflow or container; <see cref="Value"/> is the default as written, often a string.</summary>
public sealed record VariableDefinition(string Id, string Name, string TypeName, bool IsArray, JsonElement Value);

/// <summary>A declared input of a workflow.</summary>
public sealed record InputDefinition(string Name, string Type, bool IsArray);

/// <summary>A declared output of a workflow.</summary>
public sealed record OutputDefinition(string Name, string Type, bool IsArray);
