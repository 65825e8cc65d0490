using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Scanning;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// Every second, has new materials scanned; every hour, clears away what nobody has any more. Every node does both: a content is
/// claimed by one of them, and what is cleared twice is cleared once.
/// </summary>
internal sealed partial class MaterialKeeper(MaterialScanning scanning, MaterialCleanup cleanup, TimeProvider time, DatabaseOutage outage, ILogger<MaterialKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleanupInterval = TimeSpan.FromHours(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RepeatAsync(Interval, scanning.RunAsync, stoppingToken), RepeatAsync(CleanupInterval, CleanAsync, stoppingToken));

    private Task CleanAsync(CancellationToken stoppingToken) => cleanup.RunAsync((int)(time.GetUtcNow().ToUnixTimeSeconds() / 3600 % 16), stoppingToken);

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await Next(timer, stoppingToken))
        {
            try
            {
                await work(stoppingToken);
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

    [LoggerMessage(EventId = 4312, Level = LogLevel.Error, Message = "Materials couldn't be scanned or cleared away; the next round follows")]
    private partial void LogFailed(Exception cause);
}
