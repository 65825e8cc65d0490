using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Children;
using Talent.Workflows.Runtime.Http;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>What the engine's own activities leave to be delivered after the commit: starts of children, their ends, HTTP requests. What of it became a dead letter goes out again with the retry.</summary>
internal sealed class DeliveriesPart : StepPart
{
    public override string Name => "deliveries";
    public override IReadOnlyList<StepParameter> Parameters => [];

    // What a retry goes on waiting for is started by the message that was asked for it first, so that none is started twice.
    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new($"""
            deliveries_again as (
                update engine.outbox_failed f set dead = false, attempts = 0, retry_at = @machine_now from step
                where f.dead and f.kind = '{ChildStarts.MessageKind}' and f.instance_id = step.id)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        values.SkipUnless(step.Request.Stimulus is Stimulus.Retry && step.Before.Incidents.Exists(i => i.Call?.GivenUp == true), 0);
        var place = 0;
        foreach (var effect in step.Effects)
            if (effect is StartChildEffect start)
                // Ids of instances are in the order of their creation; this one is settled by the row that the step leaves.
                step.Outbox.Add(start.Id, ChildStarts.MessageKind, ChildStarts.Write(start, Guid.CreateVersion7(step.MachineNow), ++place));
            else if (effect is ChildEndedEffect ended)
                step.Outbox.Add(ended.Id, ChildEnds.MessageKind, ChildEnds.Write(ended));
            else if (effect is HttpCallEffect call)
                step.Outbox.Add(call.Id, HttpCalls.MessageKind, HttpCalls.Write(call));
    }
}
