using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// Every second, handles what has fallen due of cases as a whole; at the start and then every hour, computes deadlines again
/// that were computed by an earlier calendar. Every node does both; the database sees to it that each thing happens once.
/// </summary>
internal sealed partial class ClockKeeper(ClockWatch watch, CalendarRevision calendars, TimeProvider time, DatabaseOutage outage, ILogger<ClockKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CalendarInterval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var revisedAt = DateTimeOffset.MinValue;
        using var timer = new PeriodicTimer(Interval, time);
        while (await Next(timer, stoppingToken))
        {
            try
            {
                await watch.RunDueAsync(stoppingToken);
                if (time.GetUtcNow() - revisedAt < CalendarInterval)
                    continue;
                await calendars.RunAsync(stoppingToken);
                revisedAt = time.GetUtcNow();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cause)
            {
                // Nothing is lost: what is due stays due.
                if (!outage.Note(cause))
                    LogFailed(cause);
            }
        }
    }

    private static async Task<bool> Next(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(EventId = 4308, Level = LogLevel.Error, Message = "A round of the cases' clocks failed; the next one follows in a second")]
    private partial void LogFailed(Exception cause);
}
