using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>人才公寓联审: several people at a stage in every way there is, and who gets a stage.</summary>
public sealed class JointReviewScenarioTests() : ExampleScenarios("joint-review")
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2", Lawyer = "emp-metro-handler", Unit1 = "unit-assets-reviewer-1", Unit2 = "unit-assets-reviewer-2",
        Bureau1 = "bureau-reviewer-1", Bureau2 = "bureau-reviewer-2", First = "panel-secretary", Second = "notice-clerk", Above = "unit-assets-superior",
        Double = "unit-education-superior", Veto = "unit-health-superior", Single = "unit-culture-superior";

    /// <summary>The decisions of a case that everybody approves, in turn.</summary>
    private static readonly (string Stage, string[] Users)[] Way =
    [
        ("employer-check", [One, Two]), ("unit-sign", [Unit1]), ("unit-sign", [Unit2]), ("bureau-any", [Bureau2]), ("in-turn", [First]), ("in-turn", [Second]),
        ("level-up", [Above]), ("committee", [Double]), ("committee", [Veto]), ("committee", [Single]), ("final", [Bureau1]),
    ];

    [Fact]
    public Task Case_WhenEverybodyAgrees_ThenItPassesEveryStageOnceAndIsCompleted_R_REV_1_R_REV_6_R_REV_7() => Play(async desk =>
    {
        // The one who has least gets the second; nobody is the employer's lawyer, so that is skipped.
        var filed = await desk.SubmittedAsync();
        Assert.NotNull(await TaskOf(filed, One));
        var other = await desk.SubmittedAsync();
        Assert.NotNull(await TaskOf(other, Two));
        await Approve(filed, One);
        Assert.Equal("市局或签 归口单位会签", await Stages(filed));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.tasks where stage = 'legal-check'"));

        await Approve(filed, Unit2);
        await Approve(filed, Bureau2);
        // The other of the bureau has nothing left; the unit still has one to sign.
        Assert.Equal("cancelled decided_by_others", await Ended(filed, "bureau-any", Bureau1));
        Assert.Equal("归口单位会签", await Stages(filed));
        await Approve(filed, Unit1);

        Assert.Null(await TaskOf(filed, Second));
        await Approve(filed, First);
        await Approve(filed, Second);
        Assert.Equal(("unit.superior", "unit-assets"), await TaskOf(filed, Above) is { } up ? (up.Role, up.OrganisationId) : default);
        await Approve(filed, Above);

        // Two and one of five are the quorum only with a third member.
        await Approve(filed, Double);
        await Approve(filed, Veto);
        Assert.Equal("联席会议票签", await Stages(filed));
        await Approve(filed, Single);
        Assert.Equal("cancelled decided_by_others", await Ended(filed, "committee", Above));

        var last = (await TaskOf(filed, Bureau1))!;
        Assert.Equal(["材料齐全，同意", "同意配租"], (await desk.Get<OpinionCommands>().ListAsync(desk.As(Bureau1).Caller, last.Id, default)).Select(o => o.Zh));
        await Approve(filed, Bureau1);
        Assert.Equal("已办结", await filed.Status());
        Assert.Single(await desk.As("emp-metro-handler").Inbox("copied"), t => t.Id == last.Id);
        Assert.Single(await desk.As(Second).Inbox("copied"), t => t.Id == last.Id);
        Assert.Contains("case.completed → applicant-li", await filed.Told());
        Assert.Equal(11, (await filed.History()).Count(h => h.Action == "task.decided"));
    });

    [Fact]
    public Task Final_WhenTheFormAsksForAFamilyRoom_ThenTheExpressionNamesTheOther_R_REV_1() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(desk.Content.Services.Single().Samples.Single(s => s.Applicant == "applicant-huang"));
        await Approve(filed, "emp-water-reviewer-1", "emp-water-reviewer-2");
        foreach (var user in (string[])[Unit1, Unit2, Bureau1, First, Second, Above, Double, Veto, Single])
            await Approve(filed, user);

        Assert.Null(await TaskOf(filed, Bureau1));
        await Approve(filed, Bureau2);

        Assert.Equal("已办结", await filed.Status());
    });

    [Fact]
    public Task Final_WhenTheNamedOneHasDecidedBefore_ThenTheirSuperiorDecides_R_REV_9() => Play(async desk =>
    {
        var filed = await UpTo(desk, "bureau-any");
        await Approve(filed, Bureau1);
        foreach (var user in (string[])[First, Second, Above, Double, Veto, Single])
            await Approve(filed, user);

        Assert.Null(await TaskOf(filed, Bureau1));
        Assert.Equal("bureau.superior", (await TaskOf(filed, "bureau-superior"))!.Role);
        await Approve(filed, "bureau-superior");

        Assert.Equal("已办结", await filed.Status());
    });

    [Fact]
    public Task Stages_WhenTheyReturnTheCase_ThenItGoesWhereTheFlowSaysAndOnFromThere_R_REV_2() => Play(async desk =>
    {
        await desk.Execute($"insert into approvals.user_roles (user_id, role, organisation_id) values ('{Lawyer}', 'employer.lawyer', 'emp-metro')");
        var filed = await desk.SubmittedAsync();
        await Decide(filed, "return", One, Two);
        await Correct(filed, "用人单位初审");
        await Approve(filed, One, Two);
        await Decide(filed, "return", Lawyer);
        await Correct(filed, "用人单位初审");
        await Approve(filed, One, Two);
        await Approve(filed, Lawyer);

        // In one branch, while the other goes on.
        await Approve(filed, Unit1);
        await Decide(filed, "return", Unit2);
        Assert.Equal("市局或签 补正", await Stages(filed));
        await Approve(filed, Bureau2);
        await Correct(filed, "归口单位会签");
        await Approve(filed, Unit1);
        await Approve(filed, Unit2);
        Assert.Equal("业务处室依次会签", await Stages(filed));

        // Over the join, back to one branch: what the other has decided stands.
        await Approve(filed, First);
        await Decide(filed, "return", Second);
        Assert.Equal("归口单位会签", await Stages(filed));
        await Approve(filed, Unit1);
        await Approve(filed, Unit2);
        await Approve(filed, First);
        await Approve(filed, Second);
        await Decide(filed, "return", Above);
        Assert.Equal("业务处室依次会签", await Stages(filed));
        await Approve(filed, First);
        await Approve(filed, Second);
        await Approve(filed, Above);

        // Two for it, two against, one abstains: an even vote goes back.
        await Approve(filed, Double);
        await Decide(filed, "reject", Single);
        await Decide(filed, "abstain", Veto);
        await Decide(filed, "reject", Above);
        Assert.Equal("上级单位核定", await Stages(filed));
        await Approve(filed, Above);
        foreach (var user in (string[])[Double, Veto, Single])
            await Approve(filed, user);
        await Decide(filed, "return", Bureau1);
        Assert.Equal("用人单位初审", await Stages(filed));
        Assert.Equal("审核中", await filed.Status());
        await Approve(filed, One, Two);
        await Approve(filed, Lawyer);
        foreach (var user in (string[])[Unit1, Unit2, Bureau2, First, Second, Above, Double, Veto, Single, Bureau1])
            await Approve(filed, user);
        Assert.Equal("已办结", await filed.Status());
    });

    [Fact]
    public Task Branch_WhenItReturnsTheCaseBeforeTheFork_ThenTheOtherBranchEndsToo_R_REV_2() => Play(async desk =>
    {
        var filed = await UpTo(desk, "unit-sign");
        await Approve(filed, Unit1);

        await Decide(filed, "return", Bureau1);

        Assert.Equal("补正", await Stages(filed));
        Assert.StartsWith("cancelled ", await Ended(filed, "unit-sign", Unit2), StringComparison.Ordinal);
        await Correct(filed, "用人单位初审");
        await Approve(filed, One, Two);
        Assert.Equal("市局或签 归口单位会签", await Stages(filed));
        // Signed before the return, and asked again.
        Assert.NotNull(await TaskOf(filed, Unit1));
    });

    [Fact]
    public Task Branch_WhenItReturnsTheCaseToAnEarlierReviewAndBack_ThenTheOtherBranchGoesOnAndNothingBetweenRunsAgain_R_REV_2_R_REV_3() => Play(async desk =>
    {
        var filed = await UpTo(desk, "unit-sign");
        var asked = (await TaskOf(filed, Bureau1))!;
        var decide = (await desk.Get<TaskNextActions>().AddAsync(desk.As(Bureau1).Caller, asked, default)).NextActions.Single(a => a.Action == "decide");
        Assert.Equal([new ReturnTarget("applicant", "申报人", "the applicant"), new ReturnTarget("employer-check", "用人单位初审", "Employer check", ReturnWays.Here)], decide.ReturnTo!);
        Assert.Equal(decide.ReturnTo, (await filed.Read(desk.As(Bureau1))).NextActions.Single(a => a.Action == "decide" && a.TaskId == asked.Id).ReturnTo);
        var unknown = await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Bureau1).Decide(asked.Id, "return", "材料不实", "in-turn"));
        Assert.Equal((ErrorCodes.InvalidRequest, "return_to"), (unknown.Code, unknown.Facts["reason"]));
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Bureau1).Decide(asked.Id, "approve", "同意", "employer-check"))).Code);

        await desk.As(Bureau1).Decide(asked.Id, "return", "请核实社保记录", "employer-check");

        // The other branch isn't touched, and signs meanwhile.
        Assert.Equal("归口单位会签 用人单位初审", await Stages(filed));
        Assert.Equal("审核中", await filed.Status());
        await Approve(filed, Unit1);
        await Approve(filed, Unit2);
        Assert.Equal("用人单位初审", await Stages(filed));
        var (employer, answered) = await TaskOf(filed, One) is { } first ? (One, first) : (Two, (await TaskOf(filed, Two))!);
        await Approve(filed, employer);
        Assert.Equal("市局或签", await Stages(filed));
        Assert.Equal(1L, await desk.Scalar<long>($"select count(*) from approvals.tasks where case_id = '{filed.Id}' and stage = 'unit-sign' and decided_by = '{Unit1}'"));

        // The employer takes its approval back: who had asked waits again.
        await desk.Get<RecallCommands>().RecallAsync(desk.As(employer).Caller, answered.Id, null, default);
        Assert.Equal("用人单位初审", await Stages(filed));
        await Approve(filed, One, Two);
        // Who returned it has decided a stage too, and four eyes keep them from the last one.
        foreach (var user in (string[])[Bureau2, First, Second, Above, Double, Veto, Single, "bureau-superior"])
            await Approve(filed, user);
        Assert.Equal("已办结", await filed.Status());
    });

    [Fact]
    public Task Asked_WhenTheyRejectInsteadOfComingBack_ThenTheCaseEndsAndNobodyHasATaskLeft_R_REV_2_R_REV_3() => Play(async desk =>
    {
        var filed = await UpTo(desk, "unit-sign");
        await desk.As(Bureau1).Decide((await TaskOf(filed, Bureau1))!.Id, "return", "请核实社保记录", "employer-check");

        await Decide(filed, "reject", One, Two);

        Assert.Equal(("未通过", ""), (await filed.Status(), await Stages(filed)));
        Assert.StartsWith("cancelled ", await Ended(filed, "unit-sign", Unit2), StringComparison.Ordinal);
    });

    [Fact]
    public Task Return_WhenItIsRecalledBeforeTheEarlierReviewHasActed_ThenTheReturnerHasTheCaseAgain_R_REV_7() => Play(async desk =>
    {
        var filed = await UpTo(desk, "unit-sign");
        var asked = (await TaskOf(filed, Bureau1))!.Id;
        await desk.As(Bureau1).Decide(asked, "return", "请核实社保记录", "employer-check");
        Assert.Equal("归口单位会签 用人单位初审", await Stages(filed));

        await desk.Get<RecallCommands>().RecallAsync(desk.As(Bureau1).Caller, asked, null, default);

        Assert.Equal("市局或签 归口单位会签", await Stages(filed));
        Assert.Equal("cancelled recalled", await desk.Scalar<string>($"select 'cancelled ' || reason from approvals.tasks where case_id = '{filed.Id}' and stage = 'employer-check' and status = 3"));
        await Approve(filed, Bureau2);
        Assert.Equal("归口单位会签", await Stages(filed));
    });

    [Fact]
    public Task Stages_WhenTheyReject_ThenTheCaseEndsAndNobodyHasATaskLeft_R_REV_2() => Play(async desk =>
    {
        foreach (var stage in Way.Select(w => w.Stage).Distinct())
        {
            var filed = await UpTo(desk, stage);
            foreach (var user in stage == "unit-sign" ? (string[])[Unit1, Unit2] : stage == "committee" ? [Veto] : [.. Way.First(w => w.Stage == stage).Users])
                if (await TaskOf(filed, user) is not null)
                    await Decide(filed, "reject", user);

            Assert.Equal(("未通过", ""), (await filed.Status(), await Stages(filed)));
        }
        await desk.Execute($"insert into approvals.user_roles (user_id, role, organisation_id) values ('{Lawyer}', 'employer.lawyer', 'emp-metro')");
        var legal = await desk.SubmittedAsync();
        await Approve(legal, One, Two);
        await Decide(legal, "reject", Lawyer);
        Assert.Equal("未通过", await legal.Status());
    });

    [Fact]
    public Task Countersigning_WhenAllAreWaitedFor_ThenTheSeverestDecides_R_REV_6() => Play(async desk =>
    {
        var filed = await UpTo(desk, "unit-sign");

        await Decide(filed, "return", Unit1);
        Assert.NotNull(await TaskOf(filed, Unit2));
        await Decide(filed, "reject", Unit2);

        Assert.Equal("未通过", await filed.Status());
    });

    [Fact]
    public Task Vote_WhenItsTimeIsOver_ThenItIsCountedWithAQuorumAndWaitsWithout_R_REV_6() => Play(async desk =>
    {
        var (quorate, few) = (await UpTo(desk, "committee"), await UpTo(desk, "committee"));
        await Approve(quorate, Double);
        await Decide(quorate, "abstain", Single);
        await Decide(quorate, "reject", Above);
        await Approve(few, Double);

        // 22, 23, 24 September; 中秋 is off.
        await desk.AdvanceTo("2026-09-28 10:00");

        // Two of four present isn't more than half, and one is against.
        Assert.Equal(("未通过", "lapsed not_voted"), (await quorate.Status(), await Ended(quorate, "committee", Veto)));
        Assert.Equal("联席会议票签", await Stages(few));
        Assert.Contains($"task.overdue → {Veto}", await few.Told());
        await Approve(few, Veto);
        await Approve(few, Single);
        Assert.Equal("市局审定", await Stages(few));
    });

    [Fact]
    public Task Correction_WhenItIsNotHandedIn_ThenTheCaseIsDismissedFromEitherPlace_R_REV_3() => Play(async desk =>
    {
        var (first, second) = (await desk.SubmittedAsync(), await UpTo(desk, "unit-sign"));
        await Decide(first, "return", One, Two);
        await Decide(second, "return", Unit1);
        await Approve(second, Unit2);
        Assert.Equal("市局或签 补正", await Stages(second));

        await desk.AdvanceTo("2026-10-20 09:00");

        Assert.Equal(("退案", "退案"), (await first.Status(), await second.Status()));
        Assert.StartsWith("cancelled ", await Ended(second, "bureau-any", Bureau1), StringComparison.Ordinal);
    });

    [Fact]
    public Task Withdrawal_WhenSeveralAreAtWork_ThenAllTheirTasksEndUnlessTheBureauHasDecided_R_CASE_6() => Play(async desk =>
    {
        foreach (var stage in (string[])["employer-check", "unit-sign", "bureau-any"])
        {
            var filed = await UpTo(desk, stage);
            await filed.Withdraw();
            Assert.Equal(("已撤回", ""), (await filed.Status(), await Stages(filed)));
        }
        foreach (var stage in (string[])["in-turn", "committee", "final"])
        {
            var (filed, waits) = (await UpTo(desk, stage), Way.First(w => w.Stage == stage).Users[0]);
            Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw())).Code);
            Assert.NotNull(await TaskOf(filed, waits));
        }
    });

    /// <summary>A case that everybody has approved so far; the two branches of the middle count as one after the other.</summary>
    private static async Task<FiledCase> UpTo(CaseDesk desk, string stage)
    {
        var filed = await desk.SubmittedAsync();
        foreach (var (_, users) in Way.TakeWhile(w => w.Stage != stage))
            await Approve(filed, users);
        await Settle(desk);
        return filed;
    }

    private static async Task Correct(FiledCase filed, string back)
    {
        Assert.Equal("待补正", await filed.Status());
        await filed.Supplement(filed.Sample.Correction!.Data);
        Assert.Contains(back, await Stages(filed), StringComparison.Ordinal);
    }
}
