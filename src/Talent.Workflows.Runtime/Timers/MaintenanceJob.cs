using Microsoft.Extensions.Options;
using Npgsql;
using Quartz;
using Talent.Workflows.Runtime.Alterations;

namespace Talent.Workflows.Runtime.Timers;

/// <summary>Daily: forgets, past their time, idempotency keys, signals that moved nothing and plans that were carried out; nodes that are gone, and places that nothing holds any more.</summary>
[DisallowConcurrentExecution]
public sealed class MaintenanceJob(NpgsqlDataSource database, BusinessClock clock, IOptions<RuntimeOptions> options) : IJob
{
    private const int Batch = 5000;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await RunAsync(cancellationToken);

    /// <summary>Removes in batches, so that no statement holds many rows.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.Machine.GetUtcNow();
        await RepeatAsync($"delete from engine.receipts where ctid = any(array(select ctid from engine.receipts where at < $1 limit {Batch}))", now.AddDays(-options.Value.ReceiptDays), cancellationToken);
        await RepeatAsync($"""
            delete from engine.broadcasts where ctid = any(array(select ctid from engine.broadcasts
                where at < $1 and id not in (select id from engine.outbox union all select id from engine.outbox_failed) limit {Batch}))
            """, now.AddDays(-options.Value.ReceiptDays), cancellationToken);
        // What became of a signal is noted with the business clock.
        await RepeatAsync($"delete from engine.signals where ctid = any(array(select ctid from engine.signals where outcome >= 2 and at < $1 limit {Batch}))", clock.Now.AddDays(-options.Value.RefusedSignalDays), cancellationToken);
        await RepeatAsync($"""
            delete from engine.alteration_plans where ctid = any(array(select p.ctid from engine.alteration_plans p
                where p.created_at < $1 and not exists (select from engine.alteration_jobs j where j.plan_id = p.id and j.status <= {(int)AlterationStatus.Running}) limit {Batch}))
            """, clock.Now.AddDays(-options.Value.ReceiptDays), cancellationToken);
        await RepeatAsync($"delete from engine.nodes where id = any(array(select id from engine.nodes where seen_at < $1 limit {Batch}))", now.AddDays(-1), cancellationToken);
        // Of instances that a version without the strategy, or another release, has ended.
        await RepeatAsync($"""
            delete from engine.activations where ctid = any(array(select a.ctid from engine.activations a
                where not exists (select from engine.instances i where i.id = a.instance_id and i.finished_at is null) limit {Batch}))
            """, null, cancellationToken);
    }

    private async Task RepeatAsync(string sql, DateTimeOffset? before, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var command = database.CreateCommand(sql);
            if (before is { } at)
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at });
            if (await command.ExecuteNonQueryAsync(cancellationToken) < Batch)
                return;
        }
    }
}
