using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Scheduling;

/// <summary>Elsa.Delay: waits for a span of the business clock.</summary>
public sealed class Delay : Activity
{
    private static readonly Input<TimeSpan> Span = new("timeSpan", "Time Span", "How long to wait, d.hh:mm:ss.") { Default = TimeSpan.FromMinutes(1) };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Delay", "Scheduling", "Delay", "Waits for a time.") { Inputs = [Span], Waits = true };

    protected internal override void Execute(ActivityContext context)
    {
        var span = context.Get(Span);
        if (span <= TimeSpan.Zero)
            context.Complete();
        else if (span > TimeSpan.FromDays(36_500))
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' would wait {span.TotalDays:0} days. Choose at most 36500.");
        else
            context.WaitUntil(context.Now + span);
    }
}
