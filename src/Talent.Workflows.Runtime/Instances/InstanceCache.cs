using Microsoft.Extensions.Options;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>
/// The instances that this node wrote or read last, and the bookmarks by which they are found. Only a step may begin from
/// it, because the step checks the version; it never answers a GET and never decides a permission.
/// </summary>
internal sealed class InstanceCache(IOptions<RuntimeOptions> options)
{
    private readonly int maxCount = options.Value.CachedInstances;
    private readonly long maxBytes = options.Value.CachedBytes;
    private readonly Dictionary<Guid, LinkedListNode<InstanceRecord>> byId = [];
    private readonly Dictionary<Guid, Guid> byBookmark = [];
    private readonly LinkedList<InstanceRecord> lastUsedFirst = new();
    private readonly Lock gate = new();
    private long bytes;

    public int Count { get { lock (gate) return byId.Count; } }

    public InstanceRecord? Find(Guid id)
    {
        lock (gate)
        {
            if (!byId.TryGetValue(id, out var node))
                return null;
            lastUsedFirst.Remove(node);
            lastUsedFirst.AddFirst(node);
            return node.Value;
        }
    }

    public Guid? FindByBookmark(Guid bookmarkId)
    {
        lock (gate)
            return byBookmark.TryGetValue(bookmarkId, out var id) ? id : null;
    }

    /// <summary>Keeps an instance unless a newer version is kept already.</summary>
    public void Put(InstanceRecord record)
    {
        lock (gate)
        {
            if (byId.TryGetValue(record.Id, out var known))
            {
                if (known.Value.Version > record.Version)
                    return;
                Forget(known);
            }
            if (record.State.Status == WorkflowStatus.Finished || record.Size > maxBytes || maxCount == 0)
                return;
            byId.Add(record.Id, lastUsedFirst.AddFirst(record));
            bytes += record.Size;
            foreach (var bookmark in record.State.Bookmarks)
                byBookmark[bookmark.Id] = record.Id;
            while (byId.Count > maxCount || bytes > maxBytes)
                Forget(lastUsedFirst.Last!);
        }
    }

    public void Remove(Guid id)
    {
        lock (gate)
            if (byId.TryGetValue(id, out var node))
                Forget(node);
    }

    /// <summary>Forgets an instance of which another node wrote a newer version.</summary>
    public void RemoveOlder(Guid id, long version)
    {
        lock (gate)
            if (byId.TryGetValue(id, out var node) && node.Value.Version < version)
                Forget(node);
    }

    private void Forget(LinkedListNode<InstanceRecord> node)
    {
        lastUsedFirst.Remove(node);
        byId.Remove(node.Value.Id);
        bytes -= node.Value.Size;
        foreach (var bookmark in node.Value.State.Bookmarks)
            byBookmark.Remove(bookmark.Id);
    }
}
