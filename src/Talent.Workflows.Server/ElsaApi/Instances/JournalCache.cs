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
        List<JournalStep>? steps = known is null ? [] : null;
        while (true)
        {
            var last = steps is { Count: > 0 } ? steps[^1].Sequence : known is { Steps.Count: > 0 } ? known.Steps[^1].Sequence : 0;
            var more = await runtime.ReadJournalAsync(instanceId, last, StepsAtOnce, cancellationToken);
            if (more.Count > 0)
                (steps ??= [.. known!.Steps]).AddRange(more);
            if (more.Count < StepsAtOnce)
                break;
        }
        if (steps is null)
            return known!.Steps;
        if (steps.Count >= WorthKeeping)
            Keep(new Kept(instanceId, steps, steps.Sum(s => s.Entries.Count)));
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

    private void Forget(LinkedListNode<Kept> node)
    {
        kept.Remove(node.Value.Id);
        lastUsedFirst.Remove(node);
        entries -= node.Value.Entries;
    }

    private sealed record Kept(Guid Id, IReadOnlyList<JournalStep> Steps, int Entries);
}
