using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Signing;

/// <summary>四眼 and one seat a person, where who decides isn't who was named.</summary>
public sealed class FourEyesOfSeveralTests
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2", Water = "emp-water-reviewer-1", Bureau = "bureau-reviewer-1", Other = "bureau-reviewer-2";

    [Theory]
    [InlineData("delegated")]
    [InlineData("transferred")]
    public async Task FourEyes_WhenSomebodySignedInAnothersPlace_ThenTheyAreKeptFromTheNextStage_R_REV_9_R_REV_6_R_REV_7(string how)
    {
        await using var desk = await CaseDesk.OpenAsync(Flow(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}"]""")));
        var filed = await desk.SubmittedAsync();
        var (first, second) = (await TaskOf(desk, One), await TaskOf(desk, Two));
        if (how == "delegated")
            await DelegateAsync(desk, One, Bureau);
        else
            await Transfer(desk, One, first, Bureau);

        await desk.As(Bureau).Decide(first, "approve", "同意");
        await desk.As(Two).Decide(second, "approve", "同意");

        // The stage's name tells who voted, as its decision has it.
        var last = await filed.Waiting();
        Assert.Equal(how == "delegated" ? $"{Bureau}({One}) {Two}()" : $"{Bureau}() {Two}()", last.Name);
        await Refused(() => desk.As(Bureau).Decide(last.TaskId, "approve", "同意"), ErrorCodes.Forbidden, "excluded");
        await desk.As(Other).Decide(last.TaskId, "approve", "同意");
        Assert.Equal("已办结", await filed.Status());
    }

    [Fact]
    public async Task FourEyes_WhenAnotherOfTheRoleDecidesTheAskersTask_ThenTheyAreRememberedAndNotTheAsker_R_REV_9_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(Flow(("role", "Literal", "bureau.reviewer"), ("organisation", "Input", "BureauId")));
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;

        await desk.Get<SignCommands>().AddAsync(desk.As(Other).Caller, task, "after", [Water], "请复核", null, default);
        await desk.As(Bureau).Decide(task, "approve", "同意");
        await desk.As(Water).Decide(await TaskOf(desk, Water), "approve", "同意");

        var last = await filed.Waiting();
        Assert.Equal($"{Bureau}() {Water}()", last.Name);
        await Refused(() => desk.As(Bureau).Decide(last.TaskId, "approve", "同意"), ErrorCodes.Forbidden, "excluded");
        await desk.As(Other).Decide(last.TaskId, "approve", "同意");
        Assert.Equal("已办结", await filed.Status());
    }

    [Fact]
    public async Task Vote_WhenAMemberHandsTheirsToAFellow_ThenItIsRefusedAndNobodyVotesTwice_R_REV_6_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "vote"), ("members", "Object", $"""["{One}","{Two}","{Water}"]""")));
        await desk.SubmittedAsync();
        var (first, second) = (await TaskOf(desk, One), await TaskOf(desk, Two));

        await Refused(() => Transfer(desk, One, first, Two), ErrorCodes.Conflict, "takes_part");
        await desk.As(Two).Decide(second, "approve", "同意");
        await Refused(() => Transfer(desk, One, first, Two), ErrorCodes.Conflict, "takes_part");

        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.transfers"));
        // To somebody else it goes, once: they vote, and take no second part.
        await Transfer(desk, One, first, Bureau);
        var third = await TaskOf(desk, Water);
        await Refused(() => Transfer(desk, Water, third, Bureau), ErrorCodes.Conflict, "takes_part");
        await desk.As(Bureau).Decide(first, "reject", "材料不实");
        await Transfer(desk, Water, third, One);
        Assert.Equal(2L, await desk.Scalar<long>("select count(*) from approvals.transfers"));
    }

    [Fact]
    public async Task Countersigning_WhenADelegateOfTwoHasSignedForOne_ThenTheySignForNoOther_R_REV_6_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}","{Water}"]""")));
        var filed = await desk.SubmittedAsync();
        var (first, second) = (await TaskOf(desk, One), await TaskOf(desk, Two));
        foreach (var principal in (string[])[One, Two])
            foreach (var to in (string[])[Bureau, Water])
                await DelegateAsync(desk, principal, to);

        // Who signs themselves signs for nobody.
        await Refused(() => desk.As(Water).Decide(first, "approve", "同意"), ErrorCodes.Forbidden, "takes_part");
        await desk.As(Bureau).Decide(first, "approve", "同意");
        await Refused(() => desk.As(Bureau).Decide(second, "approve", "同意"), ErrorCodes.Forbidden, "takes_part");
        await Refused(() => Transfer(desk, Two, second, One), ErrorCodes.Conflict, "takes_part");

        Assert.Equal("联审", (await filed.Read()).Stages[0].Name);
        await desk.As(Two).Decide(second, "approve", "同意");
        await desk.As(Water).Decide(await TaskOf(desk, Water), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Ladder_WhenOneSuperiorGetsTheTasksOfSeveral_ThenTheyDecideThemAll_R_REV_5_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId"),
            ("members", "Object", $"""["{One}","{Two}"]"""), ("ladder", "Object", """[{"at":"+1wd","do":"reassign"}]""")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        await desk.AdvanceTo("2026-10-12 12:00");

        var tasks = await desk.As("emp-metro-superior").Inbox("candidates");
        Assert.Equal(2, tasks.Count);
        foreach (var task in tasks)
            await desk.As("emp-metro-superior").Decide(task.Id, "approve", "同意");

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    private static Task Transfer(CaseDesk desk, string from, Guid task, string to) => desk.Get<TransferCommands>().TransferAsync(desk.As(from).Caller, task, to, "出差", null, default);

    private static string Flow(params (string Name, string Type, System.Text.Json.Nodes.JsonNode Value)[] stage) => StageFlow.Definition(stage,
        [("fourEyes", "Literal", true), ("stageName", "JavaScript", "getOutputFrom('stage', 'decision').votes.map(v => v.user + '(' + (v.principal ?? '') + ')').join(' ')")]);

    private static async Task DelegateAsync(CaseDesk desk, string principal, string to) =>
        await desk.Get<DelegationCommands>().CreateAsync(desk.As(principal).Caller, new NewDelegation { Delegate = to, Until = desk.Now.AddDays(30) }, null, default);

    private static async Task<Guid> TaskOf(CaseDesk desk, string user)
    {
        await desk.Deliver();
        return Assert.Single(await desk.As(user).Inbox("mine")).Id;
    }
}
