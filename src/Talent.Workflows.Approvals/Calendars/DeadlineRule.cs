using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>A time limit as data, kept with the case so that its dates can be computed again when a calendar changes.</summary>
/// <remarks>
/// Compact form: <c>5wd</c>, <c>15d</c>, <c>48h</c>; with an extension that somebody may grant once <c>20wd+10wd</c>; with the
/// office's closing time <c>5wd@17:00</c>; with office hours <c>5wd@17:00 09:00-17:00</c>. In JSON either that string or
/// <c>{ "days": 5, "extension": 3, "unit": "workdays" | "days" | "hours", "closesAt": "17:00", "officeHours": { "opens": "09:00", "closes": "17:00" } }</c>.
/// Source: R-REV-4.
/// </remarks>
[JsonConverter(typeof(DeadlineRuleJson))]
public sealed partial record DeadlineRule
{
    /// <summary>Ten years of working days; more is a mistake in the data.</summary>
    public const int MostDays = 3660;

    private DeadlineRule(int amount, DeadlineUnit unit, TimeOnly? closesAt, OfficeHours? officeHours, int extension) =>
        (Amount, Unit, ClosesAt, OfficeHours, Extension) = (amount, unit, closesAt, officeHours, extension);

    /// <summary>How many of <see cref="Unit"/>, at least 1.</summary>
    public int Amount { get; }

    /// <summary>How many more of <see cref="Unit"/> may be granted, once; 0: the limit can't be extended.</summary>
    public int Extension { get; }

    public DeadlineUnit Unit { get; }

    /// <summary>The office's closing time on the last day; null: 24:00. Not for hours.</summary>
    public TimeOnly? ClosesAt { get; }

    /// <summary>When set, what comes in outside them counts as coming in on the next working day.</summary>
    public OfficeHours? OfficeHours { get; }

    /// <exception cref="FormatException">An amount or extension outside 1 to ten years together, a closing time with hours, hours that close before they open.</exception>
    public static DeadlineRule Of(int amount, DeadlineUnit unit, TimeOnly? closesAt = null, OfficeHours? officeHours = null, int extension = 0)
    {
        var most = unit == DeadlineUnit.Hours ? MostDays * 24 : MostDays;
        if (amount < 1 || amount > most || extension < 0 || extension > most - amount)
        {
            throw new FormatException($"A deadline of {amount} {unit}{(extension == 0 ? "" : $" and {extension} more")} isn't between 1 and {most}.");
        }

        if (unit == DeadlineUnit.Hours && closesAt is not null)
        {
            throw new FormatException("A deadline in hours ends when they have passed; it has no closing time.");
        }

        if (officeHours is not null && officeHours.Closes <= officeHours.Opens)
        {
            throw new FormatException($"Office hours {officeHours.Opens:HH:mm}-{officeHours.Closes:HH:mm} close before they open.");
        }

        if (!WholeMinutes(closesAt) || !WholeMinutes(officeHours?.Opens) || !WholeMinutes(officeHours?.Closes))
        {
            throw new FormatException("Closing times and office hours are whole minutes, such as 17:00.");
        }

        return new DeadlineRule(amount, unit, closesAt, officeHours, extension);
    }

    public static DeadlineRule Workdays(int amount) => Of(amount, DeadlineUnit.Workdays);

    /// <summary>The rule when its extension has been granted: all of it counts from the event, and there is no second one.</summary>
    public DeadlineRule Extended() => Of(Amount + Extension, Unit, ClosesAt, OfficeHours);

    /// <exception cref="FormatException">Not the compact form.</exception>
    public static DeadlineRule Parse(string text)
    {
        var match = Compact().Match(text.Trim());
        if (!match.Success || !int.TryParse(match.Groups["amount"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            throw new FormatException($"\"{text}\" isn't a deadline; write 5wd (working days), 15d (days), 48h (hours), 20wd+10wd (with an extension), 5wd@17:00 or 5wd@17:00 09:00-17:00.");
        }

        var extension = 0;
        if (match.Groups["more"].Success
            && (match.Groups["moreUnit"].Value != match.Groups["unit"].Value || !int.TryParse(match.Groups["more"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out extension) || extension < 1))
        {
            throw new FormatException($"\"{text}\": the extension is in the unit of the limit and at least 1, such as 20wd+10wd.");
        }

        var unit = match.Groups["unit"].Value switch { "wd" => DeadlineUnit.Workdays, "d" => DeadlineUnit.Days, _ => DeadlineUnit.Hours };
        var hours = match.Groups["opens"].Success ? new OfficeHours(Time(match.Groups["opens"].Value), Time(match.Groups["closes"].Value)) : null;
        return Of(amount, unit, match.Groups["closesAt"].Success ? Time(match.Groups["closesAt"].Value) : null, hours, extension);
    }

    public override string ToString()
    {
        var unit = Unit switch { DeadlineUnit.Workdays => "wd", DeadlineUnit.Days => "d", _ => "h" };
        var closes = ClosesAt is { } at ? string.Create(CultureInfo.InvariantCulture, $"@{at:HH:mm}") : "";
        var hours = OfficeHours is { } o ? string.Create(CultureInfo.InvariantCulture, $" {o.Opens:HH:mm}-{o.Closes:HH:mm}") : "";
        var more = Extension == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"+{Extension}{unit}");
        return string.Create(CultureInfo.InvariantCulture, $"{Amount}{unit}{more}{closes}{hours}");
    }

    internal static TimeOnly Time(string text) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw new FormatException($"\"{text}\" isn't a time of day such as 17:00; for the end of the day leave it out.");

    private static bool WholeMinutes(TimeOnly? time) => (time ?? TimeOnly.MinValue).Ticks % TimeSpan.TicksPerMinute == 0;

    [GeneratedRegex(@"^(?<amount>[0-9]{1,6})(?<unit>wd|d|h)(\+(?<more>[0-9]{1,6})(?<moreUnit>wd|d|h))?(@(?<closesAt>[0-9]{2}:[0-9]{2}))?( (?<opens>[0-9]{2}:[0-9]{2})-(?<closes>[0-9]{2}:[0-9]{2}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Compact();
}
