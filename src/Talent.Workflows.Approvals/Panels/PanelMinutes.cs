using System.Globalization;
using System.Text;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>The minutes of a panel (评审纪要), Chinese first: who was invited, who stood aside, the figures, and how to check the draw. Nobody's vote.</summary>
internal static class PanelMinutes
{
    public static string Write(PanelRow panel, PanelCount count, IReadOnlyList<PanelAnswer> answers, IReadOnlyDictionary<string, string> names)
    {
        var draw = panel.Draw!;
        var recused = answers.Where(a => a.Recusal is not null).Select(a => a.ExpertId).ToArray();
        var present = answers.Where(a => a.Recusal is null).Select(a => a.ExpertId).ToArray();
        var text = new StringBuilder();
        Line($"{panel.StageName}纪要 Minutes");
        if (panel.MinutesNumber is { } number)
            Line($"编号 Number: {number}　第 {panel.Round} 轮 Round {panel.Round}");
        Line($"申报编号 Case: {panel.CaseNumber ?? panel.CaseId.ToString()}");
        Line($"开始 Opened: {Local(panel.OpenedAt)}　结束 Closed: {Local(panel.ClosedAt ?? panel.OpenedAt)}（{Why(panel.ClosedBy)}）");
        Line($"席位 Seats: {draw.Rules.Size}　未补足 Vacant: {draw.Vacant}");
        Line($"评审专家 Experts: {Names(draw.Seats.Select(s => s.ExpertId))}");
        if (draw.Additions?.SelectMany(a => a.Appointed).ToArray() is { Length: > 0 } appointed)
            Line($"指定专家 Appointed: {Names(appointed)}");
        Line($"投票专家 Present: {Names(present)}");
        Line($"回避专家 Recused: {Names(recused)}");
        Line($"应到 Invited {count.Invited}，实到 Present {count.Present}，法定人数 Quorum {count.QuorumNeeds}（{panel.Count.Quorum}）");
        Line($"赞成 Pass {count.Pass}，反对 Fail {count.Fail}，弃权 Abstain {count.Abstain}，通过需 Needed {count.PassNeeds}（{panel.Count.Pass}）");
        foreach (var score in count.Scores ?? [])
            Line(string.Create(CultureInfo.InvariantCulture, $"评分 Score {score.Criterion}：{score.Count} 人，最低 min {score.Min}，最高 max {score.Max}，平均 average {score.Average}"));
        foreach (var round in panel.Rounds)
            Line(round.Result is null
                ? $"第 {round.Round} 轮 Round {round.Round}: 密钥遗失，作废重投 voided, its key was lost（{(round.Voided is { } given ? Local(given.At) : "")}）"
                : $"第 {round.Round} 轮 Round {round.Round}: 赞成 {round.Result.Pass}，反对 {round.Result.Fail}，弃权 {round.Result.Abstain}，{OutcomeWords.Zh(round.Result.Outcome)} {OutcomeWords.En(round.Result.Outcome)}");
        Line($"结论 Result: {OutcomeWords.Zh(count.Outcome)} {OutcomeWords.En(count.Outcome)}");
        if (!panel.Parties.IsEmpty)
            Line($"抽取双方 Parties of the draw: {string.Join('、', panel.Parties.Select(p => p.Role))}，第 {panel.Attempt} 次完成 at attempt {panel.Attempt}");
        Line($"抽取种子 Seed: {draw.Seed}");
        Line($"专家库摘要 Pool SHA-256: {draw.PoolHash}");
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
        string Names(IEnumerable<string> ids) => ids.Select(id => names.GetValueOrDefault(id, id)).ToArray() is { Length: > 0 } list ? string.Join('、', list) : "无 none";
    }

    private static string Local(DateTimeOffset at) => at.ToOffset(ChinaTime.Offset).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Why(string? closedBy) => closedBy switch
    {
        PanelClosing.Complete => "全部专家已投票 all have voted",
        PanelClosing.Deadline => "投票期限届满 deadline",
        PanelClosing.Secretary => "评审秘书结束 by the secretary",
        _ => "专家不足 too few experts",
    };
}
