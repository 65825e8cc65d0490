using Microsoft.Extensions.Hosting;

namespace Talent.Workflows.Runtime.Events;

/// <summary>
/// Work that a node does round after round until it stops. A round that fails leaves what it didn't do to the next: it is logged, unless the
/// database is lost, which <see cref="DatabaseOutage"/> says once for all.
/// </summary>
public abstract class RepeatingService(TimeProvider time, DatabaseOutage outage) : BackgroundService
{
    /// <summary>The machine's time, by which the pauses are.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>A round failed for another reason than a database that is lost.</summary>
    protected abstract void LogRoundFailed(Exception cause);

    /// <summary>A round after each interval, the first one too.</summary>
    protected async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> round, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryAsync(round, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    /// <summary>A round at once, and each of the others after a pause.</summary>
    /// <param name="pause">Zero: a round waits by itself for something to do.</param>
    protected async Task RepeatAtOnceAsync(Func<CancellationToken, Task> round, TimeSpan pause, TimeSpan afterFailure, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = await TryAsync(round, stoppingToken) ? pause : afterFailure;
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>False: it failed, or the node stops.</returns>
    private async Task<bool> TryAsync(Func<CancellationToken, Task> round, CancellationToken stoppingToken)
    {
        try
        {
            await round(stoppingToken);
            return true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception cause)
        {
            NoteFailure(cause);
            return false;
        }
    }

    /// <summary>What a round does with a failure that doesn't end it.</summary>
    protected void NoteFailure(Exception cause)
    {
        if (!outage.Note(cause))
            LogRoundFailed(cause);
    }
}
