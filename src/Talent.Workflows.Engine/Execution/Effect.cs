using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// What an activity decided should happen; written by the runtime in the step's one transaction. The id derives from
/// instance, activity and visit, so the same step gives the same ids and an effect can be recognised when delivered twice.
/// Domains add their own records.
/// </summary>
public abstract record Effect(Guid Id);

/// <summary>Publishes an event to what waits for it when the step commits; to one instance only when <see cref="OnlyInstance"/> is set.</summary>
public sealed record PublishEffect(Guid Id, string EventName, string? CorrelationId, Guid? OnlyInstance, JsonElement Payload) : Effect(Id);

/// <summary>A line of text from Elsa.WriteLine.</summary>
public sealed record WriteLineEffect(Guid Id, string Text) : Effect(Id);
