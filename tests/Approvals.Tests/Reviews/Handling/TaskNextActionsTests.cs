using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>What a portal may offer is what its user could do.</summary>
public sealed class TaskNextActionsTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;

    [Fact]
    public async Task Task_WhenReadByEach_ThenItOffersWhatTheyCouldDoAndNothingElse_R_REV_7()
    {
        await fixture.Revoke();
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await fixture.Delegate("emp-metro-reviewer-2", "emp-metro-handler");

        Assert.Equal(["decide", "claim", "transfer"], await Actions("emp-metro-reviewer-1", task));
        Assert.Equal(["decide"], await Actions("emp-metro-handler", task));
        Assert.Equal(["urge"], await Actions("applicant-li", task));
        Assert.Empty(await Actions("emp-metro-superior", task));

        await desk.Get<TaskCommands>().ClaimAsync(desk.As("emp-metro-reviewer-1").Caller, task, null, default);
        Assert.Equal(["decide", "release", "transfer"], await Actions("emp-metro-reviewer-1", task));
        Assert.Empty(await Actions("emp-metro-reviewer-2", task));
        await desk.Get<UrgeCommands>().UrgeAsync(filed.Applicant.Caller, filed.Id, null, default);
        Assert.Empty(await Actions("applicant-li", task));

        await desk.As("emp-metro-reviewer-1").Approve(filed);
        Assert.Equal(["recall"], await Actions("emp-metro-reviewer-1", task));
        Assert.Empty(await Actions("emp-metro-reviewer-2", task));
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        Assert.Empty(await Actions("emp-metro-reviewer-1", task));
    }

    [Fact]
    public async Task Inbox_WhenRead_ThenEachTaskOffersWhatTheTaskItselfDoes_R_REV_7()
    {
        await fixture.Revoke();
        var (open, passed, moved) = (await desk.SubmittedAsync(), await desk.SubmittedAsync(), await desk.SubmittedAsync());
        await desk.As("emp-metro-reviewer-1").Approve(passed);
        await desk.As("emp-metro-reviewer-1").Approve(moved);
        desk.Time.SetTo(desk.Time.GetUtcNow().AddMinutes(1));
        await desk.As("unit-assets-reviewer-1").Approve(moved);
        await fixture.Delegate("emp-metro-reviewer-1", "emp-metro-handler");
        await desk.Get<CopyCommands>().CopyAsync(desk.As("emp-metro-reviewer-1").Caller, (await open.Waiting()).TaskId, ["notice-clerk"], null, null, null, default);

        Assert.Equal(["decide", "claim", "transfer"], await Listed("emp-metro-reviewer-1", TaskScopes.Candidates, open));
        Assert.Equal(["decide"], await Listed("emp-metro-handler", TaskScopes.Delegated, open));
        Assert.Equal(["recall"], await Listed("emp-metro-reviewer-1", TaskScopes.Done, passed));
        Assert.Empty(await Listed("emp-metro-reviewer-1", TaskScopes.Done, moved));
        Assert.Equal(["read"], await Listed("notice-clerk", TaskScopes.Copied, open));
    }

    private async Task<IEnumerable<string>> Actions(string user, Guid task)
    {
        var caller = desk.As(user).Caller;
        return (await desk.Get<TaskNextActions>().AddAsync(caller, await desk.Get<TaskReader>().ReadAsync(caller, task, default), default)).NextActions.Select(a => a.Action);
    }

    private async Task<IEnumerable<string>> Listed(string user, string scope, FiledCase filed)
    {
        var caller = desk.As(user).Caller;
        var page = await desk.Get<TaskNextActions>().AddAsync(caller, scope, await desk.As(user).Inbox(scope), default);
        return Assert.Single(page, t => t.CaseId == filed.Id).NextActions.Select(a => a.Action);
    }
}
