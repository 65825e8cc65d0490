using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>At the start and then every hour, removes turns of submissions that nothing can meet any more. Every node does.</summary>
internal sealed partial class FilingTurnSweeper(FilingTurns turns, TimeProvider time, DatabaseOutage outage, ILogger<FilingTurnSweeper> logger) : RepeatingService(time, outage)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAtOnceAsync(turns.PurgeAsync, Interval, Interval, stoppingToken);

    [LoggerMessage(EventId = 4318, Level = LogLevel.Error, Message = "Turns of submissions couldn't be removed; the next round follows in an hour")]
    protected override partial void LogRoundFailed(Exception cause);
}
