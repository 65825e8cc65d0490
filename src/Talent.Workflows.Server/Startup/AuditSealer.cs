using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>Seals the audit into a signed checkpoint every minute. Every node tries; the database lets one at a time.</summary>
internal sealed partial class AuditSealer(AuditSealing sealing, TimeProvider time, DatabaseOutage outage, ILogger<AuditSealer> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await Next(timer, stoppingToken))
        {
            try
            {
                await sealing.SealAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cause)
            {
                // The next minute seals what this one couldn't.
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

    [LoggerMessage(EventId = 4303, Level = LogLevel.Error, Message = "The audit couldn't be sealed; trying again in a minute")]
    private partial void LogFailed(Exception cause);
}
