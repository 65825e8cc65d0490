using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.ElsaApi.Instances;

/// <summary>
/// Journals that somebody looks at, page after page. Steps never change once they are written, so only new ones are read.
/// Short journals aren't worth keeping; the least recently read one goes first.
/// </summary>
internal sealed class JournalCache(WorkflowRuntime runtime)
{
    private const int StepsAtOnce = 5000;
    private const int WorthKeeping = 50;
    private const int MostEntries = 200_000;

    private readonly Dictionary<Guid, LinkedListNode<Kept>> kept = [];
    private readonly LinkedList<Kept> lastUsedFirst = new();
    private readonly Lock gate = new();
    private int entries;

    /// <summary>All steps of an instance, oldest first. Shared: never change it.</summary>
    public async Task<IReadOnlyList<JournalStep>> ReadAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        var known = Find(instanceId);
        // The last one again: what wrote it tells whether this is the journal that was kept, or that of an instance which was
        // removed, on whatever node, and imported anew.
        var more = known is null ? [] : await runtime.ReadJournalAsync(instanceId, known.Last.Sequence - 1, StepsAtOnce, cancellationToken);
        if (known is not null && more is [var again, ..] && again.Sequence == known.Last.Sequence && again.Transaction == known.Last.Transaction)
        {
            if (more.Count == 1)
                return known.Steps;
            more = [.. known.Steps, .. more.Skip(1)];
        }
        else
            more = await runtime.ReadJournalAsync(instanceId, 0, StepsAtOnce, cancellationToken);
        var steps = more.ToList();
        for (var page = steps.Count; page >= StepsAtOnce; page = more.Count)
            steps.AddRange(more = await runtime.ReadJournalAsync(instanceId, steps[^1].Sequence, StepsAtOnce, cancellationToken));
        if (steps.Count >= WorthKeeping)
            Keep(new Kept(instanceId, steps, steps.Sum(s => s.Entries.Count)));
        else if (known is not null)
            Remove(instanceId);
        return steps;
    }

    private Kept? Find(Guid instanceId)
    {
        lock (gate)
        {
            if (!kept.TryGetValue(instanceId, out var node))
                return null;
            lastUsedFirst.Remove(node);
            lastUsedFirst.AddFirst(node);
            return node.Value;
        }
    }

    private void Keep(Kept journal)
    {
        lock (gate)
        {
            if (kept.TryGetValue(journal.Id, out var old))
                Forget(old);
            if (journal.Entries > MostEntries)
                return;
            kept.Add(journal.Id, lastUsedFirst.AddFirst(journal));
            entries += journal.Entries;
            while (entries > MostEntries)
                Forget(lastUsedFirst.Last!);
        }
    }

    private void Remove(Guid instanceId)
    {
        lock (gate)
            if (kept.TryGetValue(instanceId, out var node))
                Forget(node);
    }

    private void Forget(LinkedListNode<Kept> node)
    {
        kept.Remove(node.Value.Id);
        lastUsedFirst.Remove(node);
        entries -= node.Value.Entries;
    }

    private sealed record Kept(Guid Id, IReadOnlyList<JournalStep> Steps, int Entries)
    {
        public JournalStep Last => Steps[^1];
    }
}
