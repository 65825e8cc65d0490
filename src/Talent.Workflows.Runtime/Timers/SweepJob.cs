using Npgsql;
using Quartz;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Timers;

/// <summary>The clustered sweep: fires whatever is due and nobody has fired, and notes that it does, for readiness. Afterwards the count of instances goes on.</summary>
[DisallowConcurrentExecution]
public sealed class SweepJob(TimerService timers, BusinessClock clock, NodeService node, InstanceMarks marks, NpgsqlDataSource database) : IJob
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        // First: a sweep that has much to do is alive.
        await using var command = database.CreateCommand("update engine.nodes set swept_at = $2 where id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = node.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Machine.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await timers.RunDueAsync(cancellationToken);
        await marks.RenewIfDueAsync(clock.Machine.GetUtcNow(), cancellationToken);
    }
}
