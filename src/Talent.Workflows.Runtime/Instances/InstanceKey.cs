namespace Talent.Workflows.Runtime.Instances;

/// <summary>A place in a list that is ordered by an instant and then by the id, or by the id alone (no instant).</summary>
internal readonly record struct InstanceKey(DateTimeOffset? At, Guid Id) : IComparable<InstanceKey>
{
    // As PostgreSQL compares: instants first, then ids byte by byte.
    public int CompareTo(InstanceKey other) => At is { } at && other.At is { } others && at != others ? at.CompareTo(others) : Id.CompareTo(other.Id);

    public static bool operator <(InstanceKey one, InstanceKey other) => one.CompareTo(other) < 0;
    public static bool operator >(InstanceKey one, InstanceKey other) => one.CompareTo(other) > 0;
    public static bool operator <=(InstanceKey one, InstanceKey other) => one.CompareTo(other) <= 0;
    public static bool operator >=(InstanceKey one, InstanceKey other) => one.CompareTo(other) >= 0;

    /// <summary>Two ascending lists as one. Sorting what is sorted already costs ten times that on a long one.</summary>
    public static List<InstanceKey> Merge(IReadOnlyList<InstanceKey> one, IReadOnlyList<InstanceKey> other)
    {
        var merged = new List<InstanceKey>(one.Count + other.Count);
        var (i, j) = (0, 0);
        while (i < one.Count || j < other.Count)
            merged.Add(j == other.Count || i < one.Count && one[i] <= other[j] ? one[i++] : other[j++]);
        return merged;
    }
}
