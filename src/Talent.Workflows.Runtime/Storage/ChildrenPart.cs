using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Children;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>What workflows tell each other: starts of children and their ends, as messages to deliver after the commit.</summary>
internal sealed class ChildrenPart : StepPart
{
    public override string Name => "children";
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
    }
}
