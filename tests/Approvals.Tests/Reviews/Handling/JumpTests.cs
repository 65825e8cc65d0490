using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

public sealed class JumpTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;
    private JumpCommands Jumps => desk.Get<JumpCommands>();

    [Fact]
    public async Task Jump_WhenAnotherAdministratorConfirms_ThenTheCaseIsThere_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var jump = await Jumps.AskAsync(fixture.Administrator("bureau-superior"), filed.Id, "unit-review", "用人单位已线下审核", null, null, default);
        Assert.Equal(("asked", "用人单位审核"), (jump.State.Code, (await filed.Waiting()).Name));

        await Refused(() => Jumps.ConfirmAsync(fixture.Administrator("bureau-superior"), filed.Id, jump.Id, null, default), ErrorCodes.Forbidden, "own");
        await Refused(() => Jumps.ConfirmAsync(desk.As("bureau-reviewer-1").Caller, filed.Id, jump.Id, null, default), ErrorCodes.Forbidden);
        await desk.Get<CommentCommands>().SayAsync(desk.As("emp-metro-reviewer-1").Caller, filed.Id, "同意跳转", false, null, default);
        var done = await Jumps.ConfirmAsync(fixture.Administrator("bureau-reviewer-1"), filed.Id, jump.Id, null, default);

        Assert.Equal(("confirmed", "bureau-reviewer-1"), (done.State.Code, done.SettledBy));
        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        Assert.Equal(["jump.asked", "case.commented", "jump.confirmed"], (await filed.History()).Select(h => h.Action).TakeLast(3));
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        await Refused(() => Jumps.ConfirmAsync(fixture.Administrator("bureau-reviewer-1"), filed.Id, jump.Id, null, default), ErrorCodes.WrongState);
    }

    [Fact]
    public async Task Jump_WhenTheCaseWaitedForTheApplicant_ThenItsStatusIsThatOfTheStage_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "请补充");
        var jump = await Jumps.AskAsync(fixture.Administrator("bureau-superior"), filed.Id, "employer-review", "误退回", null, null, default);

        await Jumps.ConfirmAsync(fixture.Administrator("bureau-reviewer-1"), filed.Id, jump.Id, null, default);

        Assert.Equal(("用人单位审核", "待审核"), ((await filed.Waiting()).Name, await filed.Status()));
        await desk.As("emp-metro-reviewer-1").Return(filed, "再请补充");
        Assert.Equal("补正", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Jump_WhenTheCaseWaitsForACorrection_ThenThatEndsAndTheLaterStageBegins_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "请补充");
        var me = fixture.Administrator("bureau-superior");
        await Refused(() => Jumps.AskAsync(me, filed.Id, "fix-employer-review", "就在此处", null, null, default), ErrorCodes.WrongState);
        await Refused(() => Jumps.AskAsync(me, filed.Id, "unit-review", "不在进行", ["bureau-review"], null, default), ErrorCodes.InvalidRequest);
        var jump = await Jumps.AskAsync(me, filed.Id, "unit-review", "不必补正", null, null, default);

        await Jumps.ConfirmAsync(fixture.Administrator("bureau-reviewer-1"), filed.Id, jump.Id, null, default);

        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        Assert.Equal("完善材料", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Jump_WhenTheCaseMovedOnOrTimePassedOrItWasRefused_ThenItIsNotCarriedOut_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var (one, two) = (fixture.Administrator("bureau-superior"), fixture.Administrator("bureau-reviewer-1"));
        var jump = await Jumps.AskAsync(one, filed.Id, "bureau-review", "加急", null, null, default);
        var refused = await Jumps.AskAsync(one, filed.Id, "unit-review", "加急", null, null, default);
        Assert.Equal("不必", (await Jumps.RefuseAsync(two, filed.Id, refused.Id, "不必", null, default)).Answer);
        await Refused(() => Jumps.ConfirmAsync(two, filed.Id, refused.Id, null, default), ErrorCodes.WrongState);
        await desk.As("emp-metro-reviewer-1").Approve(filed);

        await Refused(() => Jumps.ConfirmAsync(two, filed.Id, jump.Id, null, default), ErrorCodes.Conflict, "moved_on");
        await desk.Execute($"update approvals.jumps set expires_at = '2026-09-01' where id = '{jump.Id}'");
        await Refused(() => Jumps.ConfirmAsync(two, filed.Id, jump.Id, null, default), ErrorCodes.WrongState);

        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Jump_WhenAskedForBadly_ThenNothingIsKept_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var me = fixture.Administrator("bureau-superior");

        await Refused(() => Jumps.AskAsync(me, filed.Id, "no-such-stage", "加急", null, null, default), ErrorCodes.UnknownActivity);
        await Refused(() => Jumps.AskAsync(me, filed.Id, "unit-review", " ", null, null, default), ErrorCodes.InvalidRequest);
        await Refused(() => Jumps.AskAsync(me, Guid.NewGuid(), "unit-review", "加急", null, null, default), ErrorCodes.NotFound);
        await Refused(() => Jumps.AskAsync(desk.As("bureau-superior").Caller, filed.Id, "unit-review", "加急", null, null, default), ErrorCodes.Forbidden);

        Assert.Empty(await Jumps.ListAsync(me, filed.Id, default));
    }
}
