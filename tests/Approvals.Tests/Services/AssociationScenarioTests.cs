using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Employers.Associations;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.Employers.Associations.EmploymentDesk;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>关联单位, as figures 13 and 14 of the personal manual and 14 to 17 of the employer's show it.</summary>
public sealed class AssociationScenarioTests() : ExampleScenarios("association")
{
    private protected override Task<CaseDesk> OpenAsync() => EmploymentDesk.OpenAsync();

    [Fact]
    public Task Person_WhenTheEmployerOfTheirCodeConfirms_ThenTheyWorkThereAndOtherServicesAreOpen_R_EMP_4_S6() => Play(async desk =>
    {
        var gao = await desk.CitizenAsync("citizen-gao");
        // 您未关联单位，请点击进行关联
        Assert.Equal((ErrorCodes.FilingRefused, (object)"not_associated"), await RefusedAsync(() => desk.DraftTitleAsync(gao)));

        // 图13 查询: typed as people do.
        var code = await desk.CodeAsync();
        var found = await desk.Get<AssociationCodes>().LookUpAsync(desk.As(gao).Caller, $" {code[..5].ToLowerInvariant()}-{code[5..]} ", default);
        Assert.Equal(new FoundEmployer("示例市城市运行集团有限公司", "Shili City Operation Group Co., Ltd.", "91119900MA0000218L"), found);

        // 图14 申请关联
        var filed = await desk.AskAsync(gao, code);
        Assert.Equal("待审核", await filed.Status());
        Assert.Equal("用人单位确认", (await filed.Waiting()).Name);
        Assert.Equal(["case.submitted → citizen-gao", $"stage.opened → {Handler}"], (await filed.Told()).Order(StringComparer.Ordinal));

        // 图14、15 待确认
        var pending = await desk.EmployeesAsync(new EmployeeSearch("pending"));
        var asks = Assert.Single(pending.Items);
        Assert.Equal((1L, "高示例", "199****7001"), (pending.Counts.Pending, asks.Name, asks.Phone));

        // 图16 通过
        var task = asks.TaskId!.Value;
        var commands = desk.Get<TaskCommands>();
        Assert.Equal(ErrorCodes.InvalidForm, (await RefusedAsync(() => commands.DecideAsync(desk.As(Handler).Caller, task, "approve", null, null, null, default))).Code);
        var wrong = await Assert.ThrowsAsync<WorkflowException>(() => commands.DecideAsync(desk.As(Handler).Caller, task, Approval(Work with { Position = null, ContractTo = "2020-01-01" }), null, null, default));
        Assert.Equal((ErrorCodes.InvalidForm, "待审核"), (wrong.Code, await filed.Status()));
        await desk.ConfirmAsync(filed);

        Assert.Equal(("已办结", Employer), (await filed.Status(), await desk.EmployerOfAsync(gao)));
        Assert.Contains("case.completed → citizen-gao", await filed.Told());
        var now = await desk.EmployeesAsync(new EmployeeSearch(Name: "高"));
        var works = Assert.Single(now.Items);
        Assert.Equal(("设备部", "工程师", new DateOnly(2026, 9, 1), new DateOnly(2029, 8, 31)), (works.Department, works.Position, works.ContractFrom, works.ContractTo));
        Assert.Equal(0L, now.Counts.Pending);
        Assert.Equal("示例市城市运行集团有限公司", (await desk.Get<EmployeeReader>().ReadOwnAsync(desk.As(gao).Caller, default)).Current!.Employer.NameZh);
        var said = Assert.Single(await desk.Get<Approvals.Reviews.Deciding.DecisionForms>().ListAsync(filed.Id, default));
        Assert.Equal((Handler, "工程师"), (said.SavedBy, said.Data.GetProperty("position").GetString()));
        await (await desk.DraftTitleAsync(gao)).Submit();
    });

    [Fact]
    public Task Handler_WhenTheyReject_ThenItTakesAReasonAndThePersonIsToldAndMayAskAgain_R_EMP_4_S6() => Play(async desk =>
    {
        var gao = await desk.CitizenAsync("citizen-gao");
        var filed = await desk.AskAsync(gao);

        // 图17 拒绝
        Assert.Equal(ErrorCodes.InvalidRequest, (await RefusedAsync(() => desk.As(Handler).Reject(filed, " "))).Code);
        await desk.As(Handler).Reject(filed, "经核对，不是本单位在职人员");

        Assert.Equal(("未通过", ""), (await filed.Status(), await desk.EmployerOfAsync(gao)));
        Assert.Contains("case.rejected → citizen-gao", await filed.Told());
        await desk.ConfirmAsync(await desk.AskAsync(gao));
        Assert.Equal(Employer, await desk.EmployerOfAsync(gao));
    });

    [Fact]
    public Task Person_WhenTheyHaveAskedOrWorkSomewhere_ThenTheyDontAskTwice_S6() => Play(async desk =>
    {
        var gao = await desk.CitizenAsync("citizen-gao");
        var first = await desk.AskAsync(gao);
        var second = await desk.BeginAsync(gao);

        Assert.Equal((ErrorCodes.Conflict, (object)"association_pending"), await RefusedAsync(second.Submit));
        await first.Withdraw();
        await second.Submit();
        var third = await desk.BeginAsync(gao);
        await desk.ConfirmAsync(second);

        // By the rules that the catalogue shows.
        Assert.Equal((ErrorCodes.FilingRefused, (object)"associated_elsewhere"), await RefusedAsync(third.Submit));
        Assert.Equal((ErrorCodes.FilingRefused, (object)"associated_elsewhere"), await RefusedAsync(() => desk.BeginAsync("applicant-li")));
        Assert.Equal((ErrorCodes.Forbidden, null), await RefusedAsync(() => desk.EmployeesAsync(new EmployeeSearch(), "emp-water-handler")));
    });

    [Fact]
    public Task Catalogue_WhenSomebodyIsAssociated_ThenTheServiceIsShutToThemForTheReasonThatFilingGives_R_CAT_1_S6() => Play(async desk =>
    {
        var (gao, catalogue) = (await desk.CitizenAsync("citizen-gao"), desk.Get<CatalogueReader>());
        Assert.True((await catalogue.ReadAsync(desk.As(gao).Caller, "association", gao, null, default)).Open);
        await desk.ConfirmAsync(await desk.AskAsync(gao));

        var shown = await catalogue.ReadAsync(desk.As(gao).Caller, "association", gao, null, default);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.BeginAsync(gao));
        var told = Assert.Single(Assert.IsAssignableFrom<IReadOnlyList<FilingReason>>(refused.Facts["reasons"]));
        Assert.Equal((false, told), (shown.Open, Assert.Single(shown.Reasons)));
        Assert.Equal((ErrorCodes.FilingRefused, FilingReasonCodes.AssociatedElsewhere, Employer, "/api/v1/catalogue/dissociation"), (refused.Code, told.Code, told.EmployerId, told.Remedy.Href));
        Assert.Contains("请先解除原关联", refused.MessageZh, StringComparison.Ordinal);
        Assert.True((await catalogue.ReadAsync(desk.As(gao).Caller, "dissociation", gao, null, default)).Open);
        // Who holds office with an employer has no association, and none to ask for.
        Assert.Equal((ErrorCodes.FilingRefused, (object)FilingReasonCodes.AssociatedElsewhere), await RefusedAsync(() => desk.BeginAsync(Handler)));
    });

    [Fact]
    public Task Code_WhenItIsReplaced_ThenTheOldOneStopsAtOnceAndARequestBegunWithItIsntSent_S6() => Play(async desk =>
    {
        var (gao, codes) = (await desk.CitizenAsync("citizen-gao"), desk.Get<AssociationCodes>());
        var before = await desk.CodeAsync();
        var begun = await desk.BeginAsync(gao, before);
        var key = new Talent.Workflows.Runtime.Instances.Idempotency("key:test", "once", [1]);

        var after = (await codes.ReplaceAsync(desk.As(Handler).Caller, Employer, key, default)).Code;

        Assert.Equal(after, (await codes.ReplaceAsync(desk.As(Handler).Caller, Employer, key, default)).Code);
        Assert.Equal((after, false), (await desk.CodeAsync(), after == before));
        Assert.Equal((ErrorCodes.WrongState, (object)"association_code"), await RefusedAsync(begun.Submit));
        var old = await Assert.ThrowsAsync<WorkflowException>(() => codes.LookUpAsync(desk.As(gao).Caller, before, default));
        var never = await Assert.ThrowsAsync<WorkflowException>(() => codes.LookUpAsync(desk.As(gao).Caller, "22222", default));
        Assert.Equal((ErrorCodes.NotFound, never.Message, 0), (old.Code, old.Message, old.Facts.Count));
        await (await desk.BeginAsync(gao, after)).Submit();
        Assert.Equal(ErrorCodes.Forbidden, (await RefusedAsync(() => codes.ReadAsync(desk.As("emp-water-handler").Caller, Employer, default))).Code);
    });

    [Fact]
    public Task Code_WhenSomebodyGuesses_ThenTheyAreCountedInTheDatabaseAndOthersArent_S6() => Play(async desk =>
    {
        var (gao, codes, code) = (await desk.CitizenAsync("citizen-gao"), desk.Get<AssociationCodes>(), await desk.CodeAsync());
        for (var i = 0; i < 10; i++)
            Assert.Equal(ErrorCodes.NotFound, (await RefusedAsync(() => codes.LookUpAsync(desk.As(gao).Caller, AssociationCode.New(), default))).Code);

        var limited = await Assert.ThrowsAsync<WorkflowException>(() => codes.LookUpAsync(desk.As(gao).Caller, code, default));

        Assert.Equal((ErrorCodes.RateLimited, (object?)3600), (limited.Code, limited.Facts["retryAfterSeconds"]));
        Assert.Equal(ErrorCodes.RateLimited, (await RefusedAsync(() => desk.BeginAsync(gao, code))).Code);
        await codes.LookUpAsync(desk.As("applicant-wang").Caller, code, default);
        desk.Time.SetTo(CaseDesk.Local("2026-09-21 10:01"));
        await codes.LookUpAsync(desk.As(gao).Caller, code, default);
    });

    [Fact]
    public Task Handlers_WhenOneApprovesWhileAnotherRejects_ThenOneWinsAndTheOtherLearnsWhoDecidedWhen_R_EMP_4_S6() => Play(async desk =>
    {
        await desk.Execute($"insert into approvals.user_roles values ('{Second}', 'employer.handler', '{Employer}')");
        for (var round = 0; round < 8; round++)
        {
            var filed = await desk.AskAsync(await desk.CitizenAsync($"citizen-{round}"));
            var task = (await filed.Waiting()).TaskId;
            using var together = new Barrier(2);

            var answers = await Task.WhenAll(new[] { (Handler, Approval()), (Second, new DecideTask { Outcome = "reject", Opinion = "不是本单位人员" }) }.Select(way => Task.Run(async () =>
            {
                together.SignalAndWait();
                try
                {
                    return (By: way.Item1, Won: await desk.Get<TaskCommands>().DecideAsync(desk.As(way.Item1).Caller, task, way.Item2, null, null, default), Lost: (WorkflowException?)null);
                }
                catch (WorkflowException e)
                {
                    return (By: way.Item1, Won: (DecisionReceipt)null!, Lost: (WorkflowException?)e);
                }
            })));

            var won = Assert.Single(answers, a => a.Lost is null);
            var lost = Assert.Single(answers, a => a.Lost is not null).Lost!;
            Assert.Equal((ErrorCodes.TaskClosed, won.By, won.Won.Outcome, won.Won.DecidedAt), (lost.Code, (string)lost.Facts["decidedBy"]!, (string)lost.Facts["outcome"]!, (DateTimeOffset)lost.Facts["decidedAt"]!));
            Assert.Equal(won.Won.Outcome == "approve" ? Employer : "", await desk.EmployerOfAsync($"citizen-{round}"));
            Assert.Equal(won.Won.Outcome == "approve" ? 1L : 0L, await desk.Scalar<long>($"select count(*) from approvals.associations where user_id = 'citizen-{round}'"));
        }
    });
}
