using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Demo;

/// <summary>The expert panel: draw, a recusal when asked for, ballots, and the secretary closes.</summary>
internal sealed class PanelScene(DemoApi api, DemoPeople people, DemoCase story)
{
    private const string Secretary = "panel-secretary";

    /// <param name="passing">Experts that vote for it; the others vote against.</param>
    public async Task PlayAsync(bool recusal, int passing)
    {
        var id = await story.PanelAsync();
        // Drawing and counting are the server's work after the decision.
        var panel = await UntilAsync(id, "drawing");
        DemoCase.Expect(panel.GetProperty("status").GetString() == "open", $"评审会应已开始，实际 {panel}");
        await story.SayAsync("专家抽取", people.Full(Secretary), $"抽取 {panel.GetProperty("seats").GetInt32()} 人：{Names(panel, "waiting")}");
        if (recusal)
        {
            await story.WaitAsync(0);
            var before = Experts(panel, "waiting");
            var leaving = before[0];
            await api.PostAsync($"/api/v1/panels/{id}/recuse", leaving, new JsonObject { ["reason"] = "曾与申报人合作署名" });
            await story.SayAsync("专家回避", people.Full(leaving), "申请回避：曾与申报人合作署名", "33");
            panel = await ReadAsync(id);
            for (var tries = 0; tries < 50 && Experts(panel, "waiting").Count < before.Count; tries++)
                panel = await MoveOnAsync(id);
            var joined = Experts(panel, "waiting").Except(before).ToList();
            DemoCase.Expect(Experts(panel, "recused").Contains(leaving) && joined.Count == 1, $"应有一人回避、一人递补，实际 {panel.GetProperty("experts")}");
            await story.SayAsync("专家递补", people.Full(joined[0]), $"按抽取顺序接替{people.Name(leaving)}");
        }
        await story.WaitAsync(1);
        var voters = Experts(panel, "waiting");
        for (var i = 0; i < voters.Count; i++)
            await api.PostAsync($"/api/v1/panels/{id}/ballot", voters[i], new JsonObject { ["vote"] = i < passing ? "pass" : "fail", ["comment"] = i < passing ? "符合条件，同意。" : "代表性成果不足。" });
        panel = await ReadAsync(id);
        DemoCase.Expect(panel.GetProperty("cast").GetInt32() == voters.Count, $"应有 {voters.Count} 票，实际 {panel.GetProperty("cast")}");
        story.Printer.Step(await api.NowAsync(), "专家投票", $"{voters.Count} 位专家", $"无记名投票，收到 {voters.Count} 票，法定 {panel.GetProperty("quorum").GetInt32()} 票");
        // The last ballot closes the panel; with seats left empty the secretary does.
        if (panel.GetProperty("nextActions").EnumerateArray().Any(a => a.GetProperty("action").GetString() == "close"))
            await api.PostAsync($"/api/v1/panels/{id}/close", Secretary);
        await UntilAsync(id, "counting", "open");
        var result = await api.GetAsync($"/api/v1/panels/{id}/result", Secretary);
        var count = result.GetProperty("count");
        var (pass, fail) = (count.GetProperty("pass").GetInt32(), count.GetProperty("fail").GetInt32());
        DemoCase.Expect(pass == passing && fail == voters.Count - passing, $"计票不符：{result}");
        var passed = result.GetProperty("outcome").GetString() == "passed";
        DemoCase.Expect(passed == (passing * 3 >= voters.Count * 2), $"评审结果不符：{result}");
        await story.SayAsync("评审结果", people.Full(Secretary), $"{result.GetProperty("outcomeZh").GetString()}（{pass} 票同意，{fail} 票不同意）", passed ? "32" : "31");
    }

    private async Task<JsonElement> UntilAsync(string id, params string[] passing)
    {
        var panel = await ReadAsync(id);
        for (var tries = 0; tries < 50 && passing.Contains(panel.GetProperty("status").GetString()); tries++)
            panel = await MoveOnAsync(id);
        return panel;
    }

    private async Task<JsonElement> MoveOnAsync(string id)
    {
        await api.AdvanceToAsync((await api.NowAsync()).AddSeconds(1));
        return await ReadAsync(id);
    }

    private Task<JsonElement> ReadAsync(string id) => api.GetAsync($"/api/v1/panels/{id}", Secretary);

    private static List<string> Experts(JsonElement panel, string state) =>
        [.. panel.GetProperty("experts").EnumerateArray().Where(e => e.GetProperty("state").GetString() == state).Select(e => e.GetProperty("id").GetString()!)];

    private string Names(JsonElement panel, string state) => string.Join("、", Experts(panel, state).Select(people.Name));
}
