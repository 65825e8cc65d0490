using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Server.Demo;

/// <summary>
/// The first sample: both phases and all five levels, with a reviewer who lets the deadline pass, a return for correction, a
/// recusal, an objection that is dismissed, and a notice across a holiday; ends with 办结.
/// </summary>
internal sealed class CompletedStory(DemoApi api, DemoPeople people, DemoPrinter printer, ApprovalContent content)
{
    /// <summary>Working days from the filing to the opening of the notice, as the scenes below take them.</summary>
    private const int FilingToNotice = 19;

    /// <summary>The notice opens so many working days before the holiday.</summary>
    private const int NoticeBeforeHoliday = 3;

    private readonly WorkCalendar calendar = content.Calendar;

    public async Task TellAsync()
    {
        var sample = content.Get("political-work-title").Samples.First(s => s.Course == "completed");
        var story = new DemoCase(api, people, printer, calendar, sample);
        printer.Title($"第一件：{sample.Zh}");
        printer.Note(sample.En);
        var (filing, holiday) = FilingDay(ChinaTime.DateOf(await api.NowAsync()).AddDays(1));
        await story.AdvanceAsync(ChinaTime.At(filing, new TimeOnly(9, 30)));

        printer.Note("【第一阶段 资格审核】 Phase 1: qualification");
        await story.FileAsync();
        await LapseAsync(story);
        await story.WaitAsync(1);
        await story.DecideAsync("employer-review", "approve", "材料齐全，情况属实，同意推荐。");
        await story.WaitAsync(1);
        await story.DecideAsync("unit-review", "return", sample.Correction!.Opinion);
        await story.WaitAsync(1);
        await story.SupplementAsync("补正", sample.Correction.Data, "已重新上传加盖公章的工作经历证明。");
        await story.WaitAsync(1);
        await story.DecideAsync("unit-review", "approve", "补正后符合申报条件，同意。");

        printer.Note("【第二阶段 完善材料、评审、公示】 Phase 2: materials, panel, public notice");
        await story.WaitAsync(2);
        await story.SupplementAsync("完善材料", sample.Phase2!.Value, "已填写工作总结、考核、成果和考试合格证。");
        await story.WaitAsync(1);
        await story.DecideAsync("employer-review-2", "approve", "复核无误，同意。");
        await story.WaitAsync(1);
        await story.DecideAsync("unit-review-2", "approve", "复核无误，同意上报。");
        await story.WaitAsync(1);
        await story.DecideAsync("bureau-review", "approve", "符合评审条件，提交专家评审。");
        await new PanelScene(api, people, story).PlayAsync(recusal: true, passing: 5);
        await NoticeAsync(story, holiday);
    }

    /// <summary>Who has taken the task lets its deadline pass; the history tells what the server did about it.</summary>
    private async Task LapseAsync(DemoCase story)
    {
        await story.WaitAsync(0);
        var task = await story.OpenTaskAsync("employer-review");
        var reviewer = people.WithRole(task.GetProperty("role").GetString()!, task.GetProperty("organisationId").GetString()!)[0];
        var path = $"/api/v1/tasks/{task.GetProperty("id").GetString()}";
        await api.PostAsync($"{path}/claim", reviewer);
        DemoCase.Expect((await api.GetAsync(path, reviewer)).GetProperty("claimedBy").GetString() == reviewer, "应已领取");
        var due = task.GetProperty("dueAt").GetDateTimeOffset();
        await story.SayAsync("领取待办", people.Full(reviewer), $"领取后未办理，期限 {DemoCase.Day(due)}");

        var last = ChinaTime.DateOf(due.AddTicks(-1));
        foreach (var (workdays, step, what) in ((int, string, string)[])
            [(0, "催办", "期限前一个工作日，系统提醒"), (1, "超期", "期限已过，系统提示超期"), (2, "升级", "超期一个工作日，告知负责人"), (3, "改派", "超期两个工作日，改派负责人办理")])
        {
            var before = task.GetProperty("escalation").GetInt32();
            await story.AdvanceAsync(ChinaTime.At(workdays == 0 ? last : calendar.AddWorkdays(last, workdays), new TimeOnly(9, 0)));
            task = await api.GetAsync(path, story.Applicant);
            var after = task.GetProperty("escalation").GetInt32();
            DemoCase.Expect(after > before, $"{step}：升级步骤应增加，实际 {before} → {after}");
            await story.SayAsync(step, "系统", what, "33");
        }
        DemoCase.Expect(task.GetProperty("claimedBy").ValueKind == JsonValueKind.Null && task.GetProperty("role").GetString() == "employer.superior", $"应已改派负责人，实际 {task}");
        await api.RefusedAsync($"{path}/decide", reviewer, new JsonObject { ["outcome"] = "approve", ["opinion"] = "同意" }, "forbidden");
        printer.Note($"→ {people.Name(reviewer)}已不能再办理此件");
    }

    private async Task NoticeAsync(DemoCase story, DateOnly holiday)
    {
        var number = (await story.ReadAsync()).GetProperty("number").GetString();
        var notice = (await api.GetAsync("/api/v1/notices", DemoApi.Anybody)).GetProperty("items").EnumerateArray().LastOrDefault();
        DemoCase.Expect(notice.ValueKind == JsonValueKind.Object, "应已公示");
        var id = notice.GetProperty("id").GetString();
        var until = notice.GetProperty("until").GetDateTimeOffset();
        await story.SayAsync("公示", "面向公众", $"{notice.GetProperty("number").GetString()} {notice.GetProperty("title").GetString()}，至 {DemoCase.Day(until)}{(notice.GetProperty("provisional").GetBoolean() ? "（暂定）" : "")}");
        foreach (var line in notice.GetProperty("lines").EnumerateArray())
            printer.Note($"   {line.GetProperty("label").GetString()}：{line.GetProperty("text").GetString()}");
        var (from, to) = (ChinaTime.DateOf(notice.GetProperty("from").GetDateTimeOffset()), ChinaTime.DateOf(until.AddTicks(-1)));
        DemoCase.Expect(calendar.CountWorkdays(from, to) == 5, $"公示应为 5 个工作日，实际 {from} 至 {to}");
        DemoCase.Expect(from < holiday && holiday < to, $"公示应跨越 {holiday} 的假日，实际 {from} 至 {to}");
        printer.Note($"   其间 {string.Join("、", Between(from, to).Where(d => !calendar.IsWorkday(d)).Select(d => d.ToString("M月d日", CultureInfo.InvariantCulture)))} 放假，不计入 5 个工作日");

        await story.WaitAsync(1);
        var objection = await api.PostAsync($"/api/v1/notices/{id}/objections", DemoApi.Anybody,
            new JsonObject { ["name"] = "钱示例", ["contact"] = "objector@talent.example.org", ["text"] = "对其工作年限有疑问，请核实。" });
        await story.SayAsync("提出异议", "公众", $"异议 {objection.GetProperty("number").GetString()} 已受理", "33");
        await story.WaitAsync(1);
        var filed = (await api.GetAsync($"/api/v1/notices/{id}/objections", "notice-clerk")).GetProperty("items")[0];
        await api.PostAsync($"/api/v1/tasks/{filed.GetProperty("taskId").GetString()}/decide", "notice-clerk",
            new JsonObject { ["outcome"] = "dismiss", ["opinion"] = "经核查社保和人事档案，工作年限属实，异议不成立。" });
        filed = (await api.GetAsync($"/api/v1/notices/{id}/objections", "notice-clerk")).GetProperty("items")[0];
        DemoCase.Expect(filed.GetProperty("outcome").GetString() == "dismiss", $"异议应已处理，实际 {filed}");
        await story.SayAsync("异议处理", people.Full("notice-clerk"), "异议不成立：经核查工作年限属实");

        await story.AdvanceAsync(until.AddMinutes(-1));
        DemoCase.Expect((await story.ReadAsync()).GetProperty("endedAt").ValueKind == JsonValueKind.Null, "公示期满前不应办结");
        await story.AdvanceAsync(until.AddMinutes(1));
        var ended = await story.ReadAsync();
        DemoCase.Expect(ended.GetProperty("status").GetProperty("code").GetString() == "completed", $"应已办结，实际 {ended.GetProperty("status")}");
        await story.SayAsync("公示期满", "系统", $"{ended.GetProperty("status").GetProperty("zh").GetString()}", "1;32");
        var history = (await story.HistoryAsync()).GetArrayLength();
        printer.Note($"{number} {ended.GetProperty("status").GetProperty("zh").GetString()}：历史 {history} 条，消息 {Counts(story)}");
    }

    /// <summary>A day to file on, so that the notice spans the next holiday on a weekday.</summary>
    private (DateOnly Filing, DateOnly Holiday) FilingDay(DateOnly from)
    {
        var workdays = new List<DateOnly>();
        for (var day = from; day < from.AddDays(500); day = day.AddDays(1))
        {
            if (calendar.IsWorkday(day))
                workdays.Add(day);
            else if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && workdays.Count >= FilingToNotice + NoticeBeforeHoliday)
                return (workdays[^(FilingToNotice + NoticeBeforeHoliday)], day);
        }
        throw new DemoException("日历中没有可用的假日。");
    }

    internal static string Counts(DemoCase story) =>
        string.Join("，", story.Messages.OrderByDescending(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key switch { "sms" => "短信", "email" => "邮件", _ => "站内" }} {m.Value}"));

    private static IEnumerable<DateOnly> Between(DateOnly from, DateOnly to)
    {
        for (var day = from.AddDays(1); day < to; day = day.AddDays(1))
            yield return day;
    }
}
