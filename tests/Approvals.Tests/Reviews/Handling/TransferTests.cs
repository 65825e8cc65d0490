using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

public sealed class TransferTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;
    private TransferCommands Transfers => desk.Get<TransferCommands>();

    [Fact]
    public async Task Transfer_WhenTheOtherFits_ThenTheyHaveItAndBothAreTold_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;

        await Transfers.TransferAsync(desk.As("emp-metro-reviewer-1").Caller, task, "emp-metro-reviewer-2", "出差", null, default);

        Assert.Equal("emp-metro-reviewer-2", Assert.Single(await desk.As("emp-metro-reviewer-2").Inbox("mine"), t => t.Id == task).ClaimedBy);
        await Refused(() => desk.As("emp-metro-reviewer-1").Decide(task, "approve", "同意"), ErrorCodes.Forbidden, "claimed");
        var told = await filed.Told();
        Assert.Superset(new HashSet<string> { "task.transferred → emp-metro-reviewer-1", "task.transferred → emp-metro-reviewer-2" }, told.ToHashSet());
        Assert.Equal("出差", await desk.Scalar<string>($"select reason from approvals.transfers where task_id = '{task}'"));
        await desk.As("emp-metro-reviewer-2").Decide(task, "approve", "同意");
        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
    }

    [Theory]
    [InlineData("emp-water-reviewer-1", ErrorCodes.Conflict, "role")]
    [InlineData("applicant-li", ErrorCodes.Conflict, "excluded")]
    [InlineData("nobody", ErrorCodes.UnknownUser, null)]
    public async Task Transfer_WhenTheOtherDoesNotFit_ThenNothingChanges_R_REV_7_R_REV_9(string to, string code, string? reason)
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;

        await Refused(() => Transfers.TransferAsync(desk.As("emp-metro-reviewer-1").Caller, task, to, "出差", null, default), code, reason);
        await Refused(() => Transfers.TransferAsync(desk.As("emp-water-reviewer-1").Caller, task, "emp-metro-reviewer-2", "出差", null, default), ErrorCodes.Forbidden, "role");
        await Refused(() => Transfers.TransferAsync(desk.As("emp-metro-reviewer-1").Caller, task, "emp-metro-reviewer-2", " ", null, default), ErrorCodes.InvalidRequest);

        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.transfers where task_id = '{task}'"));
        await desk.As("emp-metro-reviewer-1").Decide(task, "approve", "同意");
    }

    [Fact]
    public async Task Handover_WhenSomebodyLeaves_ThenEachTaskGoesOverWithItsOwnResultAndTheirDelegationsEnd_R_REV_7()
    {
        var cases = new[] { await desk.SubmittedAsync(), await desk.SubmittedAsync() };
        foreach (var filed in cases)
            await desk.Get<TaskCommands>().ClaimAsync(desk.As("emp-metro-reviewer-2").Caller, (await filed.Waiting()).TaskId, null, default);
        var stuck = (await cases[1].Waiting()).TaskId;
        await desk.Execute($"update approvals.tasks set excluded = excluded || '{{emp-metro-reviewer-1}}' where id = '{stuck}'");
        await fixture.Delegate("emp-metro-reviewer-2", "emp-metro-superior");

        await Refused(() => Transfers.HandOverAsync(desk.As("bureau-superior").Caller, "emp-metro-reviewer-2", "emp-metro-reviewer-1", "离职", null, default), ErrorCodes.Forbidden);
        var view = await Transfers.HandOverAsync(fixture.Administrator("bureau-superior"), "emp-metro-reviewer-2", "emp-metro-reviewer-1", "离职", null, default);

        Assert.Equal(1, view.DelegationsEnded);
        var own = view.Tasks.Where(t => cases.Any(c => c.Id == t.CaseId)).ToDictionary(t => t.CaseId);
        Assert.True(own[cases[0].Id].Moved);
        Assert.Equal((false, ErrorCodes.Conflict), (own[cases[1].Id].Moved, own[cases[1].Id].Code));
        Assert.Contains(await desk.As("emp-metro-reviewer-1").Inbox("mine"), t => t.CaseId == cases[0].Id);
        await Refused(() => fixture.Delegate("emp-metro-superior", "emp-metro-reviewer-2"), ErrorCodes.Conflict);
        await Refused(() => Transfers.TransferAsync(desk.As("emp-metro-reviewer-1").Caller, own[cases[0].Id].TaskId!.Value, "emp-metro-reviewer-2", "还给你", null, default), ErrorCodes.Conflict, "left");

        await Transfers.ReturnAsync(fixture.Administrator("bureau-superior"), "emp-metro-reviewer-2", default);
        await Refused(() => Transfers.ReturnAsync(fixture.Administrator("bureau-superior"), "emp-metro-reviewer-2", default), ErrorCodes.NotFound);
        await fixture.Delegate("emp-metro-superior", "emp-metro-reviewer-2");
    }

    [Fact]
    public async Task Transfer_WhenTheSameRequestComesTwice_ThenItIsDoneOnce()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var key = new Idempotency("key:test", $"transfer-{task}", [1]);

        for (var i = 0; i < 2; i++)
            await Transfers.TransferAsync(desk.As("emp-metro-reviewer-1").Caller, task, "emp-metro-reviewer-2", "出差", key, default);

        Assert.Equal(1L, await desk.Scalar<long>($"select count(*) from approvals.transfers where task_id = '{task}'"));
    }

    [Fact]
    public async Task Handover_WhenTheSameRequestComesTwice_ThenItIsAnsweredAlikeAndTakesNothingNew_R_REV_7()
    {
        var (leaver, to, administrator) = ("unit-culture-reviewer-1", "unit-culture-reviewer-2", fixture.Administrator("bureau-superior"));
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.Execute($"update approvals.tasks set role = 'unit.reviewer', organisation_id = 'unit-culture', claimed_by = '{leaver}', status = 1 where id = '{task}'");
        var key = new Idempotency("key:test", $"handover-{task}", [1]);

        var first = await Transfers.HandOverAsync(administrator, leaver, to, "离职", key, default);
        await desk.Execute($"update approvals.tasks set claimed_by = '{leaver}' where id = '{task}'");
        var second = await Transfers.HandOverAsync(administrator, leaver, to, "离职", key, default);

        Assert.Equal((task, true), (Assert.Single(first.Tasks).TaskId!.Value, first.Tasks[0].Moved));
        Assert.Equal(first.Tasks, second.Tasks);
        Assert.Equal(1L, await desk.Scalar<long>($"select count(*) from approvals.transfers where task_id = '{task}'"));
        await Refused(() => Transfers.HandOverAsync(administrator, leaver, to, "调动", key with { RequestHash = [2] }, default), ErrorCodes.IdempotencyKeyReused);
        await Transfers.ReturnAsync(administrator, leaver, default);
    }
}
