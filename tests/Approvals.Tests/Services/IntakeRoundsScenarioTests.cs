using System.Text.Json;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>The life of a case as the manuals tell it: Chaoyang 二 (待审核, 待复审, 未通过, 重新申请, 已完成) and Guangzhou 1.2.4 (撤回 before acceptance, 不予受理, 重新申报).</summary>
public sealed class IntakeRoundsScenarioTests() : ExampleScenarios("intake-rounds")
{
    private const string First = "unit-assets-reviewer-1", Second = "bureau-reviewer-1", Handler = "emp-metro-handler";

    [Fact]
    public Task Case_WhenItPassesBothReviews_ThenEachReaderHasTheirWordWhereItStands_Figure15To18_S3_R_CASE_9() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        Assert.Equal(("待审核", "待审核", "待初审"), await Words(filed, First));
        Assert.Equal("待初审", Assert.Single(await desk.As(First).Inbox("candidates"), t => t.CaseId == filed.Id).CaseStatus.Zh);
        Assert.Equal("待审核", (await Why(filed)).Zh);

        await Approve(filed, First);
        Assert.Equal(("待复审", "初审通过，待复审", "待复审"), await Words(filed, Second));

        await Approve(filed, Second);
        var status = (await filed.Read()).Status;
        Assert.Equal(("completed", "已完成", "仅表示区级审核通过，还需报市级部门研究审批。"), (status.Code, status.Zh, status.NoteZh));
        Assert.Equal(["draft 草稿", "pending_review 待审核", "pending_second_review 待复审", "completed 已完成"], (await filed.History()).Select(h => h.Status).OfType<Worded>().Select(w => $"{w.Code} {w.Zh}").Distinct());
        // A list is filtered by the code, whatever the word.
        Assert.Equal([filed.Id], (await List(desk, "completed")).Select(c => c.Id));
        Assert.Empty(await List(desk, "pending_review"));
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => Refile(filed))).Code);
    });

    [Fact]
    public Task Case_WhenNotPassedAtTheSecondReview_ThenTheNextRoundBeginsAtTheFirstWithAllOfItsDataAndMaterials_Figure17_S3_R_CASE_6() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        await Approve(filed, First);
        await Decide(filed, "reject", Second);
        var ended = await filed.Read();
        Assert.Equal(("未通过", "请查看审核意见了解未通过原因，修改后可重新申请。"), (ended.Status.Zh, ended.Status.NoteZh));
        Assert.Equal(("refile", "重新申请", "POST", $"/api/v1/cases/{filed.Id}/refile"), ended.NextActions.Select(a => (a.Action, a.Zh, a.Method, a.Href)).Single());

        var (again, leftOut) = await Refile(filed);

        var view = await again.Read();
        Assert.Empty(leftOut);
        Assert.Equal(("草稿", (short)2, filed.Id, null), (view.Status.Zh, view.Round, view.PreviousCaseId, view.NextCaseId));
        Assert.True(JsonElement.DeepEquals(ended.Data["1"], view.Data["1"]));
        Assert.Equal(await MaterialsOf(filed), await MaterialsOf(again));
        ended = await filed.Read();
        Assert.Equal((again.Id, 0), (ended.NextCaseId, ended.NextActions.Count));
        // Nobody but its filer knows of the draft.
        Assert.Null((await filed.Read(desk.As(First))).NextCaseId);

        await again.Submit();
        Assert.Equal(("待审核", "需求信息初审"), (await again.Status(), await Stages(again)));
        Assert.NotEqual(ended.Number, (await again.Read()).Number);
        Assert.Equal(again.Id, (await filed.Read(desk.As(First))).NextCaseId);
        // The reviewer sees how the round before was judged.
        var rounds = await desk.Get<CaseRoundReader>().ListAsync(desk.As(First).Caller, again.Id, default);
        Assert.Equal([(1, "未通过"), (2, "待初审")], rounds.Select(r => ((int)r.Round, r.Status.Zh)));
        Assert.Equal([("first-review", "approve"), ("second-review", "reject")], rounds[0].Opinions.Select(o => (o.Stage, o.Outcome.Code)));
        Assert.Equal(("经研究决定。", Second), (rounds[0].Opinions[1].Opinion, rounds[0].Opinions[1].By!.Id));
    });

    [Fact]
    public Task Case_WhenAcceptanceIsRefused_ThenItIsFiledAgain_Guangzhou_1_2_4_R_CASE_6() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        await Decide(filed, "refuse", First);
        Assert.Equal("不予受理", await filed.Status());

        var (second, _) = await Refile(filed);
        await second.Submit();
        await Decide(second, "reject", First);
        // The round that ended last is filed again, not one before.
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => Refile(filed));
        Assert.Equal((ErrorCodes.Conflict, second.Id), (refused.Code, refused.Facts["caseId"]));
        var (third, _) = await Refile(second);

        Assert.Equal(((short)3, second.Id), ((await third.Read()).Round, (await third.Read()).PreviousCaseId));
        Assert.Equal([1, 2, 3], (await desk.Get<CaseRoundReader>().ListAsync(third.Applicant.Caller, third.Id, default)).Select(r => (int)r.Round));
    });

    [Fact]
    public Task Withdrawal_WhenTheStageThatAcceptsHasPassed_ThenItIsTooLateAndTheRefusalSaysSinceWhen_Guangzhou_1_2_4_R_CASE_6() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        Assert.Contains("withdraw", (await filed.Read()).NextActions.Select(a => a.Action));
        // To ask for a correction isn't to accept.
        await Decide(filed, "return", First);
        await filed.Supplement(filed.Sample.Correction!.Data);
        await desk.AdvanceTo("2026-09-22 10:00");
        await Approve(filed, First);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw());
        Assert.Equal((ErrorCodes.WrongState, "业务已于2026年9月22日受理，不能撤回。"), (refused.Code, refused.MessageZh));
        Assert.Equal(CaseDesk.Local("2026-09-22 10:00"), refused.Facts["acceptedAt"]);
        Assert.DoesNotContain("withdraw", (await filed.Read()).NextActions.Select(a => a.Action));
        await Decide(filed, "reject", Second);
        Assert.Contains("结束", (await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw())).MessageZh, StringComparison.Ordinal);

        var (again, _) = await Refile(filed);
        await again.Submit();
        await again.Withdraw();
        Assert.Equal(("已撤回", "refile"), (await again.Status(), (await again.Read()).NextActions.Single().Action));
    });

    [Fact]
    public Task Correction_WhenItIsntHandedIn_ThenTheCaseEndsAndIsFiledAgain_R_REV_3_R_CASE_6() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        await Decide(filed, "return", First);
        await desk.AdvanceTo("2026-10-20 09:00");
        Assert.Equal("未通过", await filed.Status());

        Assert.Equal((short)2, (await (await Refile(filed)).Again.Read()).Round);
    });

    [Fact]
    public Task Case_WhenTheEmployerFiledIt_ThenItsHandlerFilesItAgain_S3_R_CASE_6_R_CASE_7() => Play(async desk =>
    {
        await desk.KeepMaterialsAsync(desk.Sample("01-li"));
        var created = await desk.Get<CaseCommands>().CreateAsync(desk.As(Handler).Caller, new NewCase { Service = desk.Service, ApplicantId = "applicant-li", Data = desk.Sample("01-li").Phase1 }, null, default);
        var filed = new FiledCase(desk, created.InstanceId, desk.Sample("01-li") with { Applicant = Handler });
        await filed.Submit();
        await Decide(filed, "reject", First);

        foreach (var stranger in (string[])["emp-water-handler", "applicant-lin", First])
            Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => Refile(filed with { Sample = filed.Sample with { Applicant = stranger } }))).Code);
        var (again, _) = await Refile(filed);
        await again.Submit();

        Assert.Equal(("applicant-li", Handler), ((await again.Read()).Applicant.Id, (await again.Read()).FiledBy));
    });

    private static async Task<(FiledCase Again, IReadOnlyList<Approvals.Cases.Forms.FormError> LeftOut)> Refile(FiledCase filed)
    {
        var (answer, leftOut) = await filed.Desk.Get<Refiling>().RefileAsync(filed.Applicant.Caller, filed.Id, null, null, default);
        return (filed with { Id = answer.InstanceId }, leftOut);
    }

    /// <summary>The word for the applicant, for the employer's people, and for a reviewer.</summary>
    private static async Task<(string, string, string)> Words(FiledCase filed, string reviewer) =>
        (await filed.Status(), (await filed.Read(filed.Desk.As("emp-metro-reviewer-1"))).Status.Zh, (await filed.Read(filed.Desk.As(reviewer))).Status.Zh);

    private static async Task<Worded> Why(FiledCase filed) => (await filed.Desk.Get<Approvals.Why.WhyReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default)).Status;

    private static async Task<IReadOnlyList<CaseSummary>> List(CaseDesk desk, string status) =>
        (await desk.Get<CaseReader>().ListAsync(desk.As(First).Caller, new CaseFilter(null, status, null, null, null, 50), default)).Items;

    private static Task<List<string>> MaterialsOf(FiledCase filed) =>
        filed.Desk.Rows($"select slot || ' ' || material_id from approvals.case_materials where case_id = '{filed.Id}' and removed_seq is null order by 1", r => r.GetString(0));
}
