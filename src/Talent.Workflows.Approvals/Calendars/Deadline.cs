using System.Collections.Immutable;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>When a limit ends, and the evidence for it.</summary>
/// <remarks>
/// Source: R-REV-4. The day of the event isn't counted; the end is 24:00 Asia/Shanghai of the last day, or the closing time.
/// A limit in calendar days whose last day is a day off ends on the next working day (Civil Code 民法典 art. 203); one in
/// hours runs from the event itself (art. 201).
/// </remarks>
public sealed record Deadline
{
    public required DeadlineRule Rule { get; init; }

    /// <summary>The end, UTC and exclusive: in time is before it, overdue from it on.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Whether an official calendar that isn't out yet may still move it; shown as 暂定.</summary>
    public required bool Provisional { get; init; }

    public required string CalendarVersion { get; init; }

    /// <summary>The day that counts as the event's: the event's own, or the next working day when it came in outside office hours.</summary>
    public required DateOnly EventDay { get; init; }

    /// <summary>The first day that was counted (for hours: the day they began to run).</summary>
    public required DateOnly FirstDay { get; init; }

    /// <summary>The day whose end or closing time is <see cref="DueAt"/> (for hours: the day they run out).</summary>
    public required DateOnly LastDay { get; init; }

    /// <summary>The days off between the event and the end that weren't counted, or that moved the end, each with its reason.</summary>
    public required ImmutableArray<CalendarDay> Skipped { get; init; }

    /// <summary>Computes a rule's deadline from the event that starts it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It leaves the calendar (2000 to 2099).</exception>
    public static Deadline Compute(DeadlineRule rule, DateTimeOffset eventAt, WorkCalendar calendar)
    {
        var (countsFrom, eventDay) = Received(rule.OfficeHours, eventAt, calendar);
        return rule.Unit switch
        {
            DeadlineUnit.Workdays => Ending(calendar.AddWorkdays(eventDay, rule.Amount)),
            DeadlineUnit.Days => Ending(calendar.AddWorkdays(eventDay.AddDays(rule.Amount), 0)),
            _ => Running(countsFrom.AddHours(rule.Amount)),
        };

        Deadline Ending(DateOnly last)
        {
            var first = rule.Unit == DeadlineUnit.Workdays ? calendar.AddWorkdays(eventDay, 1) : eventDay.AddDays(1);
            var skippedFrom = rule.Unit == DeadlineUnit.Workdays ? eventDay.AddDays(1) : eventDay.AddDays(rule.Amount);
            var due = rule.ClosesAt is { } closes ? ChinaTime.At(last, closes) : ChinaTime.EndOf(last);
            return Make(due, first, last, DaysOff(skippedFrom, last, calendar));
        }

        Deadline Running(DateTimeOffset due) => Make(due, eventDay, ChinaTime.DateOf(due), []);

        Deadline Make(DateTimeOffset due, DateOnly first, DateOnly last, ImmutableArray<CalendarDay> skipped) => new()
        {
            Rule = rule,
            DueAt = due.ToUniversalTime(),
            // Hours without office hours ask no calendar, so nothing can move them.
            Provisional = (rule.Unit != DeadlineUnit.Hours || rule.OfficeHours is not null) && calendar.IsProvisional(ChinaTime.DateOf(eventAt), last),
            CalendarVersion = calendar.Version,
            EventDay = eventDay,
            FirstDay = first,
            LastDay = last,
            Skipped = skipped,
        };
    }

    /// <summary>
    /// The deadline after pauses, such as waits for the applicant: later by the working days (days, hours) that passed
    /// in each, the day it began not counted. A pause within one day changes nothing, nor does one that begins when the limit is
    /// over. What comes back on a day off, when all working days were used, is due on the next working day.
    /// </summary>
    /// <param name="pauses">In order, none reaching into the next.</param>
    /// <exception cref="ArgumentException">One ends before it begins.</exception>
    public Deadline AfterPauses(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> pauses, WorkCalendar calendar)
    {
        // Held days are added to the day on which the time is used up. Where that day is carried to the next working day, or to
        // the day a pause ended, is seen apart from it: else a later pause would count the carried day as held once more.
        var (after, usedUp) = (this, Rule.Unit == DeadlineUnit.Days ? EventDay.AddDays(Rule.Amount) : LastDay);
        foreach (var (from, to) in pauses)
        {
            if (to < from)
            {
                throw new ArgumentException($"The pause from {from:O} ends before it begins, at {to:O}.", nameof(pauses));
            }

            if (from < after.DueAt)
            {
                (after, usedUp) = after.AfterPause(usedUp, from, to, calendar);
            }
        }

        return after;
    }

    private (Deadline After, DateOnly UsedUp) AfterPause(DateOnly usedUp, DateTimeOffset pausedAt, DateTimeOffset resumedAt, WorkCalendar calendar)
    {
        var (from, to) = (ChinaTime.DateOf(pausedAt), ChinaTime.DateOf(resumedAt));
        if (Rule.Unit == DeadlineUnit.Hours)
        {
            var due = DueAt + (resumedAt - pausedAt);
            return (this with { DueAt = due, LastDay = ChinaTime.DateOf(due) }, usedUp);
        }

        usedUp = Rule.Unit == DeadlineUnit.Workdays ? Later(calendar.CountWorkdays(from, to)) : usedUp.AddDays(to.DayNumber - from.DayNumber);
        var last = calendar.AddWorkdays(usedUp < to ? to : usedUp, 0);
        last = last < LastDay ? LastDay : last;
        return (this with
        {
            DueAt = ChinaTime.At(last, DueAt - ChinaTime.At(LastDay, TimeSpan.Zero)),
            LastDay = last,
            Provisional = Provisional || calendar.IsProvisional(from, last),
            CalendarVersion = calendar.Version,
            Skipped = DaysOff(Rule.Unit == DeadlineUnit.Workdays ? EventDay.AddDays(1) : usedUp, last, calendar),
        }, usedUp);

        DateOnly Later(int workdays) => workdays == 0 ? usedUp : calendar.AddWorkdays(usedUp, workdays);
    }

    // R-REV-4: outside the hours counts as coming in on the next working day. Before opening on a working day is that day:
    // the office hasn't begun it yet.
    private static (DateTimeOffset CountsFrom, DateOnly Day) Received(OfficeHours? hours, DateTimeOffset at, WorkCalendar calendar)
    {
        var (day, time) = (ChinaTime.DateOf(at), ChinaTime.TimeOf(at));
        if (hours is null || (calendar.IsWorkday(day) && time >= hours.Opens && time < hours.Closes))
        {
            return (at, day);
        }

        var next = calendar.IsWorkday(day) && time < hours.Opens ? day : calendar.AddWorkdays(day, 1);
        return (ChinaTime.At(next, hours.Opens), next);
    }

    private static ImmutableArray<CalendarDay> DaysOff(DateOnly from, DateOnly to, WorkCalendar calendar)
    {
        var count = to.DayNumber - from.DayNumber + 1 - (calendar.CountWorkdays(from, to) + (calendar.IsWorkday(from) ? 1 : 0));
        if (count <= 0)
        {
            return [];
        }

        var skipped = ImmutableArray.CreateBuilder<CalendarDay>(count);
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            if (!calendar.IsWorkday(day))
            {
                skipped.Add(calendar.Describe(day));
            }
        }

        return skipped.MoveToImmutable();
    }
}
