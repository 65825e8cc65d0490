using System.Collections.Immutable;
using System.Globalization;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Explains a total limit: by which rule it ends when, and what wasn't counted. Pure.</summary>
public static class Promise
{
    public static PromiseView Explain(DeadlineRule rule, bool extended, DateTimeOffset filedAt, IReadOnlyList<(ClockPause Pause, Worded Ground)> pauses, DateTimeOffset now, WorkCalendar calendar)
    {
        var counts = extended ? rule.Extended() : rule;
        var spans = ClockSpans.Union(pauses.Select(p => p.Pause), now);
        var deadline = spans.Apply(Deadline.Compute(counts, filedAt, calendar), calendar);
        var stopped = pauses.Select(p => p.Pause).Any(p => p.Until is null);
        ExcludedView[] excluded = [.. pauses.OrderBy(p => p.Pause.At).Select(p => new ExcludedView(p.Ground, p.Pause.At, p.Pause.Until))];
        var used = Used(deadline, spans, now < deadline.DueAt ? now : deadline.DueAt.AddTicks(-1), calendar);
        var provisional = deadline.Provisional || stopped;
        return new PromiseView(deadline.LastDay, deadline.DueAt, provisional, rule.ToString(), filedAt, deadline.CalendarVersion, extended,
            new CountedView(Math.Min(used, counts.Amount), counts.Amount, Unit(counts.Unit).Code), excluded, deadline.Skipped, Zh(), En());

        string Zh()
        {
            var text = new List<string> { $"自{Date(filedAt)}收件次日起{counts.Amount}{Unit(counts.Unit).Zh}{(extended ? $"（含批准延长的{rule.Extension}{Unit(counts.Unit).Zh}）" : "")}" };
            if (excluded.Length > 0)
                text.Add("不计入：" + string.Join("、", excluded.Select(e => $"{e.Ground.Zh}（{Date(e.From)}至{(e.To is { } to ? Date(to) : "今")}）")));
            if (deadline.Skipped.Where(d => d.Kind == CalendarDayKind.Holiday).Select(d => d.Name).Distinct().ToArray() is { Length: > 0 } holidays)
                text.Add("顺延：" + string.Join("、", holidays));
            text.Add(stopped ? $"计时暂停中，如今日恢复，承诺于{Date(deadline.LastDay)}前办结" : $"承诺于{Date(deadline.LastDay)}前办结{(provisional ? "（暂定，待节假日安排公布）" : "")}");
            return string.Join("；", text) + "。";
        }

        string En()
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{counts.Amount} {Unit(counts.Unit).En} after {ChinaTime.DateOf(filedAt):yyyy-MM-dd}{(extended ? $", {rule.Extension} of them granted as an extension" : "")}");
            if (excluded.Length > 0)
                text += "; not counted: " + string.Join(", ", excluded.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Ground.En} ({ChinaTime.DateOf(e.From):yyyy-MM-dd} to {(e.To is { } to ? ChinaTime.DateOf(to).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "now")})")));
            return text + string.Create(CultureInfo.InvariantCulture, $"; promised by {deadline.LastDay:yyyy-MM-dd}{(stopped ? ", if the clock ran on today" : provisional ? ", provisional" : "")}.");
        }
    }

    /// <summary>Days (hours) of the limit that have been counted up to an instant: the days between that no pause holds.</summary>
    private static int Used(Deadline deadline, ImmutableArray<(DateTimeOffset From, DateTimeOffset To)> spans, DateTimeOffset until, WorkCalendar calendar)
    {
        if (deadline.Rule.Unit == DeadlineUnit.Hours)
            return (int)((until - ChinaTime.At(deadline.EventDay, TimeSpan.Zero)) - spans.Aggregate(TimeSpan.Zero, (sum, s) => sum + (s.To - s.From))).TotalHours;
        var used = 0;
        for (var day = deadline.EventDay.AddDays(1); day <= ChinaTime.DateOf(until); day = day.AddDays(1))
            if ((deadline.Rule.Unit == DeadlineUnit.Days || calendar.IsWorkday(day)) && !spans.Any(s => ChinaTime.DateOf(s.From) < day && day <= ChinaTime.DateOf(s.To)))
                used++;
        return used;
    }

    internal static (string Code, string Zh, string En) Unit(DeadlineUnit unit) => unit switch
    {
        DeadlineUnit.Workdays => ("workdays", "个工作日", "working days"),
        DeadlineUnit.Days => ("days", "日", "days"),
        _ => ("hours", "小时", "hours"),
    };

    internal static string Date(DateTimeOffset at) => Date(ChinaTime.DateOf(at));

    private static string Date(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{day.Year}年{day.Month}月{day.Day}日");
}
