using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Server.Demo;

/// <summary>The second sample: everybody agrees until the panel doesn't.</summary>
internal sealed class RejectedStory(DemoApi api, DemoPeople people, DemoPrinter printer, ApprovalContent content)
{
    public async Task TellAsync()
    {
        var sample = content.Get("political-work-title").Samples.First(s => s.Course == "rejected-by-panel");
        var story = new DemoCase(api, people, printer, content.Calendar, sample);
        printer.Title($"第二件：{sample.Zh}");
        printer.Note(sample.En);
        await story.WaitAsync(1);
        await story.FileAsync();
        foreach (var (stage, opinion) in ((string, string)[])[("employer-review", "情况属实，同意推荐。"), ("unit-review", "符合申报条件，同意。")])
        {
            await story.WaitAsync(1);
            await story.DecideAsync(stage, "approve", opinion);
        }
        await story.WaitAsync(1);
        await story.SupplementAsync("完善材料", sample.Phase2!.Value, "已填写工作总结、考核和成果。");
        foreach (var (stage, opinion) in ((string, string)[])[("employer-review-2", "复核无误，同意。"), ("unit-review-2", "复核无误，同意上报。"), ("bureau-review", "符合评审条件，提交专家评审。")])
        {
            await story.WaitAsync(1);
            await story.DecideAsync(stage, "approve", opinion);
        }
        await new PanelScene(api, people, story).PlayAsync(recusal: false, passing: 1);
        var ended = await story.ReadAsync();
        DemoCase.Expect(ended.GetProperty("status").GetProperty("code").GetString() == "rejected" && ended.GetProperty("stages").GetArrayLength() == 0, $"应已结束，实际 {ended.GetProperty("status")}");
        await story.SayAsync("结束", "系统", ended.GetProperty("status").GetProperty("zh").GetString()!, "1;31");
        printer.Note($"{ended.GetProperty("number").GetString()} {ended.GetProperty("status").GetProperty("zh").GetString()}：历史 {(await story.HistoryAsync()).GetArrayLength()} 条，消息 {CompletedStory.Counts(story)}");
    }
}
