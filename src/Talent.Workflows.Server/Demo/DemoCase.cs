using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Server.Demo;

/// <summary>One sample case and the steps that its people take. Whatever it prints it has read back first.</summary>
internal sealed class DemoCase(DemoApi api, DemoPeople people, DemoPrinter printer, WorkCalendar calendar, ServiceSample sample)
{
    private long lastMessage;
    private string id = "", number = "";

    public string Applicant => sample.Applicant;
    public DemoPrinter Printer => printer;
    public Dictionary<string, int> Messages { get; } = new(StringComparer.Ordinal);

    public Task<JsonElement> ReadAsync() => api.GetAsync($"/api/v1/cases/{id}", Applicant);

    /// <summary>Moves the clock to office hours so many working days on (0: some minutes later today).</summary>
    public async Task WaitAsync(int workdays, int hour = 10)
    {
        var now = await api.NowAsync();
        var day = ChinaTime.DateOf(now);
        var target = ChinaTime.At(workdays == 0 ? day : calendar.AddWorkdays(day, workdays), new TimeOnly(hour, 0));
        await api.AdvanceToAsync(target > now ? target : now.AddMinutes(20));
    }

    public async Task AdvanceAsync(DateTimeOffset instant)
    {
        if (instant > await api.NowAsync())
            await api.AdvanceToAsync(instant);
    }

    /// <summary>Files and submits: a number is given and the first stage is open.</summary>
    public async Task FileAsync()
    {
        await SkipMessagesAsync();
        var draft = await api.PostAsync("/api/v1/cases", Applicant, new JsonObject { ["service"] = "political-work-title", ["data"] = JsonNode.Parse(sample.Phase1.GetRawText()) });
        id = draft.GetProperty("id").GetString()!;
        await api.PostAsync($"/api/v1/cases/{id}/confirmations/classified", Applicant);
        await api.PostAsync($"/api/v1/cases/{id}/submit", Applicant);
        var view = await ReadAsync();
        number = view.GetProperty("number").GetString() ?? "";
        Expect(number is { Length: > 0 }, "提交后应有申报编号");
        await SayAsync("提交申报", people.Full(Applicant), $"编号 {number}，{Waits(view)}");
    }

    /// <summary>The open stage is decided by one of its reviewers; <paramref name="by"/> picks which.</summary>
    public async Task DecideAsync(string stage, string outcome, string opinion, string? by = null)
    {
        var task = await OpenTaskAsync(stage);
        var user = by ?? task.GetProperty("assignee").GetString() ?? people.WithRole(task.GetProperty("role").GetString()!, task.GetProperty("organisationId").GetString()!)[0];
        var taskId = task.GetProperty("id").GetString();
        await api.PostAsync($"/api/v1/tasks/{taskId}/decide", user, new JsonObject { ["outcome"] = outcome, ["opinion"] = opinion });
        var decided = await api.GetAsync($"/api/v1/tasks/{taskId}", Applicant);
        Expect(decided.GetProperty("decidedBy").GetString() == user, $"{stage} 应由 {user} 办结，实际 {decided}");
        var word = decided.GetProperty("outcome").GetProperty("zh").GetString();
        await SayAsync(task.GetProperty("stageName").GetString()!, people.Full(user), $"{word}：{opinion}", outcome switch { "return" => "33", "reject" => "31", _ => "0" });
        await WhereAsync();
    }

    /// <summary>The applicant hands in what was asked for.</summary>
    public async Task SupplementAsync(string step, JsonElement data, string note)
    {
        await api.PostAsync($"/api/v1/cases/{id}/supplement", Applicant, new JsonObject { ["data"] = JsonNode.Parse(data.GetRawText()), ["note"] = note });
        await SayAsync(step, people.Full(Applicant), note);
        await WhereAsync();
    }

    public async Task<JsonElement> OpenTaskAsync(string stage)
    {
        var view = await ReadAsync();
        var open = view.GetProperty("stages").EnumerateArray().FirstOrDefault(s => s.GetProperty("stage").GetString() == stage);
        Expect(open.ValueKind == JsonValueKind.Object, $"应在环节 {stage}，实际 {view.GetProperty("stages")}");
        return await api.GetAsync($"/api/v1/tasks/{open.GetProperty("taskId").GetString()}", Applicant);
    }

    /// <summary>Lets time run through a task's escalation, printing each step as the history has it.</summary>
    public async Task<JsonElement> HistoryAsync() => (await api.GetAsync($"/api/v1/cases/{id}/history", Applicant)).GetProperty("items");

    public async Task<string> PanelAsync()
    {
        var panels = (await api.GetAsync($"/api/v1/panels?caseId={id}", "panel-secretary")).GetProperty("items");
        Expect(panels.GetArrayLength() > 0, "应已组成评审会");
        return panels.EnumerateArray().Last().GetProperty("id").GetString()!;
    }

    /// <summary>Prints a step with the messages that it caused.</summary>
    public async Task SayAsync(string step, string who, string what, string style = "0")
    {
        var now = await api.NowAsync();
        printer.Step(now, step, who, what, style);
        // What the step has caused, and what that causes, is delivered while the clock moves.
        for (var quiet = 0; quiet < 2; quiet++)
        {
            await api.AdvanceToAsync((await api.NowAsync()).AddSeconds(1));
            if (await PrintMessagesAsync() > 0)
                quiet = -1;
        }
    }

    public async Task WhereAsync()
    {
        var view = await ReadAsync();
        var (status, waits) = (view.GetProperty("status").GetProperty("zh").GetString()!, Waits(view));
        // 待补正 is the status and the stage at once.
        printer.Note($"→ {(waits.StartsWith(status, StringComparison.Ordinal) ? waits : waits.Length > 0 ? $"{status}，{waits}" : status)}");
    }

    // The case's number is said above and takes the room of what a message tells.
    private string Short(string text) => number.Length > 0 ? text.Replace($"（{number}）", "", StringComparison.Ordinal).Replace(number, "", StringComparison.Ordinal) : text;

    private async Task<int> PrintMessagesAsync()
    {
        var found = await NewMessagesAsync();
        foreach (var group in found.GroupBy(m => (m.Effect, m.Person)))
        {
            var channels = string.Join('·', group.Select(m => m.Channel switch { "sms" => "短信", "email" => "邮件", _ => "站内" }).Distinct());
            var text = group.OrderBy(m => m.Channel switch { "inapp" => 0, "sms" => 1, _ => 2 }).First();
            printer.Message(channels, people.Name(group.Key.Person), Short(text.Text));
        }
        return found.Count;
    }

    public static void Expect(bool holds, string what)
    {
        if (!holds)
            throw new DemoException(what);
    }

    public static string Day(DateTimeOffset end) => ChinaTime.DateOf(end.AddTicks(-1)).ToString("M月d日", CultureInfo.InvariantCulture);

    private static string Waits(JsonElement view) => string.Join("；", view.GetProperty("stages").EnumerateArray().Select(s =>
        $"待{s.GetProperty("name").GetString()}{(s.GetProperty("dueAt") is { ValueKind: JsonValueKind.String } due ? $"，期限 {Day(due.GetDateTimeOffset())}{(s.GetProperty("dueProvisional").GetBoolean() ? "（暂定）" : "")}" : "")}").Distinct());

    private async Task SkipMessagesAsync()
    {
        while ((await ReadMessagesAsync()).Count > 0) { }
    }

    private async Task<List<(string Effect, string Person, string Channel, string Text)>> NewMessagesAsync()
    {
        var found = new List<(string, string, string, string)>();
        while (await ReadMessagesAsync() is { Count: > 0 } more)
            found.AddRange(more);
        foreach (var (_, _, channel, _) in found)
            Messages[channel] = Messages.GetValueOrDefault(channel) + 1;
        return found;
    }

    private async Task<List<(string Effect, string Person, string Channel, string Text)>> ReadMessagesAsync()
    {
        var messages = new List<(string, string, string, string)>();
        foreach (var message in (await api.GetAsync($"/dev/messages?format=json&after={lastMessage}")).GetProperty("items").EnumerateArray())
        {
            lastMessage = message.GetProperty("sequence").GetInt64();
            // <effect>-<person>-<channel>
            var name = message.GetProperty("id").GetString()!;
            var channel = message.GetProperty("channel").GetString()!;
            messages.Add((name[..32], name[33..^(channel.Length + 1)], channel, message.GetProperty("text").GetString()!));
        }
        return messages;
    }
}
