using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Scanning;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// Every second, has new materials scanned; every hour, clears away what nobody has any more. Every node does both: a content is
/// claimed by one of them, and what is cleared twice is cleared once.
/// </summary>
internal sealed partial class MaterialKeeper(MaterialScanning scanning, MaterialCleanup cleanup, TimeProvider time, DatabaseOutage outage, ILogger<MaterialKeeper> logger) : RepeatingService(time, outage)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleanupInterval = TimeSpan.FromHours(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RepeatAsync(Interval, scanning.RunAsync, stoppingToken), RepeatAsync(CleanupInterval, CleanAsync, stoppingToken));

    private Task CleanAsync(CancellationToken stoppingToken) => cleanup.RunAsync((int)(Time.GetUtcNow().ToUnixTimeSeconds() / 3600 % 16), stoppingToken);

    [LoggerMessage(EventId = 4312, Level = LogLevel.Error, Message = "Materials couldn't be scanned or cleared away; the next round follows")]
    protected override partial void LogRoundFailed(Exception cause);
}
