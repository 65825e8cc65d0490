using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

public sealed class RecallTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;

    private Task Recall(string user, Guid task) => desk.Get<RecallCommands>().RecallAsync(desk.As(user).Caller, task, null, default);

    [Fact]
    public async Task Recall_WhenTheNextStageHasNotActed_ThenTheStageIsOpenAgainAndTheDecisionStaysInTheHistory_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var before = await filed.Waiting();
        await desk.As("emp-metro-reviewer-1").Approve(filed, "材料齐全");
        var next = (await filed.Waiting()).TaskId;

        await Recall("emp-metro-reviewer-1", before.TaskId);

        var again = await filed.Waiting();
        Assert.Equal(("用人单位审核", "待审核", before.DueAt), (again.Name, await filed.Status(), again.DueAt));
        Assert.NotEqual(before.TaskId, again.TaskId);
        Assert.Equal(ErrorCodes.TaskClosed, (await Assert.ThrowsAsync<WorkflowException>(() => desk.As("unit-assets-reviewer-1").Decide(next, "approve", "同意"))).Code);
        var old = await desk.Get<TaskReader>().ReadAsync(desk.As("emp-metro-reviewer-1").Caller, before.TaskId, default);
        Assert.Equal(("recalled", "approve", "材料齐全"), (old.Reason, old.Outcome!.Code, old.Opinion));
        var history = await filed.History();
        Assert.Equal(["task.decided", "task.recalled"], history.Select(h => h.Action).TakeLast(2));
        Assert.Equal("材料齐全", history[^2].Opinion);
        Assert.Contains("stage.recalled → unit-assets-reviewer-1", await filed.Told());
        await desk.As("emp-metro-reviewer-2").Approve(filed);
        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
        await Refused(() => Recall("emp-metro-reviewer-1", before.TaskId), ErrorCodes.WrongState, "recalled");
    }

    [Fact]
    public async Task Recall_WhenTheDecisionChangedStatusAndPhase_ThenTheyAreAsBefore_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        var task = (await filed.Waiting()).TaskId;
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        Assert.Equal(("待完善材料", (short)2), ((await filed.Read()).Status.Zh, (await filed.Read()).Phase));

        await Recall("unit-assets-reviewer-1", task);

        Assert.Equal(("待审核", (short)1, "归口单位审核"), ((await filed.Read()).Status.Zh, (await filed.Read()).Phase, (await filed.Waiting()).Name));
        await desk.As("unit-assets-reviewer-2").Return(filed, "请补充");
        Assert.Equal("补正", (await filed.Waiting()).Name);
    }

    [Theory]
    [InlineData("decided")]
    [InlineData("claimed")]
    [InlineData("transferred")]
    public async Task Recall_WhenTheNextStageHasActed_ThenNothingChanges_R_REV_7(string act)
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        var next = await filed.Waiting();
        await (act switch
        {
            "decided" => desk.As("unit-assets-reviewer-1").Return(filed, "请补充"),
            "claimed" => desk.Get<TaskCommands>().ClaimAsync(desk.As("unit-assets-reviewer-1").Caller, next.TaskId, null, default),
            _ => desk.Get<TransferCommands>().TransferAsync(desk.As("unit-assets-reviewer-1").Caller, next.TaskId, "unit-assets-reviewer-2", "出差", null, default),
        });
        var version = (await filed.Read()).Version;

        await Refused(() => Recall("emp-metro-reviewer-1", task), ErrorCodes.WrongState, "acted");

        Assert.Equal(version, (await filed.Read()).Version);
    }

    [Fact]
    public async Task Recall_WhenItIsNotOnesOwnOrTheCaseHasEnded_ThenItIsRefused_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await Refused(() => Recall("emp-metro-reviewer-1", task), ErrorCodes.Forbidden);
        await desk.As("emp-metro-reviewer-1").Reject(filed, "不符合条件");

        await Refused(() => Recall("emp-metro-reviewer-2", task), ErrorCodes.Forbidden);
        await Refused(() => Recall("emp-metro-reviewer-1", Guid.NewGuid()), ErrorCodes.NotFound);
        await Refused(() => Recall("emp-metro-reviewer-1", task), ErrorCodes.WrongState, "ended");
    }

    [Fact]
    public async Task Recall_WhenOnlyCommentsAndUrgesCameSince_ThenItGoesThrough_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.Get<CommentCommands>().SayAsync(desk.As("unit-assets-reviewer-1").Caller, filed.Id, "在看", false, null, default);
        await desk.Get<UrgeCommands>().UrgeAsync(filed.Applicant.Caller, filed.Id, null, default);

        await Recall("emp-metro-reviewer-1", task);

        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Recall_WhenTheNextStageWasOnlyGivenToSomebody_ThenItGoesThroughAndIsOffered_R_REV_7_R_REV_1()
    {
        await using var looking = await CaseDesk.OpenAsync(StageFlow.Definition(
            [("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")], [("assignBy", "Literal", "least_workload")]));
        var filed = await looking.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var reviewer = looking.As("emp-metro-reviewer-1");
        await reviewer.Approve(filed);
        await looking.Deliver();
        Assert.Contains(await filed.History(), h => h.Action == "task.assigned");
        looking.Time.SetTo(looking.Time.GetUtcNow().AddMinutes(1));

        var offered = Assert.Single(await looking.Get<TaskNextActions>().AddAsync(reviewer.Caller, TaskScopes.Done, await reviewer.Inbox(TaskScopes.Done), default));
        Assert.Equal("recall", Assert.Single(offered.NextActions).Action);
        await looking.Get<RecallCommands>().RecallAsync(reviewer.Caller, task, null, default);

        Assert.Equal("联审", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Recall_WhenADecisionIsTakenBack_ThenItsMakerHasFreshEyesAgain_R_REV_7_R_REV_9()
    {
        await using var eyes = await CaseDesk.OpenAsync(StageFlow.Definition(
            [("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")],
            [("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId"), ("fourEyes", "Literal", true)]));
        var filed = await eyes.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var (one, two) = (eyes.As("emp-metro-reviewer-1"), eyes.As("emp-metro-reviewer-2"));
        await one.Approve(filed);
        await Refused(() => one.Approve(filed), ErrorCodes.Forbidden);

        await eyes.Get<RecallCommands>().RecallAsync(one.Caller, task, null, default);
        await two.Approve(filed);

        await Refused(() => two.Approve(filed), ErrorCodes.Forbidden);
        await one.Approve(filed);
        Assert.Equal("已办结", await filed.Status());
    }

    [Fact]
    public async Task Recall_WhenItIsOfAReturnToAnEarlierReview_ThenThatOneIsNotOpenAnyMore_R_REV_7_R_REV_2()
    {
        var definition = JsonNode.Parse(StageFlow.Definition(("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")))!;
        definition["root"]!["connections"]!.AsArray().Single(c => (string?)c!["source"]!["activity"] == "last" && (string?)c["source"]!["port"] == "Return")!["target"]!["activity"] = "stage";
        await using var back = await CaseDesk.OpenAsync(definition.ToJsonString());
        var filed = await back.SubmittedAsync();
        await back.As("emp-metro-reviewer-1").Approve(filed);
        var bureau = back.As("bureau-reviewer-1");
        var task = (await filed.Waiting()).TaskId;
        await bureau.Return(filed, "请用人单位复核");
        Assert.Equal("联审", (await filed.Waiting()).Name);

        await back.Get<RecallCommands>().RecallAsync(bureau.Caller, task, null, default);

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
        await bureau.Approve(filed);
        Assert.Equal("已办结", await filed.Status());
    }

    [Fact]
    public async Task Done_WhenManyCouldBeTakenBack_ThenThePageTakesTwoRoundTrips_R_REV_7()
    {
        var reviewer = desk.As("emp-metro-reviewer-1");
        var filed = new HashSet<Guid>();
        for (var i = 0; i < 5; i++)
        {
            var one = await desk.SubmittedAsync();
            filed.Add(one.Id);
            await reviewer.Approve(one);
        }
        var page = (await reviewer.Inbox(TaskScopes.Done)).Where(t => filed.Contains(t.CaseId)).ToList();

        IReadOnlyList<TaskView> shown = [];
        Assert.Equal(2, await RoundTrips.OfAsync(async () => shown = await desk.Get<TaskNextActions>().AddAsync(reviewer.Caller, TaskScopes.Done, page, default)));

        Assert.Equal(5, shown.Count(t => t.NextActions.Any(a => a.Action == "recall")));
    }

    [Fact]
    public async Task Recall_WhenTheNextStageDecidesAtTheSameInstant_ThenOneOfThemStands_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        var next = (await filed.Waiting()).TaskId;

        var both = await Task.WhenAll(Record.ExceptionAsync(() => Recall("emp-metro-reviewer-1", task)), Record.ExceptionAsync(() => desk.As("unit-assets-reviewer-1").Decide(next, "return", "请补充")));

        Assert.Single(both, e => e is null);
        Assert.Equal(both[0] is null ? "用人单位审核" : "补正", (await filed.Waiting()).Name);
    }
}
