using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Timers;

/// <summary>
/// Fires what is due. It sleeps until the next due instant exactly, and at most a second, so that whatever woke nobody is
/// found all the same; the clustered sweep calls it too. A failing instance backs off and is set aside after some attempts.
/// </summary>
public sealed partial class TimerService : RepeatingService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Due instants of one instance handled in one go; one that always has something due doesn't keep a place for ever.</summary>
    private const int InstantsInOneGo = 1000;

    /// <summary>A run ends after so many batches or so long, so that whoever waits for it gets on; the rest is the next run's.</summary>
    private const int RoundsInOneRun = 100;
    private static readonly TimeSpan OneRun = TimeSpan.FromSeconds(10);

    private readonly TimerStore store;
    private readonly TimedStarts starts;
    private readonly WorkflowRuntime runtime;
    private readonly BusinessClock clock;
    private readonly Wakeups wakeups;
    private readonly DatabaseOutage outage;
    private readonly RuntimeOptions options;
    private readonly ILogger<TimerService> logger;

    internal TimerService(TimerStore store, TimedStarts starts, WorkflowRuntime runtime, BusinessClock clock, Wakeups wakeups, DatabaseOutage outage, IOptions<RuntimeOptions> options, ILogger<TimerService> logger) : base(clock.Machine, outage)
    {
        this.store = store;
        this.starts = starts;
        this.runtime = runtime;
        this.clock = clock;
        this.wakeups = wakeups;
        this.outage = outage;
        this.options = options.Value;
        this.logger = logger;
    }

    /// <summary>
    /// Fires what is due now and what nobody else has claimed; what falls due meanwhile, and what a run has no time for,
    /// is the next run's.
    /// </summary>
    /// <returns>How many instances were moved or are to be started.</returns>
    public async Task<int> RunDueAsync(CancellationToken cancellationToken)
    {
        var until = clock.Now;
        var moved = await starts.RunDueAsync(until, clock.Machine.GetUtcNow(), cancellationToken);
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < RoundsInOneRun && Stopwatch.GetElapsedTime(began) < OneRun; round++)
        {
            var machineNow = clock.Machine.GetUtcNow();
            var due = await store.ClaimAsync(until, machineNow, machineNow.AddSeconds(options.LeaseSeconds), options.TimerBatch, cancellationToken);
            if (due.Count == 0)
                break;
            await runtime.WarmAsync(due.ConvertAll(d => d.InstanceId), cancellationToken);
            // What is claimed is finished, also when the node is being stopped.
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = options.TimerConcurrency, CancellationToken = CancellationToken.None },
                async (timer, _) =>
                {
                    if (await FireAsync(timer, until))
                        Interlocked.Increment(ref moved);
                });
            cancellationToken.ThrowIfCancellationRequested();
        }
        return moved;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAtOnceAsync(RoundAsync, TimeSpan.Zero, Poll, stoppingToken);

    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        // Woken by any timer until it is known what to sleep for.
        Volatile.Write(ref wakeups.TimersSleepUntil, long.MaxValue);
        await RunDueAsync(stoppingToken);
        var next = await store.NextDueAsync(clock.Machine.GetUtcNow(), stoppingToken);
        var now = clock.Now;
        var sleep = next is null || next - now > Poll ? Poll : next.Value - now;
        if (sleep > TimeSpan.Zero)
        {
            Volatile.Write(ref wakeups.TimersSleepUntil, (now + sleep).UtcTicks);
            // Delays end up to a millisecond early or late; early would mean a round for nothing.
            await wakeups.Timers.WaitAsync(sleep + TimeSpan.FromMilliseconds(1), stoppingToken);
        }
    }

    private async Task<bool> FireAsync(DueTimer timer, DateTimeOffset until)
    {
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = timer.InstanceId, Stimulus = new Stimulus.TimersDue(), Actor = Actor.System }, CancellationToken.None);
            if (answer.GateFailed is { } gate)
                throw new InvalidOperationException($"The gate {gate} is closed to timers.");
            if (answer.Outcome != StepOutcome.Applied)
            {
                // Moved in the meantime, which has set its row, or the row is wrong: put it right unless it was set anew.
                await store.CorrectAsync(timer, answer.State?.NextDueAt(), CancellationToken.None);
                return false;
            }
            for (var more = 1; more < InstantsInOneGo && answer.State?.NextDueAt() <= until; more++)
                answer = await runtime.ApplyAsync(new StepRequest { InstanceId = timer.InstanceId, Stimulus = new Stimulus.TimersDue(), Actor = Actor.System }, CancellationToken.None);
            return true;
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.NotFound)
        {
            await store.CorrectAsync(timer, null, CancellationToken.None);
            return false;
        }
        catch (Exception e)
        {
            await NoteFailureAsync(timer, e);
            return false;
        }
    }

    private async Task NoteFailureAsync(DueTimer timer, Exception failure)
    {
        var attempts = timer.Attempts + (IsOfTheInstance(failure) ? 1 : 0);
        var setAside = attempts > timer.Attempts && attempts >= options.TimerAttempts;
        if (!outage.Note(failure))
            LogFailed(failure, timer.InstanceId, attempts, setAside);
        try
        {
            var wait = TimeSpan.FromSeconds(Math.Min(300, Math.Pow(2, attempts)));
            await store.FailedAsync(timer, clock.Machine.GetUtcNow() + wait, attempts, setAside, $"{failure.GetType().Name}: {failure.Message}", CancellationToken.None);
        }
        catch (Exception e)
        {
            // Its lease ends by itself.
            NoteFailure(e);
        }
    }

    /// <summary>False for being overtaken or cut off, and for a database that is full, read-only, overloaded or going down: that says nothing about the instance.</summary>
    private static bool IsOfTheInstance(Exception failure) => failure switch
    {
        WorkflowException { Code: ErrorCodes.Busy or ErrorCodes.Unavailable } => false,
        // 25006: read-only. The classes: connection, resources, operator intervention with timeouts, system, rolled back to be tried again.
        PostgresException { SqlState: "25006" } => false,
        PostgresException { SqlState: ['0', '8', ..] or ['5', '3' or '7' or '8', ..] or ['4', '0', ..] } => false,
        NpgsqlException and not PostgresException => false,
        _ => failure.InnerException is null || IsOfTheInstance(failure.InnerException),
    };

    [LoggerMessage(EventId = 2201, Level = LogLevel.Error, Message = "Firing the timers of instance {InstanceId} failed (attempt {Attempts}, set aside: {SetAside})")]
    private partial void LogFailed(Exception exception, Guid instanceId, int attempts, bool setAside);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Error, Message = "A round of the timers failed; the next one follows in a second")]
    protected override partial void LogRoundFailed(Exception cause);
}
