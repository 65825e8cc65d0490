using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Events;

/// <summary>Elsa.Event: waits for an event by its name, or starts the workflow when it is published; the event's payload is its result.</summary>
public sealed class Event : Activity
{
    private static readonly Input<string> EventName = new("eventName", "Event Name", "The event to wait for.") { Required = true };
    private static readonly Output Result = new("result", "Object", "Result");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Event", "Primitives", "Event", "Waits for an event.")
        { Inputs = [EventName], Outputs = [Result], Waits = true, IsTrigger = true };

    protected internal override void Execute(ActivityContext context) => context.Wait(BookmarkKinds.Event, EventNames.Require(context.Get(EventName)!));

    protected internal override TriggerSource? Trigger(BoundActivity use) =>
        use.Literal(EventName) is { Length: > 0 } name ? new TriggerSource.Named(name) : null;

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload) => Triggered(context, payload);

    protected internal override void Triggered(ActivityContext context, JsonElement payload)
    {
        context.Set(Result, payload);
        context.Complete();
    }
}
