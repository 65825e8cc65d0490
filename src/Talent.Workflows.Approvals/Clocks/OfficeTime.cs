using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>When something that people are to read goes out: while the office is open.</summary>
/// <remarks>Source: R-REV-5.</remarks>
public static class OfficeTime
{
    /// <summary>The instant itself in office hours, else the next opening.</summary>
    public static DateTimeOffset NextOpen(this OfficeHours hours, DateTimeOffset at, WorkCalendar calendar)
    {
        var (day, time) = (ChinaTime.DateOf(at), ChinaTime.TimeOf(at));
        if (calendar.IsWorkday(day) && time < hours.Closes)
            return time >= hours.Opens ? at : ChinaTime.At(day, hours.Opens);
        return ChinaTime.At(calendar.AddWorkdays(day, 1), hours.Opens);
    }

    /// <summary>
    /// When to speak of a deadline: as <see cref="NextOpen"/>; but what is to be said before it isn't said after it while there
    /// was an opening since <paramref name="notBefore"/> — then it is said at that one.
    /// </summary>
    public static DateTimeOffset Speak(this OfficeHours hours, DateTimeOffset at, DateTimeOffset due, DateTimeOffset notBefore, WorkCalendar calendar)
    {
        var next = hours.NextOpen(at, calendar);
        if (at >= due || next < due)
            return next;
        var day = ChinaTime.DateOf(at);
        var last = ChinaTime.At(calendar.IsWorkday(day) ? day : calendar.AddWorkdays(day, -1), hours.Opens);
        if (last > at)
            last = ChinaTime.At(calendar.AddWorkdays(day, -1), hours.Opens);
        return last > notBefore ? last : next;
    }
}
