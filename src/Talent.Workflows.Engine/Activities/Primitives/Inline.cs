using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.Inline: runs code of a workflow written in C#. A definition has no such code, so it completes, as in Elsa.</summary>
public sealed class Inline : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Inline", "Primitives", "Inline", "Stands for code of a workflow that is written in C#; does nothing here.") { IsBrowsable = false };

    protected internal override void Execute(ActivityContext context) => context.Complete();
}
