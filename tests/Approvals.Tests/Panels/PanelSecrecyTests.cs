using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
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
}
