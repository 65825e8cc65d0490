using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Scheduling;

/// <summary>Elsa.StartAt: starts the workflow at an instant; inside a flow it waits for it, and goes on at once when it is past.</summary>
public sealed class StartAt : Activity
{
    private static readonly Input<DateTimeOffset?> Instant = new("dateTime", "Date Time", "The instant, ISO 8601; UTC when it names no offset.")
        { Required = true, TypeName = "DateTimeOffset", UiHint = "datetime-picker" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.StartAt", "Scheduling", "Start at", "Triggers at an instant.") { Inputs = [Instant], Waits = true, IsTrigger = true };

    protected internal override void Execute(ActivityContext context)
    {
        var instant = context.Get(Instant)!.Value;
        if (instant <= context.Now)
            context.Complete();
        else
            context.WaitUntil(instant);
    }

    protected internal override void Triggered(ActivityContext context, JsonElement payload) => context.Complete();

    protected internal override TriggerSource? Trigger(BoundActivity use) =>
        use.Literal(Instant) is { } instant ? new TriggerSource.Timed(after => after < instant ? instant : null) : null;
}
