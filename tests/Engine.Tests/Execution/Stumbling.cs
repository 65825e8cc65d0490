using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>Fails until its execution is mended.</summary>
internal sealed class Stumbling : Activity
{
    public const string TypeName = "Test.Stumbling";

    public int? Mended { get; set; }

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Test", "Stumbling", "Fails until it is mended.");

    protected override void Execute(ActivityContext context)
    {
        if (Mended != context.Execution.Id)
            throw new InvalidOperationException("Not mended yet.");
        context.Complete();
    }
}
