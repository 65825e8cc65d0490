using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>How long a notice is up, as data.</summary>
public sealed record NoticeRule
{
    /// <summary>Working days after the day of posting, at least 1.</summary>
    public required int Workdays { get; init; }
}

/// <summary>
/// A public notice with all that was ever shown. The day of posting isn't counted; it closes at 24:00 of the last working
/// day; a correction or an extension opens the whole window again.
/// </summary>
/// <remarks>Source: R-NOT-1, R-NOT-2. Immutable: each change gives a new one. Kept as JSON, it reads back the same.</remarks>
public sealed record PublicNotice
{
    [JsonConstructor]
    private PublicNotice(NoticeRule rule, ImmutableArray<NoticeEdition> editions) => (Rule, Editions) = (rule, editions);

    public NoticeRule Rule { get; }

    /// <summary>Oldest first; the last is the current one.</summary>
    public ImmutableArray<NoticeEdition> Editions { get; }

    [JsonIgnore]
    public NoticeEdition Current => Editions[^1];

    [JsonIgnore]
    public DateTimeOffset PostedAt => Editions[0].ShownFrom;

    /// <summary>UTC and exclusive.</summary>
    [JsonIgnore]
    public DateTimeOffset ClosesAt => Current.Window.DueAt;

    public static PublicNotice Post(NoticeContent content, NoticeRule rule, DateTimeOffset at, WorkCalendar calendar) =>
        new(rule, [new NoticeEdition(1, NoticeChange.Posted, content, at.ToUniversalTime(), Window(rule, at, calendar))]);

    public bool IsOpen(DateTimeOffset now) => now >= PostedAt && now < ClosesAt;

    /// <summary>Shows other content from now on; the window starts again, and never ends before an extension that was announced.</summary>
    /// <exception cref="InvalidOperationException">It isn't open any more, or earlier than the last change.</exception>
    public PublicNotice Correct(NoticeContent content, DateTimeOffset at, WorkCalendar calendar)
    {
        var window = Window(Rule, at, calendar);
        return Change(NoticeChange.Corrected, content, window.DueAt >= ClosesAt ? window : Current.Window, at);
    }

    /// <summary>Keeps it up for that many working days from now.</summary>
    /// <exception cref="InvalidOperationException">It isn't open any more, would close earlier than now foreseen, or earlier than the last change.</exception>
    public PublicNotice Extend(int workdays, DateTimeOffset at, WorkCalendar calendar)
    {
        var window = Window(new NoticeRule { Workdays = workdays }, at, calendar);
        return window.DueAt >= ClosesAt || !IsOpen(at)
            ? Change(NoticeChange.Extended, Current.Content, window, at)
            : throw new InvalidOperationException($"{workdays} working days from {at:O} end before {ClosesAt:O}: an extension can't shorten a notice.");
    }

    /// <summary>What the public saw at an instant; null: nothing.</summary>
    public NoticeEdition? ShownAt(DateTimeOffset instant)
    {
        var edition = Editions.LastOrDefault(e => e.ShownFrom <= instant);
        return edition is not null && instant < edition.Window.DueAt ? edition : null;
    }

    /// <summary>Whether the case may go on to its result: the window has ended and no objection waits for its answer.</summary>
    public bool MayConclude(DateTimeOffset now, int unansweredObjections) => now >= ClosesAt && unansweredObjections == 0;

    private PublicNotice Change(NoticeChange change, NoticeContent content, Deadline window, DateTimeOffset at) =>
        !IsOpen(at) || at < Current.ShownFrom
            ? throw new InvalidOperationException($"The notice posted {PostedAt:O} closes {ClosesAt:O} and last changed {Current.ShownFrom:O}: it can't be {change} at {at:O}. Post it anew.")
            : new PublicNotice(Rule, Editions.Add(new NoticeEdition(Editions.Length + 1, change, content, at.ToUniversalTime(), window)));

    private static Deadline Window(NoticeRule rule, DateTimeOffset at, WorkCalendar calendar) =>
        Deadline.Compute(DeadlineRule.Workdays(rule.Workdays), at, calendar);
}

[JsonConverter(typeof(JsonStringEnumConverter<NoticeChange>))]
public enum NoticeChange
{
    /// <summary>发布</summary>
    [JsonStringEnumMemberName("posted")]
    Posted,

    /// <summary>更正</summary>
    [JsonStringEnumMemberName("corrected")]
    Corrected,

    /// <summary>延期</summary>
    [JsonStringEnumMemberName("extended")]
    Extended,
}

/// <summary>What was shown from an instant on, and until when that window runs.</summary>
public sealed record NoticeEdition(int Number, NoticeChange Change, NoticeContent Content, DateTimeOffset ShownFrom, Deadline Window);
