using Npgsql;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime;

/// <summary>Whether this node can be given work, and why not.</summary>
public sealed record RuntimeReadiness(bool IsReady, IReadOnlyList<string> Reasons, TimeSpan TimerLag, long TimersSetAside, long DeadLetters);

/// <summary>Readiness: timers lag at most a minute, the sweep is alive, the database answers.</summary>
public sealed class RuntimeHealth
{
    private static readonly TimeSpan MaxLag = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxSweepAge = TimeSpan.FromSeconds(100);

    private readonly NpgsqlDataSource database;
    private readonly BusinessClock clock;
    private readonly bool sweeps;
    private readonly DateTimeOffset startedAt;

    internal RuntimeHealth(NpgsqlDataSource database, BusinessClock clock, bool sweeps)
    {
        this.database = database;
        this.clock = clock;
        this.sweeps = sweeps;
        startedAt = clock.Machine.GetUtcNow();
    }

    public async Task<RuntimeReadiness> CheckAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            await using var command = database.CreateCommand("""
                select (select due_at from engine.timers where not set_aside and hold_until < $1 and due_at <= $2 order by due_at limit 1),
                    (select max(swept_at) from engine.nodes),
                    (select count(*) from (select from engine.timers where set_aside limit 1000) t),
                    (select count(*) from (select from engine.outbox_failed where dead limit 1000) o)
                """);
            var machineNow = clock.Machine.GetUtcNow();
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = machineNow });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Now });
            await using var reader = await command.ExecuteReaderAsync(limit.Token);
            await reader.ReadAsync(limit.Token);
            var lag = reader.IsDBNull(0) ? TimeSpan.Zero : clock.Now - reader.GetFieldValue<DateTimeOffset>(0);
            var sweptAt = reader.IsDBNull(1) ? startedAt : reader.GetFieldValue<DateTimeOffset>(1);
            var reasons = new List<string>();
            if (lag > MaxLag)
                reasons.Add($"Timers lag {lag.TotalSeconds:0} s.");
            // A node that has just come up is given the time to sweep.
            if (sweeps && machineNow - (sweptAt > startedAt ? sweptAt : startedAt) > MaxSweepAge)
                reasons.Add($"No node has swept the timers since {sweptAt:O}.");
            return new RuntimeReadiness(reasons.Count == 0, reasons, lag, reader.GetInt64(2), reader.GetInt64(3));
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            return new RuntimeReadiness(false, ["The database doesn't answer."], TimeSpan.Zero, 0, 0);
        }
    }
}
