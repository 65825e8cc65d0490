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
            await desk.Get<TransferCommands>().TransferAsync(desk.As(One).Caller, first, Bureau, "出差", null, default);

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
