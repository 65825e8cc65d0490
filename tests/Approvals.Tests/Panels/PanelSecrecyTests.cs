using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>Who sits on a panel stays between its secretary and each expert.</summary>
public sealed class PanelSecrecyTests
{
    [Fact]
    public async Task Seats_WhenApplicantOrEmployerLooks_ThenNothingTellsWhoSits_R_PAN_3()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var seated = panel.Experts!.Select(e => e.Id).ToArray();
        var ballot = Assert.Single(await desk.Desk.As(seated[0]).Inbox("mine")).Id;
        await desk.Recuse(seated[1]);
        await desk.Cast("pass", "pass");
        var reader = desk.Desk.Get<CaseReader>();
        string[] names = [.. (await desk.PanelAsync()).Experts!.SelectMany(e => new[] { e.Id, e.Name })];

        foreach (var user in (string[])["applicant-li", "emp-metro-reviewer-1"])
        {
            var caller = desk.Desk.As(user).Caller;
            var shown = PanelDesk.Json(new
            {
                History = await reader.HistoryAsync(caller, desk.Filed.Id, default),
                View = await reader.ReadAsync(caller, desk.Filed.Id, default),
                List = await reader.ListAsync(caller, new CaseFilter(null, null, null, null, null, 50), default),
                Messages = await desk.Desk.Get<MessageReader>().ListAsync(desk.Filed.Id, user, default),
            });
            Assert.All(names, name => Assert.DoesNotContain($"\"{name}\"", shown.Replace("\\u0022", "\"", StringComparison.Ordinal), StringComparison.Ordinal));
            Assert.DoesNotContain("\"ballot\"", shown, StringComparison.Ordinal);
            Assert.Contains("panel.drawn", shown, StringComparison.Ordinal);
            Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Desk.Get<TaskReader>().ReadAsync(caller, ballot, default)));
        }

        var secretary = desk.Desk.As(PanelDesk.Secretary).Caller;
        Assert.Contains(await reader.HistoryAsync(secretary, desk.Filed.Id, default), h => h.Action == "panel.recused" && h.User?.Id == seated[1]);
        Assert.Contains((await reader.ReadAsync(secretary, desk.Filed.Id, default)).Stages, s => s.Kind == TaskKinds.Ballot);
        Assert.Equal(ballot, (await desk.Desk.Get<TaskReader>().ReadAsync(desk.Desk.As(seated[0]).Caller, ballot, default)).Id);
    }

    [Fact]
    public async Task Invitation_WhenAnExpertHoldsOne_ThenItIsTheirsAlone_R_PAN_1_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("accept", "String", "1wd"), ("blind", "Boolean", "true")));
        var panel = await desk.PanelAsync();
        var expert = panel.Experts![0].Id;
        var caller = desk.Desk.As(expert).Caller;
        var invitation = Assert.Single(await desk.Desk.As(expert).Inbox("mine"));
        var comments = desk.Desk.Get<CommentCommands>();
        var reviewer = desk.Desk.As("bureau-reviewer-1").Caller;
        await comments.SayAsync(reviewer, desk.Filed.Id, "请核对学历", false, null, default);

        Assert.Equal(TaskKinds.PanelInvitation, invitation.Kind);
        Assert.Empty((await comments.ListAsync(caller, desk.Filed.Id, null, 50, default)).Items);
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => comments.SayAsync(caller, desk.Filed.Id, "我来评审", false, null, default)));
        Assert.DoesNotContain(invitation.NextActions, a => a.Action == "transfer");
        Assert.Equal(ErrorCodes.Conflict, await PanelDesk.Code(() => desk.Desk.Get<TransferCommands>().TransferAsync(caller, invitation.Id, panel.Experts![1].Id, "出差", null, default)));
        // Nor does the case's clock tell that there is one, except to whoever may know who sits.
        var clocks = desk.Desk.Get<ClockReader>();
        Assert.DoesNotContain((await clocks.ReadAsync(desk.Desk.As("applicant-li").Caller, desk.Filed.Id, default)).Stages, s => s.TaskId == invitation.Id);
        Assert.Contains((await clocks.ReadAsync(desk.Desk.As(PanelDesk.Secretary).Caller, desk.Filed.Id, default)).Stages, s => s.TaskId == invitation.Id);
        // What the stages before note of themselves names organisations.
        Assert.All(await desk.Desk.Get<CaseReader>().HistoryAsync(caller, desk.Filed.Id, default), entry => Assert.Null(entry.Details));
    }

    [Fact]
    public async Task Expert_WhenTheSeatIsGivenUp_ThenOnlyTheirOwnTaskIsLeftToThem_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var left = panel.Experts![0].Id;
        var ballot = Assert.Single(await desk.Desk.As(left).Inbox("mine")).Id;
        Assert.Equal(desk.Filed.Id, (await desk.Filed.Read(desk.Desk.As(left))).Id);

        await desk.Commands.RecuseAsync(desk.Desk.As(left).Caller, panel.Id, "与申报人有合作关系", null, default);

        // At once, and not only when somebody has taken the seat.
        await ClosedTo(desk, left, ballot);
        await PanelDesk.DeliverAsync(desk.Desk);
        await ClosedTo(desk, left, ballot);
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Desk.Get<PanelReader>().ReadAsync(desk.Desk.As(left).Caller, panel.Id, default)));
        await desk.Cast("pass", "pass", "pass", "pass", "pass");
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.ResultAsync(panel.Id, left)));
    }

    [Fact]
    public async Task Expert_WhenThePanelIsOver_ThenOnlyTheirOwnVoteIsLeftToThemAlsoWhenAnotherPanelSits_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var expert = panel.Experts![0].Id;
        var ballot = Assert.Single(await desk.Desk.As(expert).Inbox("mine")).Id;
        await desk.Cast(panel.Id, expert, "pass");
        Assert.Equal(desk.Filed.Id, (await desk.Filed.Read(desk.Desk.As(expert))).Id);

        await desk.Cast("pass", "pass", "pass", "pass");
        Assert.Equal("closed", (await desk.PanelAsync()).Status);
        await ClosedTo(desk, expert, ballot);

        await desk.Desk.Execute("""
            insert into approvals.panels select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'status', 1, 'visit', 2, 'opened_at', p.opened_at + interval '1 day'))).* from approvals.panels p
            """);
        await ClosedTo(desk, expert, ballot);
    }

    private static async Task ClosedTo(PanelDesk desk, string expert, Guid ballot)
    {
        var caller = desk.Desk.As(expert).Caller;
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Desk.Get<CaseReader>().ReadAsync(caller, desk.Filed.Id, default)));
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Desk.Get<CaseReader>().HistoryAsync(caller, desk.Filed.Id, default)));
        Assert.Empty((await desk.Desk.Get<CaseReader>().ListAsync(caller, new CaseFilter(null, null, null, null, null, 50), default)).Items);
        Assert.Equal("done", (await desk.Desk.Get<TaskReader>().ReadAsync(caller, ballot, default)).Status.Code);
    }
}
