using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>At the start and then every hour, erases keys of panels in this node's folder that are known as destroyed: a folder or its backup has come back (ADR 20).</summary>
internal sealed partial class PanelKeySweeper(PanelKeys keys, TimeProvider time, DatabaseOutage outage, ILogger<PanelKeySweeper> logger) : RepeatingService(time, outage)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>A key that can't be erased now is there in a minute.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAtOnceAsync(SweepAsync, Interval, AfterFailure, stoppingToken);

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        if (await keys.SweepAsync(stoppingToken) is > 0 and var erased)
            LogErased(erased);
    }

    [LoggerMessage(EventId = 4309, Level = LogLevel.Warning, Message = "{Keys} keys of panels that were destroyed before were in this node's folder again and are erased")]
    private partial void LogErased(int keys);

    [LoggerMessage(EventId = 4310, Level = LogLevel.Error, Message = "The folder of panel keys couldn't be swept; the next try follows in a minute")]
    protected override partial void LogRoundFailed(Exception cause);
}
