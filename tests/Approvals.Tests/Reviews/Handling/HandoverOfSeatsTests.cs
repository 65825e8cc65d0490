using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>离职转办 of parts in a stage of several whose turn hasn't come, and whose seat a 拿回 opens.</summary>
public sealed class HandoverOfSeatsTests
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2", Water = "emp-water-reviewer-1", Bureau = "bureau-reviewer-2";

    [Fact]
    public async Task Handover_WhenTheLeaversTurnIsStillToCome_ThenTheOtherGetsTheTask_R_REV_7_R_REV_6()
    {
        await using var desk = await OpenAsync("sequential", One, Two);
        var filed = await desk.SubmittedAsync();
        var first = await TaskOf(desk, One);
        var key = new Idempotency("key:test", "leave", [1]);

        var left = await HandOver(desk, Two, Water, key);
        Assert.Equal(new HandoverResult(null, filed.Id, true), Assert.Single(left.Tasks));
        Assert.Equal(left.Tasks, (await HandOver(desk, Two, Water, key)).Tasks);
        await desk.As(One).Decide(first, "approve", "同意");

        Assert.Empty(await desk.As(Two).Inbox("mine"));
        await desk.As(Water).Decide(await TaskOf(desk, Water), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
        Assert.Single(await filed.History(), h => h.Action == "task.seat_transferred");
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Handover_WhenTheOtherLeavesToo_ThenTheSeatGoesOnToTheNext_R_REV_7()
    {
        await using var desk = await OpenAsync("sequential", One, Two);
        await desk.SubmittedAsync();
        var first = await TaskOf(desk, One);

        await HandOver(desk, Two, Water);
        await HandOver(desk, Water, Bureau);
        await desk.As(One).Decide(first, "approve", "同意");

        await TaskOf(desk, Bureau);
    }

    [Theory]
    [InlineData(One, "takes_part")]
    [InlineData("applicant-li", "excluded")]
    public async Task Handover_WhenTheOtherCantTakeTheSeat_ThenTheAnswerSaysWhichCase_R_REV_7_R_REV_9(string to, string reason)
    {
        await using var desk = await OpenAsync("sequential", One, Two);
        var filed = await desk.SubmittedAsync();
        await TaskOf(desk, One);

        var result = Assert.Single((await HandOver(desk, Two, to)).Tasks);

        Assert.Equal((null, filed.Id, false, ErrorCodes.Conflict), (result.TaskId, result.CaseId, result.Moved, result.Code));
        Assert.Contains(reason == "excluded" ? "申报人" : "一人不能办理两份", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(await filed.History(), h => h.Action == "task.seat_transferred");
    }

    [Fact]
    public async Task Handover_WhenTheLeaverWasAskedToSignAfterwards_ThenTheOtherSigns_AndNobodyAsksWhoHasLeft_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var signers = desk.Get<SignCommands>();
        await signers.AddAsync(desk.As(One).Caller, task, "after", [Water], "请复核", null, default);

        Assert.True(Assert.Single((await HandOver(desk, Water, Bureau)).Tasks).Moved);
        await Refused(() => signers.AddAsync(desk.As(One).Caller, task, "beside", [Water], "请一起看", null, default), ErrorCodes.Conflict, "left");
        await desk.As(One).Decide(task, "approve", "同意");

        Assert.Empty(await desk.As(Water).Inbox("mine"));
        await desk.As(Bureau).Decide(await TaskOf(desk, Bureau), "approve", "同意");
        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Handover_WhenTheLeaverWaitsNowhere_ThenNoCaseIsTouched_R_REV_7()
    {
        await using var desk = await OpenAsync("sequential", One, Two);
        var filed = await desk.SubmittedAsync();
        await desk.As(One).Decide(await TaskOf(desk, One), "approve", "同意");
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");
        var version = (await filed.Read()).Version;

        Assert.Empty((await HandOver(desk, Two, Water)).Tasks);

        Assert.Equal(version, (await filed.Read()).Version);
    }

    [Theory]
    [InlineData("transferred", Water)]
    [InlineData("delegated", One)]
    public async Task Recall_WhenItWasAnothersSeat_ThenItIsOpenForWhoeversItIsNow_R_REV_7_R_REV_6(string how, string opens)
    {
        await using var desk = await OpenAsync("all", One, Two);
        await desk.SubmittedAsync();
        var task = await TaskOf(desk, One);
        if (how == "transferred")
            await desk.Get<TransferCommands>().TransferAsync(desk.As(One).Caller, task, Water, "出差", null, default);
        else
            await desk.Get<DelegationCommands>().CreateAsync(desk.As(One).Caller, new NewDelegation { Delegate = Water, Until = desk.Now.AddDays(9) }, null, default);
        await desk.As(Water).Decide(task, "approve", "同意");

        await desk.Get<RecallCommands>().RecallAsync(desk.As(Water).Caller, task, null, default);

        await TaskOf(desk, opens);
        Assert.Empty(await desk.As(opens == One ? Water : One).Inbox("mine"));
    }

    private static Task<HandoverView> HandOver(CaseDesk desk, string leaver, string to, Idempotency? key = null) => desk.Get<TransferCommands>().HandOverAsync(
        desk.As("bureau-superior").Caller with { Scopes = new HashSet<string> { "admin", "cases" } }, leaver, to, "离职", key, default);

    private static Task<CaseDesk> OpenAsync(string mode, params string[] members) =>
        CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", mode), ("members", "Object", $"[{string.Join(',', members.Select(m => $"\"{m}\""))}]")));

    private static async Task<Guid> TaskOf(CaseDesk desk, string user)
    {
        await desk.Deliver();
        return Assert.Single(await desk.As(user).Inbox("mine")).Id;
    }
}
