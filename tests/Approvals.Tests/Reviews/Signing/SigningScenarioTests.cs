using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Reviews.Signing;

/// <summary>Several people at one stage, on the database. Submitted on Monday 2026-09-21 at 09:00.</summary>
public sealed class SigningScenarioTests
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2", Bureau = "bureau-reviewer-1", Water = "emp-water-reviewer-1";

    [Fact]
    public async Task Countersigning_WhenAllApprove_ThenTheStageIsPassedByTheLast_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}"]""")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal(2, (await filed.Read()).Stages.Count);
        await desk.As(One).Decide(await TaskOf(desk, One), "approve", "同意");
        var left = await TaskOf(desk, Two);
        Assert.DoesNotContain("stage.approved → applicant-li", await filed.Told());
        await desk.As(Two).Decide(left, "approve", "同意");

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
        Assert.Contains("stage.approved → applicant-li", await filed.Told());
        Assert.Equal(2, (await filed.History()).Count(h => h.Action == "task.decided"));
    }

    [Fact]
    public async Task Countersigning_WhenOneRejects_ThenTheOthersTasksAreClosedWithTheReason_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}"]""")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var other = await TaskOf(desk, Two);

        await desk.As(One).Decide(await TaskOf(desk, One), "reject", "材料不实");

        Assert.Equal("未通过", await filed.Status());
        var closed = await desk.Get<TaskReader>().ReadAsync(desk.As(Two).Caller, other, default);
        Assert.Equal(("cancelled", "decided_by_others"), (closed.Status.Code, closed.Reason));
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Two).Decide(other, "approve", "同意"));
        Assert.Equal(ErrorCodes.TaskClosed, refused.Code);
    }

    [Fact]
    public async Task Countersigning_WhenItIsInTurn_ThenTheNextGetsATaskWhenTheOneBeforeHasSigned_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "sequential"), ("members", "Object", $"""["{Two}","{One}"]""")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Empty(await desk.As(One).Inbox("mine"));
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");
        Assert.Contains($"stage.opened → {One}", await filed.Told());
        await desk.As(One).Decide(await TaskOf(desk, One), "approve", "同意");

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Countersigning_WhenNobodyIsNamed_ThenEverybodyOfTheRoleSigns_R_REV_6_R_REV_1()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "any"), ("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        await desk.Deliver();

        Assert.Single(await desk.As(One).Inbox("mine"));
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
        Assert.Empty(await desk.As(One).Inbox("mine"));
        Assert.Contains("task.assigned", (await filed.History()).Select(h => h.Action));
    }

    [Fact]
    public async Task Vote_WhenSomeDontComeUntilTheDeadline_ThenTheVotesGivenAreCounted_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "vote"), ("members", "Object", $"""["{One}","{Two}","{Water}"]"""),
            ("of", "Literal", "present"), ("quorum", "Literal", "2/3"), ("countAtDue", "Literal", true)));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        await desk.As(One).Decide(await TaskOf(desk, One), "approve", "同意");
        await desk.As(Two).Decide(await TaskOf(desk, Two), "abstain", "不熟悉此专业");
        var late = await TaskOf(desk, Water);

        // 中秋 (25th) is off: five working days end with the 29th. Half of those present isn't more than half.
        await desk.AdvanceTo("2026-09-29 23:59");
        Assert.Equal("联审", (await filed.Waiting()).Name);
        await desk.AdvanceTo("2026-09-30 00:01");

        Assert.Equal("未通过", await filed.Status());
        Assert.Equal("lapsed", (await desk.Get<TaskReader>().ReadAsync(desk.As(Water).Caller, late, default)).Status.Code);
    }

    [Fact]
    public async Task Vote_WhenSomebodyAbstains_ThenOnlyAVoteOffersThat_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}"]""")));
        await desk.SubmittedAsync();
        var task = await TaskOf(desk, One);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.As(One).Decide(task, "abstain", "弃权"));

        Assert.Equal(ErrorCodes.InvalidRequest, refused.Code);
        Assert.Equal(task, await TaskOf(desk, One));
    }

    [Fact]
    public async Task Signers_WhenTheyAreAskedBefore_ThenTheAskerDecidesAfterThem_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var task = (await filed.Waiting()).TaskId;

        await desk.Get<SignCommands>().AddAsync(desk.As(One).Caller, task, "before", [Water], "请先看一下", null, default);
        Assert.Contains($"stage.opened → {Water}", await filed.Told());
        Assert.Empty(await desk.As(One).Inbox("mine"));
        Assert.Equal(("cancelled", "signers_first"), await StatusOf(desk, task));
        await desk.As(Water).Decide(await TaskOf(desk, Water), "approve", "可以");
        await desk.As(One).Decide(await TaskOf(desk, One), "approve", "同意");

        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        Assert.Equal(["case.created", "case.confirmed", "case.submitted", "task.signers_added", "task.decided", "task.decided"], (await filed.History()).Select(h => h.Action));
    }

    [Fact]
    public async Task Signers_WhenTheyAreAskedAfter_ThenTheStageWaitsForThem_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var task = (await filed.Waiting()).TaskId;

        await desk.Get<SignCommands>().AddAsync(desk.As(One).Caller, task, "after", [Water], "请复核", null, default);
        Assert.Empty(await desk.As(Water).Inbox("mine"));
        await desk.As(One).Decide(task, "approve", "同意");
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
        await desk.As(Water).Decide(await TaskOf(desk, Water), "return", "缺少证明");

        Assert.Equal("待补正", await filed.Status());
    }

    [Fact]
    public async Task Signers_WhenTheyAreTakenAway_ThenOnlyByWhoAskedAndTheStageGoesOn_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var task = (await filed.Waiting()).TaskId;
        await desk.Get<SignCommands>().AddAsync(desk.As(One).Caller, task, "beside", [Water], "一起看", null, default);
        var added = await TaskOf(desk, Water);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<SignCommands>().RemoveAsync(desk.As(Two).Caller, added, null, default));
        Assert.Equal(ErrorCodes.Forbidden, refused.Code);
        await desk.As(One).Decide(task, "approve", "同意");
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
        await desk.Get<SignCommands>().RemoveAsync(desk.As(One).Caller, added, null, default);

        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        Assert.Equal(("cancelled", "signer_removed"), await StatusOf(desk, added));
    }

    [Theory]
    [InlineData("emp-water-reviewer-1", "before", "nobody-knows", "unknown_user")]
    [InlineData("emp-water-reviewer-1", "above", Bureau, "invalid_request")]
    [InlineData("emp-water-reviewer-1", "beside", Bureau, "forbidden")]
    [InlineData(One, "beside", "applicant-li", "invalid_request")]
    [InlineData(One, "beside", One, "invalid_request")]
    public async Task Signers_WhenTheyCantBeAdded_ThenTheAnswerSaysWhyAndNothingChanges_R_REV_7(string asker, string position, string user, string code)
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var task = (await filed.Waiting()).TaskId;

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<SignCommands>().AddAsync(desk.As(asker).Caller, task, position, [user], "请协助", null, default));

        Assert.Equal(code, refused.Code);
        Assert.Equal(task, (await filed.Waiting()).TaskId);
        Assert.DoesNotContain("task.signers_added", (await filed.History()).Select(h => h.Action));
    }

    [Fact]
    public async Task FourEyes_WhenSomebodyDecidedAnotherStage_ThenTheyCantDecideThisOne_R_REV_9()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(
            [("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")],
            [("fourEyes", "Literal", true), ("mode", "Literal", "any"), ("members", "Object", $"""["{One}","{Bureau}"]"""), ("whenNobody", "Literal", "incident")]));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        await desk.As(One).Approve(filed);
        await desk.Deliver();

        Assert.Empty(await desk.As(One).Inbox("mine"));
        Assert.Single((await filed.Read()).Stages);
        await desk.As(Bureau).Decide(await TaskOf(desk, Bureau), "approve", "同意");
        Assert.Equal("已办结", await filed.Status());
    }

    [Fact]
    public async Task Withdrawal_WhenSeveralHaveTasks_ThenAllAreClosed_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}"]""")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        await filed.Withdraw();

        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.tasks where status < 2"));
    }

    [Fact]
    public async Task Ladder_WhenSeveralHaveTasks_ThenEachIsRemindedAndTheSuperiorIsToldOnce_R_REV_5_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId"),
            ("members", "Object", $"""["{One}","{Two}"]"""), ("ladder", "Object", ReviewFlow.Ladder)));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        await desk.As(One).Decide(await TaskOf(desk, One), "approve", "同意");

        // 1 to 7 October are off, and people are told in office hours.
        await desk.AdvanceTo("2026-10-08 12:00");

        var told = await filed.Told();
        Assert.Contains($"task.overdue → {Two}", told);
        Assert.DoesNotContain($"task.overdue → {One}", told);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.messages where event = 'task.escalated' and channel = 'sms'"));
    }

    private static async Task<Guid> TaskOf(CaseDesk desk, string user)
    {
        await desk.Deliver();
        return Assert.Single(await desk.As(user).Inbox("mine")).Id;
    }

    private static async Task<(string, string?)> StatusOf(CaseDesk desk, Guid task)
    {
        var status = await desk.Scalar<short>($"select status from approvals.tasks where id = '{task}'");
        return (TaskStatusCodes.Word(status), await desk.Scalar<string>($"select coalesce(reason, '') from approvals.tasks where id = '{task}'"));
    }
}
