using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Children;
using Talent.Workflows.Runtime.Http;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>What the engine's own activities leave to be delivered after the commit: starts of children, their ends, HTTP requests.</summary>
internal sealed class DeliveriesPart : StepPart
{
    public override string Name => "deliveries";
    public override IReadOnlyList<StepParameter> Parameters => [];
    public override IReadOnlyList<StepSection> Sections => [];

    public override void Bind(StepWrite step, StepParameters values)
    {
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
