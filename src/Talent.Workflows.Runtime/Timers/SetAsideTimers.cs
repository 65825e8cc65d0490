using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Timers;

/// <summary>An instance whose timers failed so often that they fire no more until somebody releases them.</summary>
/// <param name="DueAt">When its earliest timer was due, business clock.</param>
public sealed record SetAsideTimer(Guid InstanceId, DateTimeOffset DueAt, int Attempts, string LastError);

/// <summary>Timers that were set aside, for operators.</summary>
public sealed class SetAsideTimers
{
    private readonly TimerStore store;
    private readonly Wakeups wakeups;

    internal SetAsideTimers(TimerStore store, Wakeups wakeups)
    {
        this.store = store;
        this.wakeups = wakeups;
    }

    /// <summary>What is set aside, by instance id, from the one after <paramref name="afterInstanceId"/> on.</summary>
    /// <param name="limit">1 to 500.</param>
    public async Task<IReadOnlyList<SetAsideTimer>> ListAsync(Guid afterInstanceId, int limit, CancellationToken cancellationToken) =>
        await store.ListSetAsideAsync(afterInstanceId, Math.Clamp(limit, 1, 500), cancellationToken);

    /// <summary>Lets the timers of an instance fire again, with all their attempts anew. False when they aren't set aside.</summary>
    public async Task<bool> ReleaseAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        var released = await store.ReleaseAsync(instanceId, cancellationToken);
        if (released)
            wakeups.Timers.Set();
        return released;
    }
}
