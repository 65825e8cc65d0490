using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Events;

/// <summary>Elsa.PublishEvent: publishes an event to whatever waits for it when the step commits.</summary>
public sealed class PublishEvent : Activity
{
    private static readonly Input<string> EventName = new("eventName", "Event Name", "The event to publish.") { Required = true };
    private static readonly Input<string> CorrelationId = new("correlationId", "Correlation ID", "Only instances with this correlation id receive it.");
    private static readonly Input<bool> IsLocalEvent = new("isLocalEvent", "Local event", "Only this instance receives it.");
    private static readonly Input<JsonElement> Payload = new("payload", "Payload", "What the receivers get.");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.PublishEvent", "Primitives", "Publish Event", "Publishes an event.")
        { Inputs = [EventName, CorrelationId, IsLocalEvent, Payload] };

    protected internal override void Execute(ActivityContext context)
    {
        var name = EventNames.Require(context.Get(EventName)!);
        var payload = context.Get(Payload);
        if (payload.ValueKind != JsonValueKind.Undefined)
            PublishEffect.ThrowIfTooLarge(name, JsonSerializer.SerializeToUtf8Bytes(payload).Length);
        // A field that was emptied names no instances; it doesn't name those without an id.
        var correlationId = context.Get(CorrelationId) is { } given && !string.IsNullOrWhiteSpace(given) ? given : null;
        context.Emit(new PublishEffect(context.NewId("publish"), name, correlationId,
            context.Get(IsLocalEvent) ? context.InstanceId : null, payload));
        context.Complete();
    }
}
