using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Reviews;

namespace Talent.Workflows.Approvals.Tests.Employers.Handlers;

/// <summary>更换业务经办人 while a stage of several names the handler for a turn that hasn't come.</summary>
public sealed class HandlerSeatTests
{
    private const string Metro = "emp-metro", Old = "emp-metro-handler", New = "emp-metro-reviewer-2", First = "emp-metro-reviewer-1", Handler = "employer.handler", Reviewer = "employer.reviewer";

    [Fact]
    public async Task Handler_WhenTheirTurnIsStillToCome_ThenWhoTookTheirPlaceGetsTheTask_R_EMP_3_R_REV_7()
    {
        await using var desk = await OpenAsync(Handler);
        await GiveAsync(desk, First, Handler);
        var filed = await desk.SubmittedAsync();
        var first = await TaskOf(desk, First);

        await ReplaceAsync(desk);
        await desk.As(First).Decide(first, "approve", "同意");

        Assert.Empty(await desk.As(Old).Inbox("mine"));
        await desk.As(New).Decide(await TaskOf(desk, New), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
        Assert.Single(await filed.History(), h => h.Action == "task.seat_transferred");
    }

    [Fact]
    public async Task Handler_WhenTheirTurnIsThatOfAnotherOffice_ThenItStaysTheirs_R_EMP_3()
    {
        await using var desk = await OpenAsync(Reviewer);
        await GiveAsync(desk, Old, Reviewer);
        var filed = await desk.SubmittedAsync();
        var first = await TaskOf(desk, First);

        await ReplaceAsync(desk);
        await desk.As(First).Decide(first, "approve", "同意");

        await desk.As(Old).Decide(await TaskOf(desk, Old), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
        Assert.DoesNotContain(await filed.History(), h => h.Action == "task.seat_transferred");
    }

    [Fact]
    public async Task Handler_WhenWhoTookTheirPlaceSignsThereAlready_ThenTheTurnIsToldAsUndeliverable_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync(Flow(Handler, New, Old));
        await GiveAsync(desk, New, Handler);
        var filed = await desk.SubmittedAsync();
        await TaskOf(desk, New);
        await desk.Execute($"delete from approvals.user_roles where user_id = '{New}' and role = '{Handler}'");

        await ReplaceAsync(desk);

        Assert.DoesNotContain(await filed.History(), h => h.Action == "task.seat_transferred");
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from engine.outbox_failed where kind = 'handler-task'"));
    }

    private static Task<CaseDesk> OpenAsync(string role) => CaseDesk.OpenAsync(Flow(role, First, Old));

    private static string Flow(string role, params string[] members) => StageFlow.Definition(("mode", "Literal", "sequential"), ("role", "Literal", role), ("organisation", "Input", "EmployerId"),
        ("members", "Object", $"""["{members[0]}","{members[1]}"]"""));

    private static Task GiveAsync(CaseDesk desk, string user, string role) => desk.Execute($"insert into approvals.user_roles (user_id, role, organisation_id) values ('{user}', '{role}', '{Metro}') on conflict do nothing");

    private static async Task ReplaceAsync(CaseDesk desk)
    {
        await desk.Get<HandlerCommands>().ReplaceAsync(desk.As(Old).Caller, Metro, new ReplaceHandler(Old, New), null, default);
        await desk.Deliver();
        await desk.Deliver();
    }

    private static async Task<Guid> TaskOf(CaseDesk desk, string user)
    {
        await desk.Deliver();
        return Assert.Single(await desk.As(user).Inbox("mine")).Id;
    }
}
