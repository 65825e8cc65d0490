using System.Globalization;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>How far a deadline is, as a message says it on the day that it is sent.</summary>
/// <remarks>Source: R-REV-4 ("visible as due date and remaining time").</remarks>
public static class TimeText
{
    /// <param name="last">The last day of the limit.</param>
    public static string Of(DateOnly today, DateOnly last, WorkCalendar calendar, bool chinese)
    {
        if (today == last)
            return chinese ? "今天到期" : "due today";
        var left = today < last;
        var days = left ? calendar.CountWorkdays(today, last) : calendar.CountWorkdays(last, today);
        // Over a weekend there are no working days to speak of.
        return (left, days) switch
        {
            (true, 0) => chinese ? "即将到期" : "due soon",
            (false, 0) => chinese ? "已逾期" : "overdue",
            (true, _) => chinese ? string.Create(CultureInfo.InvariantCulture, $"还有{days}个工作日") : string.Create(CultureInfo.InvariantCulture, $"{days} working day{(days == 1 ? "" : "s")} left"),
            _ => chinese ? string.Create(CultureInfo.InvariantCulture, $"已逾期{days}个工作日") : string.Create(CultureInfo.InvariantCulture, $"{days} working day{(days == 1 ? "" : "s")} overdue"),
        };
    }
}
