using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Asks for a new instance. Exactly one of <see cref="DefinitionId"/> (its published version) and <see cref="DefinitionVersionId"/>.</summary>
public sealed record StartRequest
{
    public string? DefinitionId { get; init; }
    public string? DefinitionVersionId { get; init; }
    public IReadOnlyDictionary<string, JsonElement> Input { get; init; } = new Dictionary<string, JsonElement>();
    public string? CorrelationId { get; init; }
    public string? Name { get; init; }

    /// <summary>Chosen by the caller, so that a repetition starts nothing new; a UUIDv7 when left out.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>Creates the instance without running it: <c>Pending</c> until a <c>Stimulus.Start</c>.</summary>
    public bool Pending { get; init; }

    /// <summary>What started it by itself, at the activity whose trigger it is; null when somebody starts it.</summary>
    public StartTrigger? Trigger { get; init; }

    /// <summary>The workflow that starts it; null when none does.</summary>
    public ParentWait? Parent { get; init; }

    public required Actor Actor { get; init; }
    public Idempotency? Idempotency { get; init; }

    /// <summary>What the domain's parts need; opaque to the runtime.</summary>
    public object? Domain { get; init; }
}
