using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// Every second, handles what has fallen due of cases as a whole; at the start and then every hour, computes deadlines again
/// that were computed by an earlier calendar. Every node does both; the database sees to it that each thing happens once.
/// </summary>
internal sealed partial class ClockKeeper(ClockWatch watch, CalendarRevision calendars, TimeProvider time, DatabaseOutage outage, ILogger<ClockKeeper> logger) : RepeatingService(time, outage)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CalendarInterval = TimeSpan.FromHours(1);

    private DateTimeOffset revisedAt = DateTimeOffset.MinValue;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAsync(Interval, RoundAsync, stoppingToken);

    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        await watch.RunDueAsync(stoppingToken);
        if (Time.GetUtcNow() - revisedAt < CalendarInterval)
            return;
        await calendars.RunAsync(stoppingToken);
        revisedAt = Time.GetUtcNow();
    }

    [LoggerMessage(EventId = 4308, Level = LogLevel.Error, Message = "A round of the cases' clocks failed; the next one follows in a second")]
    protected override partial void LogRoundFailed(Exception cause);
}
