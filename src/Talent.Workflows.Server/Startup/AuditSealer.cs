using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>Seals the audit into a signed checkpoint every minute. Every node tries; the database lets one at a time.</summary>
internal sealed partial class AuditSealer(AuditSealing sealing, TimeProvider time, DatabaseOutage outage, ILogger<AuditSealer> logger) : RepeatingService(time, outage)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAsync(Interval, sealing.SealAsync, stoppingToken);

    [LoggerMessage(EventId = 4303, Level = LogLevel.Error, Message = "The audit couldn't be sealed; trying again in a minute")]
    protected override partial void LogRoundFailed(Exception cause);
}
