using System.Globalization;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>
/// At most so many within any time of that length, for each of the parts. Counted in <c>approvals.code_limits</c>, one row a key
/// with the instants of the last ones: whoever takes a place locks the row, so the count is right whoever else asks at that instant.
/// </summary>
/// <param name="Name">What is limited, as refusals name it.</param>
internal sealed record CodeLimit(string Name, params (int Most, TimeSpan Within)[] Parts)
{
    private int Kept => Parts.Max(p => p.Most);

    /// <summary>The query of a CTE that takes a place, and returns a row if there was one.</summary>
    /// <param name="key">The parameter with the key (bytea), such as <c>$3</c>.</param>
    /// <param name="now">The parameter with the instant, machine clock.</param>
    /// <param name="from">What has to have a row: a FROM list, with its condition.</param>
    public string TakeSql(string key, string now, string from)
    {
        // The n-th newest instant has to have left its window; where there is no n-th, there is room.
        var room = string.Join(" and ", Parts.Select(p => string.Create(CultureInfo.InvariantCulture,
            $"coalesce(l.recent[cardinality(l.recent) + 1 - {p.Most}] <= {now} - interval '{(long)p.Within.TotalSeconds} seconds', true)")));
        var until = string.Create(CultureInfo.InvariantCulture, $"{now} + interval '{(long)Parts.Max(p => p.Within).TotalSeconds} seconds'");
        return string.Create(CultureInfo.InvariantCulture, $"""
            insert into approvals.code_limits as l (key, recent, until) select {key}, array[{now}], {until} from {from}
            on conflict (key) do update set recent = (l.recent || {now})[greatest(1, cardinality(l.recent) + 2 - {Kept}):], until = excluded.until
            where {room} returning 1
            """);
    }

    /// <summary>How long until there is a place again.</summary>
    /// <param name="recent">When the last ones were, oldest first.</param>
    public TimeSpan Wait(IReadOnlyList<DateTimeOffset> recent, DateTimeOffset now)
    {
        var wait = TimeSpan.Zero;
        foreach (var (most, within) in Parts)
            if (recent.Count >= most && recent[^most] + within - now is var left && left > wait)
                wait = left;
        return wait;
    }
}
