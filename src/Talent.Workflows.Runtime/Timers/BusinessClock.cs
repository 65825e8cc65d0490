namespace Talent.Workflows.Runtime.Timers;

/// <summary>
/// The clock of deadlines, notices and calendars: the machine clock plus an offset that all nodes share. It is handed to
/// the engine and to SQL as a parameter. Leases, retries and sessions use the machine clock, which is never advanced.
/// </summary>
public sealed class BusinessClock(TimeProvider machine)
{
    private long offsetTicks;

    /// <summary>The clock of this machine, never advanced.</summary>
    public TimeProvider Machine => machine;

    /// <summary>UTC, whole milliseconds: PostgreSQL keeps microseconds, and nothing may be lost on the way.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var ticks = machine.GetUtcNow().UtcTicks + Interlocked.Read(ref offsetTicks);
            return new DateTimeOffset(ticks - ticks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
        }
    }

    /// <summary>How far it is ahead of the machine clock.</summary>
    public TimeSpan Offset => new(Interlocked.Read(ref offsetTicks));

    internal void Follow(TimeSpan offset) => Interlocked.Exchange(ref offsetTicks, offset.Ticks);
}
