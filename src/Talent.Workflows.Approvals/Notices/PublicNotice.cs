using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>How long a notice is up, as data.</summary>
public sealed record NoticeRule
{
    /// <summary>Working days after the day of posting, at least 1.</summary>
    public required int Workdays { get; init; }

    /// <summary>Who may object.</summary>
    public ObjectorRule Objections { get; init; }
}

/// <summary>
/// A public notice with all that was ever shown. The day of posting isn't counted; it closes at 24:00 of the last working
/// day. An edition is added when it is corrected or extended, and when it is shown again after an outage; between two windows
/// the public saw nothing.
/// </summary>
/// <remarks>Source: R-NOT-1, R-NOT-2. Kept as JSON, it reads back the same.</remarks>
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

    /// <summary>What the public saw at an instant; null: nothing.</summary>
    public NoticeEdition? ShownAt(DateTimeOffset instant)
    {
        var edition = Editions.LastOrDefault(e => e.ShownFrom <= instant);
        return edition is not null && instant < edition.Window.DueAt ? edition : null;
    }

    private static Deadline Window(NoticeRule rule, DateTimeOffset at, WorkCalendar calendar) =>
        Deadline.Compute(DeadlineRule.Workdays(rule.Workdays), at, calendar);
}

[JsonConverter(typeof(JsonStringEnumConverter<NoticeChange>))]
public enum NoticeChange
{
    /// <summary>发布</summary>
    [JsonStringEnumMemberName("posted")]
    Posted,

    /// <summary>延期</summary>
    [JsonStringEnumMemberName("extended")]
    Extended,

    /// <summary>更正</summary>
    [JsonStringEnumMemberName("corrected")]
    Corrected,
}

/// <summary>What was shown from an instant on, and until when that window runs.</summary>
/// <param name="Reason">Why it was corrected or extended, masked; null: by rule.</param>
public sealed record NoticeEdition(int Number, NoticeChange Change, NoticeContent Content, DateTimeOffset ShownFrom, Deadline Window, string? Reason = null);
