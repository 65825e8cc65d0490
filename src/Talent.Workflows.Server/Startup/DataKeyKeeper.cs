using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Server.Startup;

/// <summary>Every minute, seals what an earlier release wrote in clear, and seals with the data key in use what stands under earlier ones. Every node does; the database sees to it that none does another's rows.</summary>
internal sealed partial class DataKeyKeeper(Conversion conversion, Reencryption reencryption, TimeProvider time, DatabaseOutage outage, ILogger<DataKeyKeeper> logger) : RepeatingService(time, outage)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAsync(Interval, RoundAsync, stoppingToken);

    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        if (await conversion.RunAsync(stoppingToken) is > 0 and var converted)
            LogConverted(converted, await conversion.LeftAsync(stoppingToken));
        var round = await reencryption.RunAsync(stoppingToken);
        if (round.Changed > 0)
            LogSealed(round.Changed);
        if (round.Unreadable.Count > 0)
            LogUnreadable(round.Unreadable.Count, round.Unreadable[0].ToString());
    }

    [LoggerMessage(EventId = 4313, Level = LogLevel.Information, Message = "{Rows} rows with personal data are sealed with the data key in use now")]
    private partial void LogSealed(long rows);

    [LoggerMessage(EventId = 4316, Level = LogLevel.Information, Message = "{Rows} rows with personal data that an earlier release wrote in clear are sealed; {Left} are left")]
    private partial void LogConverted(long rows, long left);

    [LoggerMessage(EventId = 4314, Level = LogLevel.Error, Message = "{Rows} rows with personal data can't be opened, the first is {Place}: they were changed outside the product. Restore them from a backup")]
    private partial void LogUnreadable(int rows, string place);

    [LoggerMessage(EventId = 4315, Level = LogLevel.Error, Message = "Personal data couldn't be sealed again; trying again in a minute")]
    protected override partial void LogRoundFailed(Exception cause);
}
