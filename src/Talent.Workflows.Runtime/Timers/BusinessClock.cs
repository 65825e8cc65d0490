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

    /// <summary>Takes over an offset that was read from the shared one. That only grows: a smaller one was read before somebody advanced it.</summary>
    internal void Follow(TimeSpan offset)
    {
        for (var known = Interlocked.Read(ref offsetTicks); known < offset.Ticks;)
        {
            var found = Interlocked.CompareExchange(ref offsetTicks, offset.Ticks, known);
            if (found == known)
                return;
            known = found;
        }
    }
}
