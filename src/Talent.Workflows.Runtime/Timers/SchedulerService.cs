using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quartz;

namespace Talent.Workflows.Runtime.Timers;

/// <summary>
/// Starts and stops Quartz. It waits for running jobs when it stops, but not for ever: a job that hangs, or a database that
/// doesn't answer, would keep the node from ending. What a job leaves undone the next sweep finds.
/// </summary>
internal sealed partial class SchedulerService(QuartzHostedService quartz, IOptions<RuntimeOptions> options, ILogger<SchedulerService> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => quartz.StartAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Value.SchedulerStopSeconds));
        try
        {
            await quartz.StopAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            LogLeft();
        }
    }

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "Not every job of the scheduler ended in time; stopping without it")]
    private partial void LogLeft();
}
