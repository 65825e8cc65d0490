using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Tests;

/// <summary>Has something due every millisecond, for ever.</summary>
internal sealed class SteadyTimer : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Test.SteadyTimer", "Test", "Steady timer", "Is due every millisecond.");

    protected override void Execute(ActivityContext context) => context.WaitUntil(context.Now.AddMilliseconds(1));

    protected override void TimerDue(ActivityContext context, TimerWait timer) => context.WaitUntil(context.Now.AddMilliseconds(1));
}
