using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Timers;

/// <summary>
/// Advances the business clock, for development and demonstrations only; the host keeps it out of reach elsewhere. Time
/// runs due instant by due instant: all that is due at one is handled, with the messages it causes, before the next.
/// </summary>
public sealed class ClockControl : IDisposable
{
    private readonly NpgsqlDataSource database;
    private readonly BusinessClock clock;
    private readonly TimerStore store;
    private readonly TimerService timers;
    private readonly OutboxWorker outbox;
    private readonly SemaphoreSlim one = new(1);

    internal ClockControl(NpgsqlDataSource database, BusinessClock clock, TimerStore store, TimerService timers, OutboxWorker outbox)
    {
        this.database = database;
        this.clock = clock;
        this.store = store;
        this.timers = timers;
        this.outbox = outbox;
    }

    /// <summary>Advances to an instant and returns when everything due until then is handled.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: the instant is past.</exception>
    public async Task AdvanceToAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            if (instant < clock.Now)
                throw new WorkflowException(ErrorCodes.InvalidRequest, $"The clock stands at {clock.Now:O} and can't go back to {instant:O}. Choose a later instant.", "时钟不能倒拨。");
            await outbox.DrainAsync(cancellationToken);
            while (await store.NextUnhandledAsync(cancellationToken) is { } due && due <= instant)
            {
                await SetAsync(due, cancellationToken);
                // Nothing to do here means that another worker has claimed it.
                if (await timers.RunDueAsync(cancellationToken) == 0)
                    await Task.Delay(5, cancellationToken);
                await outbox.DrainAsync(cancellationToken);
            }
            await SetAsync(instant, cancellationToken);
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    /// <summary>Sets the offset so that the clock stands at the instant now; never back.</summary>
    private async Task SetAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        if (instant <= clock.Now)
            return;
        // The clock shows whole milliseconds, rounded down; what is due between two is due at the later one.
        var rest = instant.Ticks % TimeSpan.TicksPerMillisecond;
        var offset = (rest == 0 ? instant : instant.AddTicks(TimeSpan.TicksPerMillisecond - rest)) - clock.Machine.GetUtcNow();
        await using var command = database.CreateCommand("update engine.settings set clock_offset_us = greatest(clock_offset_us, $1) returning clock_offset_us");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = (offset.Ticks + 9) / 10 });
        clock.Follow(TimeSpan.FromMicroseconds((long)(await command.ExecuteScalarAsync(cancellationToken))!));
    }
}
