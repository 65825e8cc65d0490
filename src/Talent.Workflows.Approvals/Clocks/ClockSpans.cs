using System.Collections.Immutable;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Times in which a limit stood still: what lies in two of them counts once.</summary>
public static class ClockSpans
{
    /// <summary>The time of all pauses together, in order, without overlaps; one that lasts is reckoned until now.</summary>
    public static ImmutableArray<(DateTimeOffset From, DateTimeOffset To)> Union(IEnumerable<ClockPause> pauses, DateTimeOffset now)
    {
        var spans = ImmutableArray.CreateBuilder<(DateTimeOffset From, DateTimeOffset To)>();
        foreach (var (from, to) in pauses.Select(p => (p.At, p.Until ?? (now > p.At ? now : p.At))).OrderBy(s => s.At))
            if (spans.Count > 0 && from <= spans[^1].To)
                spans[^1] = (spans[^1].From, to > spans[^1].To ? to : spans[^1].To);
            else
                spans.Add((from, to));
        return spans.ToImmutable();
    }

    /// <summary>The deadline of a limit that stood still in these times.</summary>
    public static Deadline Apply(this IEnumerable<(DateTimeOffset From, DateTimeOffset To)> spans, Deadline whole, WorkCalendar calendar) =>
        whole.AfterPauses(spans, calendar);
}
