namespace Talent.Workflows.Runtime.Instances;

/// <summary>Wakes the workers of this node after a commit. Losing one costs a second at most: polling is the truth.</summary>
public sealed class Wakeups
{
    /// <summary>Messages wait in the outbox.</summary>
    public Wakeup Outbox { get; } = new();

    /// <summary>A timer was set that may be the next one due.</summary>
    public Wakeup Timers { get; } = new();

    /// <summary>The tail has grown.</summary>
    public Wakeup Tail { get; } = new();

    /// <summary>This node has committed something that others should know of.</summary>
    internal Wakeup Others { get; } = new();

    /// <summary>Until when (UTC ticks, business clock) the timer worker sleeps; an earlier timer wakes it.</summary>
    internal long TimersSleepUntil = long.MaxValue;

    internal void Committed(bool leavesMessages, DateTimeOffset? nextDueAt)
    {
        if (leavesMessages)
            Outbox.Set();
        if (nextDueAt is { } due && due.UtcTicks < Volatile.Read(ref TimersSleepUntil))
            Timers.Set();
        Others.Set();
    }
}

/// <summary>A flag that one worker waits for.</summary>
public sealed class Wakeup
{
    private TaskCompletionSource flag = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => Volatile.Read(ref flag).TrySetResult();

    /// <summary>Returns true when set since the last time, false after the time given.</summary>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await Volatile.Read(ref flag).Task.WaitAsync(atMost, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }
        // What is set until here is seen by the worker, which looks for work now.
        Interlocked.Exchange(ref flag, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return true;
    }
}
