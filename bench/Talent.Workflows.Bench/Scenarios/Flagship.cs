using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Bench.Measuring;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>
/// Whole cases of the political-work title, both phases, through the API: filing, six reviews, materials, panel with draw and
/// ballots, and a public notice, which ends when the business clock has passed its five working days.
/// </summary>
internal sealed class Flagship(ServerProcess server, Report report, ApprovalContent content)
{
    private const int Callers = 8;

    public async Task RunAsync(int cases)
    {
        var sample = content.Get("political-work-title").Samples.First(s => s.Course == "completed");
        // Code and plans warm.
        await NoticedAsync(sample);
        var clock = Stopwatch.StartNew();
        var ids = new string[cases];
        var figures = await Load.TimesAsync(Callers, cases, async i => ids[i] = await NoticedAsync(sample));
        var advanced = Stopwatch.GetTimestamp();
        await server.PostAsync("/dev/clock", null, new JsonObject { ["by"] = "10wd" });
        foreach (var id in ids)
            while (await StatusAsync(id, sample.Applicant) is var status && status != "completed")
                await Task.Delay(20);
        Report.Note($"flagship: {cases} cases to the notice in {clock.Elapsed.TotalSeconds - Stopwatch.GetElapsedTime(advanced).TotalSeconds:0.0} s, all notices closed {Stopwatch.GetElapsedTime(advanced).TotalSeconds:0.0} s after the clock moved");
        report.Add(Row.Of("flagship_cases_per_second", "http", Callers, figures with { PerSecond = cases / clock.Elapsed.TotalSeconds }));
    }

    /// <summary>Takes a case up to its public notice.</summary>
    private async Task<string> NoticedAsync(ServiceSample sample)
    {
        var draft = await server.PostAsync("/api/v1/cases", sample.Applicant, new JsonObject { ["service"] = "political-work-title", ["data"] = JsonNode.Parse(sample.Phase1.GetRawText()) });
        var id = draft.GetProperty("id").GetString()!;
        await server.PostAsync($"/api/v1/cases/{id}/confirmations/classified", sample.Applicant);
        await server.PostAsync($"/api/v1/cases/{id}/submit", sample.Applicant);
        await ApproveAsync(id, sample.Applicant, "employer-review", "unit-review");
        await server.PostAsync($"/api/v1/cases/{id}/supplement", sample.Applicant, new JsonObject { ["data"] = JsonNode.Parse(sample.Phase2!.Value.GetRawText()), ["note"] = "已完善材料。" });
        await ApproveAsync(id, sample.Applicant, "employer-review-2", "unit-review-2", "bureau-review");

        var panel = "";
        while (panel.Length == 0)
            if ((await server.GetAsync($"/api/v1/panels?caseId={id}", "panel-secretary")).GetProperty("items").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } found
                && found.GetProperty("status").GetString() != "drawing")
                panel = found.GetProperty("id").GetString()!;
            else
                await Task.Delay(5);
        var experts = (await server.GetAsync($"/api/v1/panels/{panel}", "panel-secretary")).GetProperty("experts").EnumerateArray()
            .Where(e => e.GetProperty("state").GetString() == "waiting").Select(e => e.GetProperty("id").GetString()!).ToList();
        foreach (var expert in experts)
            await server.PostAsync($"/api/v1/panels/{panel}/ballot", expert, new JsonObject { ["vote"] = "pass", ["comment"] = "符合条件，同意。" });
        while (await StatusAsync(id, sample.Applicant) is var status && status != "notice")
            await Task.Delay(5);
        return id;
    }

    private async Task ApproveAsync(string id, string applicant, params string[] stages)
    {
        foreach (var stage in stages)
        {
            var view = await server.GetAsync($"/api/v1/cases/{id}", applicant);
            var open = view.GetProperty("stages").EnumerateArray().First(s => s.GetProperty("stage").GetString() == stage);
            var task = await server.GetAsync($"/api/v1/tasks/{open.GetProperty("taskId").GetString()}", applicant);
            var reviewer = content.Directories.SelectMany(d => d.WithRole(task.GetProperty("role").GetString()!, task.GetProperty("organisationId").GetString()!)).First().Id;
            await server.PostAsync($"/api/v1/tasks/{open.GetProperty("taskId").GetString()}/decide", reviewer, new JsonObject { ["outcome"] = "approve", ["opinion"] = "同意。" });
        }
    }

    private async Task<string> StatusAsync(string id, string applicant) =>
        (await server.GetAsync($"/api/v1/cases/{id}", applicant)).GetProperty("status").GetProperty("code").GetString()!;
}
