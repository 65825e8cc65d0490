using System.Globalization;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Clocks;

namespace Talent.Workflows.Approvals.Why;

/// <summary>Instants, limits and what is told from them, as people read them.</summary>
internal static class WhyWords
{
    /// <summary>Local; midnight is the end of the day before, as limits are written.</summary>
    public static string Zh(DateTimeOffset at) => ChinaTime.TimeOf(at) == TimeOnly.MinValue ? $"{Promise.Date(at.AddTicks(-1))}24:00"
        : string.Create(CultureInfo.InvariantCulture, $"{Promise.Date(at)}{ChinaTime.TimeOf(at):HH:mm}");

    /// <inheritdoc cref="Zh(DateTimeOffset)"/>
    public static string En(DateTimeOffset at) => ChinaTime.TimeOf(at) == TimeOnly.MinValue ? string.Create(CultureInfo.InvariantCulture, $"{ChinaTime.DateOf(at.AddTicks(-1)):yyyy-MM-dd} 24:00")
        : string.Create(CultureInfo.InvariantCulture, $"{ChinaTime.DateOf(at):yyyy-MM-dd} {ChinaTime.TimeOf(at):HH:mm}");

    /// <summary>By which rule a limit ends when, and what wasn't counted.</summary>
    public static string Zh(Deadline limit) => string.Create(CultureInfo.InvariantCulture,
        $"自{Date(limit.EventDay)}{(limit.Rule.Unit == DeadlineUnit.Hours ? "" : "次日")}起{limit.Rule.Amount}{Promise.Unit(limit.Rule.Unit).Zh}，至{Date(limit.LastDay)}{Holidays(limit, "；不计", "、")}{(limit.Provisional ? "；暂定" : "")}");

    /// <inheritdoc cref="Zh(Deadline)"/>
    public static string En(Deadline limit) => string.Create(CultureInfo.InvariantCulture,
        $"{limit.Rule.Amount} {Promise.Unit(limit.Rule.Unit).En} after {limit.EventDay:yyyy-MM-dd}, until {limit.LastDay:yyyy-MM-dd}{Holidays(limit, "; not counted: ", ", ")}{(limit.Provisional ? "; provisional" : "")}");

    /// <summary>How far from the end of a limit; empty at its end.</summary>
    public static string Zh(DeadlineOffset offset) => offset.Amount == 0 ? "期限届满时"
        : offset.Amount < 0 ? $"期限届满前{-offset.Amount}{Promise.Unit(offset.Unit).Zh}" : $"超期{offset.Amount}{Promise.Unit(offset.Unit).Zh}";

    /// <inheritdoc cref="Zh(DeadlineOffset)"/>
    public static string En(DeadlineOffset offset) => offset.Amount == 0 ? "at the end of the limit"
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(offset.Amount)} {Singular(Promise.Unit(offset.Unit).En, Math.Abs(offset.Amount))} {(offset.Amount < 0 ? "before" : "after")} the end of the limit");

    private static string Singular(string unit, int amount) => amount == 1 ? unit.TrimEnd('s') : unit;

    private static string Holidays(Deadline limit, string before, string between) =>
        limit.Skipped.Where(d => d.Kind == CalendarDayKind.Holiday && d.Name is not null).Select(d => d.Name!).Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 } names ? before + string.Join(between, names) : "";

    private static string Date(DateOnly day) => Promise.Date(ChinaTime.At(day, TimeSpan.Zero));
}
