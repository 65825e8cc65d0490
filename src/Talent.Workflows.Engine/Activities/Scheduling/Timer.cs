using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Scheduling;

/// <summary>Elsa.Timer: starts the workflow again and again, an interval apart from its publishing on; inside a flow it waits once.</summary>
public sealed class Timer : Activity
{
    /// <summary>Workflows that start themselves more often would be all that the server does.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private static readonly Input<TimeSpan> Interval = new("interval", "Interval", "How long between two starts, d.hh:mm:ss, at least a second.") { Default = TimeSpan.FromMinutes(1) };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Timer", "Scheduling", "Timer", "Triggers at an interval.") { Inputs = [Interval], Waits = true, IsTrigger = true };

    protected internal override void Execute(ActivityContext context)
    {
        var interval = context.Get(Interval);
        if (!IsUsable(interval))
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' has the interval {interval}. Choose at least a second and at most 36500 days.", "时间间隔不正确。");
        context.WaitUntil(context.Now + interval);
    }

    protected internal override void Triggered(ActivityContext context, JsonElement payload) => context.Complete();

    protected internal override TriggerSource? Trigger(BoundActivity use) =>
        (use.Inputs.ContainsKey(Interval.Name) ? use.Literal(Interval) : Interval.Default) is var interval && IsUsable(interval) ? new TriggerSource.Timed(after => after + interval) : null;

    private static bool IsUsable(TimeSpan interval) => interval >= Shortest && interval <= TimeSpan.FromDays(36_500);
}
