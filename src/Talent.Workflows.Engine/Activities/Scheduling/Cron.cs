using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Scheduling;

/// <summary>Elsa.Cron: starts the workflow at the instants of a cron expression; inside a flow it waits for the next one.</summary>
public sealed class Cron : Activity
{
    private static readonly Input<string> Expression = new("cronExpression", "Cron Expression", "Five fields, or six with seconds in front; local time of Asia/Shanghai.") { Required = true };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.Cron", "Scheduling", "Cron", "Triggers at the instants of a cron expression.") { Inputs = [Expression], Waits = true, IsTrigger = true };

    protected internal override void Execute(ActivityContext context)
    {
        try
        {
            context.WaitUntil(CronSchedule.Parse(context.Get(Expression)!).Next(context.Now)
                ?? throw new WorkflowException(ErrorCodes.InvalidInput, $"The cron expression of activity '{context.Node.Id}' names no instant to come. Correct it.", "该 Cron 表达式没有可等待的时刻。"));
        }
        catch (FormatException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidInput, $"The cron expression of activity '{context.Node.Id}': {e.Message}", "Cron 表达式不正确。", e);
        }
    }

    protected internal override void Triggered(ActivityContext context, JsonElement payload) => context.Complete();

    protected internal override TriggerSource? Trigger(BoundActivity use) =>
        use.Literal(Expression) is { } text && Fault(text) is null ? new TriggerSource.Timed(CronSchedule.Parse(text).Next) : null;

    protected internal override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        if (new BoundActivity(node, this).Literal(Expression) is { } text && Fault(text) is { } fault)
            yield return fault;
    }

    private static string? Fault(string text)
    {
        try
        {
            CronSchedule.Parse(text);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}
