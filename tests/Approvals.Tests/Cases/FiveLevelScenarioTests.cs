using System.Text.Json;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>政工职评, the reviews of both phases, as the office would tell it.</summary>
public sealed class FiveLevelScenarioTests
{
    [Theory]
    [InlineData(true, "市局预审")]
    [InlineData(false, "完善材料")]
    public async Task Precheck_WhenTheServiceSwitchesIt_ThenTheCaseTakesThatWay_R_CASE_9(bool on, string stage)
    {
        await using var desk = await CaseDesk.OpenAsync(Panels.PanelDesk.ShippedDefinition, folder =>
        {
            var file = Path.Combine(folder, "service.json");
            var text = File.ReadAllText(file);
            Assert.Contains("\"bureauPrecheck\": false", text, StringComparison.Ordinal);
            File.WriteAllText(file, text.Replace("\"bureauPrecheck\": false", $"\"bureauPrecheck\": {(on ? "true" : "false")}", StringComparison.Ordinal));
        });
        var filed = await desk.SubmittedAsync();

        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);

        Assert.Equal(stage, (await filed.Waiting()).Name);
    }

    /// <remarks>图21: 是否免考, its kind and its reason, at the preview.</remarks>
    [Fact]
    public async Task Exemption_WhenItIsAskedFor_ThenItTakesKindReasonAndProofAndEveryReviewerSeesIt_R_CASE_8()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var sample = desk.Content.Get("political-work-title").Samples.First(s => s.Phase2 is not null && s.Phase1.TryGetProperty("examExempt", out var exempt) && exempt.ValueKind == JsonValueKind.True);
        var filed = await desk.DraftAsync(sample);
        await Save("exemptionType", "exemptionReason");
        Assert.Superset(new HashSet<string> { "exemptionType: required", "exemptionReason: required" }, (await Filings.FilingDesk.Refused(filed.Submit)).ToHashSet());
        await Save();
        await filed.Submit();

        string[] reviewers = ["emp-university-reviewer-1", "unit-education-reviewer-1"];
        await SeenBy("1", reviewers);
        foreach (var reviewer in reviewers)
            await desk.As(reviewer).Approve(filed);
        await filed.Supplement(sample.Phase2!.Value);
        foreach (var reviewer in reviewers)
            await desk.As(reviewer).Approve(filed);
        await SeenBy("1", "bureau-reviewer-1");

        Task Save(params string[] without)
        {
            var data = System.Text.Json.Nodes.JsonNode.Parse(sample.Phase1.GetRawText())!.AsObject();
            foreach (var field in without)
                data.Remove(field);
            return desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, JsonSerializer.SerializeToElement(data), null, default);
        }

        async Task SeenBy(string phase, params string[] users)
        {
            foreach (var user in users)
                foreach (var field in (string[])["examExempt", "exemptionType", "exemptionReason"])
                    Assert.Equal(sample.Phase1.GetProperty(field).ToString(), (await filed.Read(desk.As(user))).Data[phase].GetProperty(field).ToString());
        }
    }

    [Fact]
    public async Task Case_WhenEveryLevelApproves_ThenItIsCompleted_R_CASE_1_R_CASE_10_R_REV_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.DraftAsync();
        Assert.Equal("草稿", await filed.Status());

        await filed.Submit();
        var view = await filed.Read();
        Assert.Equal("待审核", view.Status.Zh);
        Assert.True(CaseNumber.TryParse(view.Number, out var number, out _), view.Number);
        Assert.Equal(("ZGZP", "119900", 2026, 1L), (number.Service, number.Region, number.Year, number.Serial));
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);

        await desk.As("emp-metro-reviewer-1").Approve(filed);
        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        await desk.As("unit-assets-reviewer-2").Approve(filed);
        Assert.Equal("待完善材料", await filed.Status());

        await filed.Supplement(filed.Sample.Phase2!.Value);
        Assert.Equal("审核中", await filed.Status());
        await desk.As("emp-metro-reviewer-2").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        await desk.As("bureau-reviewer-1").Approve(filed, "符合条件");
        Assert.Equal("已办结", await filed.Status());
        Assert.Empty((await filed.Read()).Stages);

        var history = await filed.History();
        Assert.Equal(["case.created", "case.confirmed", "case.submitted", "task.decided", "task.decided", "case.supplemented", "task.decided", "task.decided", "task.decided"], history.Select(h => h.Action));
        var last = history[^1];
        Assert.Equal(("市局审核", "bureau-reviewer-1", "通过", "符合条件", "in_review", "completed"), (last.StageName, last.User!.Id, last.Outcome!.Zh, last.Opinion, last.FromStatus, last.ToStatus));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);

        var told = await filed.Told();
        Assert.Contains("case.submitted → applicant-li", told);
        Assert.Contains("stage.opened → emp-metro-reviewer-1", told);
        Assert.Contains("stage.opened → emp-metro-reviewer-2", told);
        Assert.Contains("stage.approved → applicant-li", told);
        Assert.Contains("phase2.opened → applicant-li", told);
        Assert.Contains("case.completed → applicant-li", told);
        Assert.DoesNotContain(told, t => t.StartsWith("stage.opened → emp-water", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Return_WhenTheApplicantCorrects_ThenTheStageThatReturnedReviewsAgain_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Return(filed, filed.Sample.Correction!.Opinion);
        Assert.Equal("待补正", await filed.Status());
        Assert.Equal("补正", (await filed.Waiting()).Name);

        await filed.Supplement(filed.Sample.Correction.Data, "已补盖公章");

        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        var data = (await filed.Read()).Data["1"];
        Assert.Equal(filed.Sample.Correction.Data.GetProperty("workExperience")[0].GetProperty("proofFile").GetString(), data.GetProperty("workExperience")[0].GetProperty("proofFile").GetString());
        Assert.Equal("李示例", data.GetProperty("name").GetString());
        Assert.Contains(await filed.History(), h => h.Opinion == filed.Sample.Correction.Opinion && h.Outcome!.Code == "return");
        await filed.Told();
        Assert.Contains(desk.Sent, m => m.Channel == "email" && m.To == "applicant-li@talent.example.org" && m.Text.Contains(filed.Sample.Correction.Opinion, StringComparison.Ordinal));
        Assert.All(desk.Sent.Where(m => m.Text.Contains("退回补正", StringComparison.Ordinal)), m => Assert.Contains("在归口单位审核环节被退回补正", m.Text, StringComparison.Ordinal));
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        Assert.Equal("待完善材料", await filed.Status());
    }

    [Fact]
    public async Task Correction_WhenNotSuppliedInTime_ThenTheCaseIsClosed_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "证明不清晰");

        await desk.AdvanceTo("2026-10-20 09:00");

        Assert.Equal("未通过", await filed.Status());
        var told = await filed.Told();
        Assert.Contains("supplement.due_soon → applicant-li", told);
        Assert.Contains("case.rejected → applicant-li", told);
        Assert.Equal("lapsed", await desk.Scalar<string>("select reason from approvals.tasks where status = 4"));
    }

    [Fact]
    public async Task Case_WhenRejected_ThenItEnds_R_REV_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();

        await desk.As("emp-metro-reviewer-1").Reject(filed, "不符合申报条件");

        var view = await filed.Read();
        Assert.Equal("未通过", view.Status.Zh);
        Assert.NotNull(view.EndedAt);
        Assert.Equal(["refile"], view.NextActions.Select(a => a.Action));
        await filed.Told();
        Assert.Contains(desk.Sent, m => m.Channel == "email" && m.Text.Contains("不符合申报条件", StringComparison.Ordinal));
    }
}
