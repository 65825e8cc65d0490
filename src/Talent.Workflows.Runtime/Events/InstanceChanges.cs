using System.Collections.Concurrent;

namespace Talent.Workflows.Runtime.Events;

/// <summary>Lets callers wait until an instance has changed, on whichever node (<c>?wait=30s</c>).</summary>
public sealed class InstanceChanges
{
    private readonly ConcurrentDictionary<Guid, Waiters> waiting = new();

    /// <summary>True while somebody waits, so that the tail is worth reading.</summary>
    internal bool HasWaiters => !waiting.IsEmpty;

    /// <summary>Begins to watch an instance. Read it after this and before waiting: what changes in between is not missed.</summary>
    public Watch Begin(Guid instanceId)
    {
        while (true)
        {
            var waiters = waiting.GetOrAdd(instanceId, static _ => new Waiters());
            lock (waiters)
            {
                if (waiters.Removed)
                    continue;
                waiters.Count++;
                return new Watch(this, instanceId, waiters);
            }
        }
    }

    internal void Announce(Guid instanceId, long version)
    {
        if (!waiting.IsEmpty && waiting.TryGetValue(instanceId, out var waiters))
            waiters.Announce(version);
    }

    /// <summary>One caller's watch of one instance.</summary>
    public sealed class Watch : IDisposable
    {
        private readonly InstanceChanges owner;
        private readonly Guid instanceId;
        private readonly Waiters waiters;

        internal Watch(InstanceChanges owner, Guid instanceId, Waiters waiters) =>
            (this.owner, this.instanceId, this.waiters) = (owner, instanceId, waiters);

        /// <summary>Returns true when the instance has a version above the given one, false when the time is over.</summary>
        public async Task<bool> WaitAsync(long aboveVersion, TimeSpan atMost, CancellationToken cancellationToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(atMost);
            try
            {
                while (true)
                {
                    var next = waiters.Next;
                    if (waiters.Version > aboveVersion)
                        return true;
                    await next.WaitAsync(limit.Token);
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose()
        {
            lock (waiters)
                if (--waiters.Count == 0)
                {
                    waiters.Removed = true;
                    owner.waiting.TryRemove(instanceId, out _);
                }
        }
    }

    internal sealed class Waiters
    {
        private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long version;

        public int Count;
        public bool Removed;

        public long Version => Interlocked.Read(ref version);
        public Task Next => Volatile.Read(ref next).Task;

        public void Announce(long seen)
        {
            lock (this)
            {
                if (seen <= version)
                    return;
                Interlocked.Exchange(ref version, seen);
                Interlocked.Exchange(ref next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }
        }
    }
}
