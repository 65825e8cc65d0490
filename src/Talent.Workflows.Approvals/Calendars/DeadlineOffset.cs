using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>A moment told from a deadline: <c>1wd before</c>, <c>due</c>, <c>2wd after</c>, <c>4h before</c>, <c>1wd before@09:00</c>.</summary>
/// <remarks>
/// Working days and days move the deadline's last day and keep its time of day, unless a time is given: one working day
/// before 24:00 of a Monday is 24:00 of the Friday before, and <c>1wd before@09:00</c> is that Friday at nine. Source: R-REV-5.
/// </remarks>
[JsonConverter(typeof(DeadlineOffsetJson))]
public sealed partial record DeadlineOffset
{
    public static DeadlineOffset Due { get; } = new(0, DeadlineUnit.Hours, null);

    private DeadlineOffset(int amount, DeadlineUnit unit, TimeOnly? at) => (Amount, Unit, At) = (amount, unit, at);

    /// <summary>Negative: before the deadline.</summary>
    public int Amount { get; }

    public DeadlineUnit Unit { get; }

    /// <summary>Local time of day on the day arrived at; null: the deadline's own.</summary>
    public TimeOnly? At { get; }

    /// <exception cref="FormatException">None of the forms.</exception>
    public static DeadlineOffset Parse(string text)
    {
        if (text.Trim() == "due")
        {
            return Due;
        }

        var match = Compact().Match(text.Trim());
        if (!match.Success)
        {
            throw new FormatException($"\"{text}\" isn't a moment told from a deadline; write due, 1wd before, 2wd after, 4h before or 1wd before@09:00.");
        }

        var amount = int.Parse(match.Groups["amount"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        var unit = match.Groups["unit"].Value switch { "wd" => DeadlineUnit.Workdays, "d" => DeadlineUnit.Days, _ => DeadlineUnit.Hours };
        TimeOnly? at = match.Groups["at"].Success ? DeadlineRule.Time(match.Groups["at"].Value) : null;
        if (amount == 0 || (unit == DeadlineUnit.Hours && at is not null))
        {
            throw new FormatException($"\"{text}\": the number starts at 1, and hours take no time of day.");
        }

        return new DeadlineOffset(match.Groups["side"].Value == "before" ? -amount : amount, unit, at);
    }

    /// <summary>The instant, UTC.</summary>
    public DateTimeOffset From(Deadline deadline, WorkCalendar calendar)
    {
        if (Amount == 0)
        {
            return deadline.DueAt;
        }

        if (Unit == DeadlineUnit.Hours)
        {
            return deadline.DueAt.AddHours(Amount);
        }

        var day = Unit == DeadlineUnit.Workdays ? calendar.AddWorkdays(deadline.LastDay, Amount) : deadline.LastDay.AddDays(Amount);
        return At is { } time ? ChinaTime.At(day, time) : ChinaTime.At(day, deadline.DueAt - ChinaTime.At(deadline.LastDay, TimeSpan.Zero));
    }

    public override string ToString()
    {
        var unit = Unit switch { DeadlineUnit.Workdays => "wd", DeadlineUnit.Days => "d", _ => "h" };
        var at = At is { } time ? string.Create(CultureInfo.InvariantCulture, $"@{time:HH:mm}") : "";
        return Amount == 0 ? "due" : string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(Amount)}{unit} {(Amount < 0 ? "before" : "after")}{at}");
    }

    [GeneratedRegex("^(?<amount>[0-9]{1,4})(?<unit>wd|d|h) (?<side>before|after)(@(?<at>[0-9]{2}:[0-9]{2}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Compact();

    private sealed class DeadlineOffsetJson() : TextJson<DeadlineOffset>(Parse);
}
