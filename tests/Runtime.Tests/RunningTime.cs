namespace Talent.Workflows.Runtime.Tests;

/// <summary>A machine clock that runs on by a millisecond whenever it is read.</summary>
internal sealed class RunningTime(DateTimeOffset start) : TimeProvider
{
    private long ticks = start.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Add(ref ticks, TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
