namespace Talent.Workflows.Runtime.Instances;

/// <summary>What has ended and what runs, in one order of the last execution.</summary>
internal static class ByLastExecution
{
    /// <summary>Keys in ascending order, from the one that has <paramref name="skip"/> before it.</summary>
    /// <param name="ended">Null: only what runs.</param>
    public static async Task<List<InstanceKey>> ReadAsync(CountedList? ended, long endedCount, RunningByLastExecution running, long skip, int take, CancellationToken cancellationToken)
    {
        take = (int)Math.Min(take, endedCount + running.Count - skip);
        if (take <= 0)
            return [];
        // The last known place that certainly isn't behind the page; what lies between is read.
        var marks = ended?.Marks ?? [];
        var places = InstanceKey.Merge([.. marks.Select(m => m.Key)], [.. running.Blocks.Select(b => b.Key)]);
        var (low, high) = (0, places.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var next = marks.Count == 0 ? 0 : RunningByLastExecution.UpTo(marks.Count, i => marks[i].Key, places[middle]);
            var endedAtMost = next > 0 && marks[next - 1].Key == places[middle] ? marks[next - 1].Counted : next < marks.Count ? marks[next].Counted : endedCount;
            (low, high) = endedAtMost + running.AtMost(places[middle]) <= skip ? (middle + 1, high) : (low, middle);
        }
        InstanceKey? start = low == 0 ? null : places[low - 1];
        var endedBefore = ended is null || start is null ? 0 : await ended.RankAsync(start, cancellationToken);
        var (runningBefore, _) = await running.ReadAsync(start, 0, cancellationToken);
        var offset = (int)(skip - endedBefore - runningBefore);
        var (_, fromRunning) = await running.ReadAsync(start, offset + take, cancellationToken);
        var fromEnded = ended is null ? [] : await ended.ReadAsync(endedBefore, offset + take, null, endedCount, cancellationToken);
        return [.. InstanceKey.Merge(fromEnded, fromRunning).Skip(offset).Take(take)];
    }
}
