using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Reviews;

public sealed class DecisionTests : IAsyncLifetime
{
    private CaseDesk desk = null!;

    public async Task InitializeAsync() => desk = await CaseDesk.OpenAsync();

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Fact]
    public async Task Decision_WhenTwoDecideAtTheSameInstant_ThenOneSucceedsAndTheOtherLearnsWhoDecidedWhen()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;

        var both = await Task.WhenAll(
            Record.ExceptionAsync(() => desk.As("emp-metro-reviewer-1").Decide(task, "approve", "同意")),
            Record.ExceptionAsync(() => desk.As("emp-metro-reviewer-2").Decide(task, "reject", "不同意")));

        var refused = Assert.IsType<WorkflowException>(Assert.Single(both, e => e is not null));
        Assert.Equal(ErrorCodes.TaskClosed, refused.Code);
        var (winner, outcome) = both[0] is null ? ("emp-metro-reviewer-1", "approve") : ("emp-metro-reviewer-2", "reject");
        Assert.Equal((winner, outcome), (refused.Facts["decidedBy"], refused.Facts["outcome"]));
        Assert.Equal(desk.Now, refused.Facts["decidedAt"]);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.audit where action = 'task.decided'"));
    }

    [Fact]
    public async Task Decision_WhenTheSameRequestComesTwice_ThenItIsAnsweredTheSame()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var key = new Idempotency("key:test", "k1", [1]);
        var decide = () => desk.Get<TaskCommands>().DecideAsync(desk.As("emp-metro-reviewer-1").Caller, task, "approve", "同意", key, null, default);

        var first = await decide();
        desk.Time.SetTo(desk.Now.AddMinutes(5));
        var second = await decide();

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Decision_WhenTheReviewerHoldsTheRoleElsewhere_ThenTheMissingRoleIsNamed_R_REV_1()
    {
        var filed = await desk.SubmittedAsync();

        var refused = await Assert.ThrowsAsync<WorkflowException>(async () => await desk.As("emp-water-reviewer-1").Decide((await filed.Waiting()).TaskId, "approve", "同意"));

        Assert.Equal(ErrorCodes.Forbidden, refused.Code);
        Assert.Equal(("employer.reviewer", "emp-metro"), (refused.Facts["role"], refused.Facts["organisationId"]));
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Decision_WhenTheApplicantIsAlsoReviewer_ThenTheirOwnCaseIsRefused_R_REV_9()
    {
        var filed = await desk.SubmittedAsync();
        await desk.Execute("insert into approvals.user_roles values ('applicant-li', 'employer.reviewer', 'emp-metro')");

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.As("applicant-li").Approve(filed));

        Assert.Equal((ErrorCodes.Forbidden, "excluded"), (refused.Code, refused.Facts["reason"]));
        Assert.Empty(await desk.As("applicant-li").Inbox("candidates"));
    }

    [Theory]
    [InlineData("update approvals.users set active = false where id = 'emp-metro-reviewer-1'", ErrorCodes.UnknownUser)]
    [InlineData("delete from approvals.user_roles where user_id = 'emp-metro-reviewer-1'", ErrorCodes.Forbidden)]
    public async Task Decision_WhenTheReviewerLostTheirPlace_ThenNothingChanges(string meanwhile, string code)
    {
        var filed = await desk.SubmittedAsync();
        await desk.Execute(meanwhile);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.As("emp-metro-reviewer-1").Approve(filed));

        Assert.Equal(code, refused.Code);
        Assert.Equal(3L, await desk.Scalar<long>("select max(version) from engine.instances"));
    }

    [Fact]
    public async Task Decision_WhenTheKeyIsLimitedToAnotherOrganisation_ThenItIsRefused()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        Caller Limited(string organisation) => desk.As("emp-metro-reviewer-1").Caller with { Organisations = new HashSet<string> { organisation } };

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<TaskCommands>().DecideAsync(Limited("emp-water"), task, "approve", "同意", null, null, default));
        await desk.Get<TaskCommands>().DecideAsync(Limited("emp-metro"), task, "approve", "同意", null, null, default);

        Assert.Equal((ErrorCodes.Forbidden, "key"), (refused.Code, refused.Facts["reason"]));
    }

    [Theory]
    [InlineData("return", null)]
    [InlineData("approve", " ")]
    [InlineData("refuse", "意见")]
    [InlineData("nonsense", "意见")]
    public async Task Decision_WhenOutcomeOrOpinionIsMissing_ThenItIsAnInvalidRequest_R_REV_2(string outcome, string? opinion)
    {
        var filed = await desk.SubmittedAsync();

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.As("emp-metro-reviewer-1").Decide(filed, outcome, opinion));

        Assert.Equal(ErrorCodes.InvalidRequest, refused.Code);
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Claim_WhenTaken_ThenOnlyTheClaimantDecidesUntilItIsReleased_R_REV_1()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var (one, two) = (desk.As("emp-metro-reviewer-1"), desk.As("emp-metro-reviewer-2"));
        var tasks = desk.Get<TaskCommands>();

        await tasks.ClaimAsync(one.Caller, task, null, default);
        Assert.Equal(task, Assert.Single(await one.Inbox("mine")).Id);
        Assert.Empty(await two.Inbox("candidates"));
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => two.Approve(filed));
        Assert.Equal("emp-metro-reviewer-1", refused.Facts["claimedBy"]);
        await tasks.ReleaseAsync(one.Caller, task, null, default);
        await two.Approve(filed);

        Assert.Equal(task, Assert.Single(await two.Inbox("done")).Id);
        Assert.Empty(await one.Inbox("mine"));
    }

    [Fact]
    public async Task Task_WhenResumedPastTheDecision_ThenTheStepIsRefused()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;

        var answer = await desk.Get<WorkflowRuntime>().ResumeAsync(task,
            System.Text.Json.JsonSerializer.SerializeToElement(new { outcome = "approve", user = "nobody", hasOpinion = true }), new Actor("key:generic"), default);

        Assert.Equal(TasksPart.DecidedGate, answer.GateFailed);
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Decision_WhenTheCaseIsHot_ThenItCostsOneRoundTrip()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var before = desk.Get<WorkflowRuntime>().RoundTrips;

        await desk.As("emp-metro-reviewer-1").Decide(task, "approve", "同意");

        Assert.Equal(1, desk.Get<WorkflowRuntime>().RoundTrips - before);
    }

    [Fact]
    public async Task NextActions_WhenReadByEach_ThenTheySayWhatEachCanDo()
    {
        var filed = await desk.DraftAsync();
        Assert.Equal(["save", "submit", "withdraw", "confirm"], (await filed.Read()).NextActions.Select(a => a.Action));
        await filed.Submit();

        Assert.Equal(["withdraw"], (await filed.Read()).NextActions.Select(a => a.Action));
        var reviewer = (await filed.Read(desk.As("emp-metro-reviewer-1"))).NextActions;
        Assert.Equal(["decide", "claim"], reviewer.Select(a => a.Action));
        Assert.Equal(["approve", "return", "reject"], reviewer[0].Outcomes);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Read(desk.As("emp-water-reviewer-1")))).Code);
    }
}
