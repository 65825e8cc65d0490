using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

public sealed class DelegationTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;

    [Fact]
    public async Task Decision_WhenDelegatedOverTwoPeople_ThenItSaysWhoDecidedForWhom_R_REV_7()
    {
        await fixture.Revoke();
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var second = await fixture.Delegate("emp-metro-reviewer-1", "emp-metro-handler");
        var first = await fixture.Delegate("emp-metro-handler", "emp-metro-superior");

        var listed = Assert.Single(await desk.As("emp-metro-superior").Inbox("delegated"), t => t.Id == task);
        var action = Assert.Single((await filed.Read(desk.As("emp-metro-superior"))).NextActions);
        var receipt = await desk.As("emp-metro-superior").Decide(task, "approve", "同意");

        Assert.Equal("emp-metro-reviewer-1", listed.OnBehalfOf);
        Assert.Equal(("decide", "emp-metro-reviewer-1"), (action.Action, action.OnBehalfOf));
        Assert.Equal(("emp-metro-superior", "emp-metro-reviewer-1"), (receipt.DecidedBy, receipt.DecidedFor));
        var view = await desk.Get<TaskReader>().ReadAsync(desk.As("emp-metro-superior").Caller, task, default);
        Assert.Equal("emp-metro-reviewer-1", view.DecidedFor);
        Assert.Equal([first.Id, second.Id], view.Delegations!);
        var audit = (await filed.History()).Last(h => h.Action == "task.decided").Details!.Value;
        Assert.Equal("emp-metro-reviewer-1", audit.GetProperty("decidedFor").GetString());
        Assert.Equal(2, audit.GetProperty("delegations").GetArrayLength());
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Decision_WhenTheChainIsLongerThanAllowed_ThenItIsRefused_R_REV_7()
    {
        await fixture.Revoke();
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        string[] line = ["emp-metro-reviewer-1", "emp-water-handler", "emp-water-reviewer-1", "emp-water-reviewer-2", "emp-water-superior"];
        for (var i = 1; i < line.Length; i++)
            await fixture.Delegate(line[i - 1], line[i]);

        await Refused(() => desk.As(line[4]).Decide(task, "approve", "同意"), ErrorCodes.Forbidden, "role");
        await desk.As(line[3]).Decide(task, "approve", "同意");

        Assert.Equal("归口单位审核", (await filed.Waiting()).Name);
    }

    [Theory]
    [InlineData("revoked")]
    [InlineData("later")]
    [InlineData("other service")]
    [InlineData("other role")]
    [InlineData("principal lost the role")]
    [InlineData("delegate is the applicant")]
    [InlineData("principal is excluded")]
    public async Task Decision_WhenTheDelegationDoesNotReachIt_ThenNothingChanges_R_REV_7_R_REV_9(string why)
    {
        await fixture.Revoke();
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var by = why == "delegate is the applicant" ? "applicant-li" : "emp-water-reviewer-2";
        // An employee of the office that holds no role elsewhere.
        var delegation = await fixture.Delegate("emp-metro-reviewer-2", by, fromDay: why == "later" ? 5 : 0, roles: why == "other role" ? ["unit.reviewer"] : null);
        await desk.Execute(why switch
        {
            "revoked" => $"update approvals.delegations set revoked_at = now() where id = '{delegation.Id}'",
            "other service" => $"update approvals.delegations set services = '{{subsidy}}' where id = '{delegation.Id}'",
            "principal lost the role" => "delete from approvals.user_roles where user_id = 'emp-metro-reviewer-2'",
            "principal is excluded" => $"update approvals.tasks set excluded = excluded || '{{emp-metro-reviewer-2}}' where id = '{task}'",
            _ => "select 1",
        });

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.As(by).Decide(task, "approve", "同意"));

        await desk.Execute("insert into approvals.user_roles values ('emp-metro-reviewer-2', 'employer.reviewer', 'emp-metro') on conflict do nothing");
        Assert.Equal(ErrorCodes.Forbidden, refused.Code);
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.decisions_for where case_id = '{filed.Id}'"));
    }

    [Fact]
    public async Task Delegation_WhenItClosesACircleOverSeveral_ThenItIsRefused_R_REV_7()
    {
        await fixture.Revoke();
        await fixture.Delegate("bureau-reviewer-1", "bureau-reviewer-2");
        await fixture.Delegate("bureau-reviewer-2", "bureau-superior", roles: ["bureau.reviewer"]);

        await Refused(() => fixture.Delegate("bureau-superior", "bureau-reviewer-1"), ErrorCodes.Conflict, "circle");
        await fixture.Delegate("bureau-superior", "bureau-reviewer-1", roles: ["bureau.superior"]);
        await fixture.Delegate("bureau-superior", "bureau-reviewer-1", fromDay: 60);

        Assert.Equal(4L, await desk.Scalar<long>("select count(*) from approvals.delegations where revoked_at is null"));
    }

    [Fact]
    public async Task Delegation_WhenTwoAreMadeAtTheSameInstant_ThenOnlyOneOfACircleStands_R_REV_7()
    {
        await fixture.Revoke();

        var both = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Record.ExceptionAsync(() => i % 2 == 0
            ? fixture.Delegate("unit-assets-reviewer-1", "unit-assets-reviewer-2") : fixture.Delegate("unit-assets-reviewer-2", "unit-assets-reviewer-1"))));

        Assert.All(both, e => Assert.True(e is null or WorkflowException { Code: ErrorCodes.Conflict }));
        Assert.Equal(1L, await desk.Scalar<long>("select count(distinct principal) from approvals.delegations where revoked_at is null"));
        Assert.Contains(both, e => e is not null);
    }

    [Fact]
    public async Task Delegation_WhenAskedForBadly_ThenNothingIsKept_R_REV_7()
    {
        await fixture.Revoke();
        var commands = desk.Get<DelegationCommands>();
        var me = desk.As("bureau-reviewer-1").Caller;
        NewDelegation To(string to, double days = 3, string? principal = null) => new() { Delegate = to, Principal = principal, Until = desk.Now.AddDays(days) };

        await Refused(() => commands.CreateAsync(me, To("bureau-reviewer-1"), null, default), ErrorCodes.InvalidRequest);
        await Refused(() => commands.CreateAsync(me, To("bureau-reviewer-2", -1), null, default), ErrorCodes.InvalidRequest);
        await Refused(() => commands.CreateAsync(me, To("bureau-reviewer-2", 400), null, default), ErrorCodes.InvalidRequest);
        await Refused(() => commands.CreateAsync(me, To("nobody"), null, default), ErrorCodes.UnknownUser);
        await Refused(() => commands.CreateAsync(me, To("bureau-superior", 3, "bureau-reviewer-2"), null, default), ErrorCodes.Forbidden);
        await Refused(() => commands.CreateAsync(me with { Roles = new HashSet<string> { "bureau.reviewer" } }, To("bureau-reviewer-2"), null, default), ErrorCodes.Forbidden);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.delegations where revoked_at is null"));

        var key = new Idempotency("key:test", "delegate-1", [1]);
        var made = await commands.CreateAsync(fixture.Administrator("bureau-superior"), To("bureau-superior", 3, "bureau-reviewer-2"), key, default);
        Assert.Equal(made, await commands.CreateAsync(fixture.Administrator("bureau-superior"), To("bureau-superior", 3, "bureau-reviewer-2"), key, default) with { Services = made.Services, Roles = made.Roles });
        await Refused(() => commands.RevokeAsync(me, made.Id, default), ErrorCodes.NotFound);
        Assert.NotNull((await commands.RevokeAsync(desk.As("bureau-reviewer-2").Caller, made.Id, default)).RevokedAt);
    }

    [Fact]
    public async Task Decision_WhenItIsOnesOwn_ThenDelegationsCostItNothing()
    {
        await fixture.Revoke();
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await fixture.Delegate("emp-metro-reviewer-2", "emp-metro-reviewer-1");
        var before = desk.Get<WorkflowRuntime>().RoundTrips;

        var receipt = await desk.As("emp-metro-reviewer-1").Decide(task, "approve", "同意");

        Assert.Equal((1, null), (desk.Get<WorkflowRuntime>().RoundTrips - before, receipt.DecidedFor));
    }

    [Fact]
    public async Task FourEyes_WhenSomebodyDecidedAnotherStage_ThenNeitherTheyNorForWhomTheyDidDecideThere_R_REV_9()
    {
        await fixture.Revoke();
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        await filed.Supplement(filed.Sample.Phase2!.Value);
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        var task = (await filed.Waiting()).TaskId;

        await Refused(() => desk.As("unit-assets-reviewer-1").Decide(task, "approve", "同意"), ErrorCodes.Forbidden, "excluded");
        await fixture.Delegate("unit-assets-reviewer-1", "unit-assets-superior");
        await Refused(() => desk.As("unit-assets-superior").Decide(task, "approve", "同意"), ErrorCodes.Forbidden);
        Assert.DoesNotContain(await desk.As("unit-assets-reviewer-1").Inbox("candidates"), t => t.Id == task);
        await desk.As("unit-assets-reviewer-2").Decide(task, "approve", "同意");

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }
}
