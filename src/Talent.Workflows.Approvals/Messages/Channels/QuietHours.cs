namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>Hours of the day, in Asia/Shanghai, in which no SMS is sent (R-NTF-4). Pure.</summary>
/// <param name="From">First quiet minute; default 22:00.</param>
/// <param name="Until">First minute in which sending is allowed again; default 08:00. Equal to <paramref name="From"/>: no quiet hours.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly Until)
{
    private static readonly TimeSpan Shanghai = TimeSpan.FromHours(8);

    public static readonly QuietHours Default = new(new TimeOnly(22, 0), new TimeOnly(8, 0));

    /// <summary>The instant itself when it isn't quiet, else the end of the quiet hours.</summary>
    public DateTimeOffset NextAllowed(DateTimeOffset instant)
    {
        DateTimeOffset local = instant.ToOffset(Shanghai);
        TimeOnly time = TimeOnly.FromTimeSpan(local.TimeOfDay);
        if (From == Until || !time.IsBetween(From, Until))
        {
            return instant;
        }

        DateTimeOffset end = new(local.Date + Until.ToTimeSpan(), Shanghai);
        return end > local ? end : end.AddDays(1);
    }
}
