using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Tests;

/// <summary>Waits one second and then makes a step that no part can write: a poisoned instance.</summary>
internal sealed class FailingTimer : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Test.FailingTimer", "Test", "Failing timer", "Fails when due.");

    protected override void Execute(ActivityContext context) => context.WaitUntil(context.Now.AddSeconds(1));

    protected override void TimerDue(ActivityContext context, TimerWait timer)
    {
        context.Emit(new PoisonEffect(context.NewId("poison")));
        context.Complete();
    }
}

internal sealed record PoisonEffect(Guid Id) : Effect(Id);
