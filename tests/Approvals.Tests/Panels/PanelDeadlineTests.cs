using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>
/// Each task of a panel has a deadline of its own: another calendar, a moved vote or an outage changes what it is meant to.
/// Opened on Monday 2026-09-21; 中秋 (25th to 27th) and 国庆 (1 to 7 October) are off, 10 October is worked.
/// </summary>
public sealed class PanelDeadlineTests
{
    private const string Supervisor = "bureau-superior";
    private static readonly string First = new('a', 64);
    private static readonly string Second = new('b', 64);

    [Fact]
    public async Task Calendar_WhenAnotherComes_ThenInvitationsAndChallengesMoveByTheirOwnRules_R_REV_4_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("accept", "String", "1wd"), ("challengeDue", "String", "2wd")));
        var panel = await desk.PanelAsync();
        await desk.Commands.ChallengeAsync(desk.Desk.As("applicant-li").Caller, panel.Id, panel.Draw!.Substitutes.First().Id, "曾有诉讼", null, default);
        Assert.Equal(CaseDesk.Local("2026-09-23 00:00"), await Due(desk, "panel-invitation"));
        Assert.Equal(CaseDesk.Local("2026-09-24 00:00"), await Due(desk, "panel-challenge"));

        await Off(desk, "2026-09-22");

        Assert.Equal(CaseDesk.Local("2026-09-24 00:00"), await Due(desk, "panel-invitation"));
        Assert.Equal(CaseDesk.Local("2026-09-25 00:00"), await Due(desk, "panel-challenge"));
        Assert.Equal(CaseDesk.Local("2026-10-01 00:00"), await Due(desk, "panel-secretary"));
        await desk.Desk.AdvanceTo("2026-09-23 12:00");
        Assert.All((await desk.PanelAsync()).Experts!, e => Assert.Equal("invited", e.State));
        await desk.Desk.AdvanceTo("2026-09-24 00:00");
        Assert.Contains((await desk.PanelAsync()).Experts!, e => e.State == "missed");
    }

    [Fact]
    public async Task Calendar_WhenAnotherComesDuringTheDraw_ThenThePartiesHaveTheirWholeTime_R_REV_4_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(TwoParties("1wd"));
        Assert.Equal(CaseDesk.Local("2026-09-23 00:00"), await Due(desk, "panel-commit"));
        await Off(desk, "2026-09-22");
        Assert.Equal(CaseDesk.Local("2026-09-24 00:00"), await Due(desk, "panel-commit"));
        await Commit(desk);
        // The node that delivers has the earlier calendar; the next round finds what it has opened.
        Assert.Equal(CaseDesk.Local("2026-09-23 00:00"), await Due(desk, "panel-reveal"));
        await desk.Desk.AdvanceTo("2026-09-21 10:00");
        await Off(desk, "2026-09-22", "2026-09-23");
        Assert.Equal(CaseDesk.Local("2026-09-25 00:00"), await Due(desk, "panel-reveal"));

        await desk.Desk.AdvanceTo("2026-09-24 12:00");
        Assert.Single((await desk.PanelAsync()).DrawAttempts!);
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'panel-reveal' and status < 2"));
        await desk.Desk.AdvanceTo("2026-09-25 00:00");
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'panel-reveal' and status = 4"));
    }

    [Fact]
    public async Task Calendar_WhenAnotherComesWhileTheChairDecides_ThenTheChairIsRemindedByIt_R_REV_4_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("seats", "Int32", "4"), ("tie", "String", "Chair"), ("chairRole", "String", "bureau.superior"), ("due", "String", "5wd")));
        await desk.Cast("pass", "pass", "fail", "fail");

        await Off(desk, "2026-09-22");

        Assert.Equal(CaseDesk.Local("2026-10-01 00:00"), await Due(desk, "panel-chair"));
        Assert.Contains($"deadline.moved → {Supervisor}", await desk.Filed.Told());
        await desk.Desk.AdvanceTo("2026-09-30 12:00");
        Assert.DoesNotContain($"task.overdue → {Supervisor}", await desk.Filed.Told());
        await desk.Desk.AdvanceTo("2026-10-08 12:00");
        Assert.Contains($"task.overdue → {Supervisor}", await desk.Filed.Told());
    }

    [Fact]
    public async Task Vote_WhenItIsPutOff_ThenInvitationsAndChallengesKeepTheirOwnDeadlines_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("accept", "String", "1wd"), ("challengeDue", "String", "2wd"), ("extension", "String", "3wd")));
        var panel = await desk.PanelAsync();
        foreach (var expert in panel.Experts!)
            await desk.Commands.AnswerInvitationAsync(desk.Desk.As(expert.Id).Caller, panel.Id, true, "无应回避的关系", null, default);
        await desk.Desk.AdvanceTo("2026-09-29 10:00");
        await desk.Recuse(panel.Experts[0].Id);
        await desk.Commands.ChallengeAsync(desk.Desk.As("applicant-li").Caller, panel.Id, panel.Experts[1].Id, "师生关系", null, default);

        await desk.Desk.AdvanceTo("2026-09-30 00:00");

        Assert.Equal(CaseDesk.Local("2026-10-11 00:00"), (await desk.PanelAsync()).DueAt);
        Assert.Equal(CaseDesk.Local("2026-10-11 00:00"), await Due(desk, "ballot"));
        Assert.Equal(CaseDesk.Local("2026-10-11 00:00"), await Due(desk, "panel-secretary"));
        Assert.Equal(CaseDesk.Local("2026-10-01 00:00"), await Due(desk, "panel-invitation"));
        Assert.Equal(CaseDesk.Local("2026-10-09 00:00"), await Due(desk, "panel-challenge"));
    }

    [Fact]
    public async Task Ballot_WhenNoNodeRanAtItsDeadline_ThenTheNextWorkingDayIsThatOfTheCity_R_REV_4_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync(prepare: HolidayInTheCity);

        await desk.Desk.DownUntil("2026-09-30 09:00");

        Assert.Equal(CaseDesk.Local("2026-10-10 00:00"), (await desk.PanelAsync()).DueAt);
    }

    [Fact]
    public async Task Invitation_WhenNoNodeRanAtItsDeadline_ThenTheNextWorkingDayIsThatOfTheCityAndTheInboxSaysSo_R_REV_4_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(PanelDesk.With(("accept", "String", "5wd"), ("due", "String", "15wd")), HolidayInTheCity);

        await desk.Desk.DownUntil("2026-09-30 09:00");

        Assert.Equal(CaseDesk.Local("2026-10-10 00:00"), await Due(desk, "panel-invitation"));
        await desk.Desk.AdvanceTo("2026-10-09 12:00");
        Assert.All((await desk.PanelAsync()).Experts!, e => Assert.Equal("invited", e.State));
        await desk.Desk.AdvanceTo("2026-10-10 00:00");
        Assert.Contains((await desk.PanelAsync()).Experts!, e => e.State == "missed");
    }

    [Fact]
    public async Task Nonce_WhenNoNodeRanAtItsDeadline_ThenTheNextWorkingDayIsThatOfTheCityAndTheInboxSaysSo_R_REV_4_R_PAN_1()
    {
        await using var desk = await PanelDesk.OpenAsync(TwoParties("5wd"), HolidayInTheCity);
        await Commit(desk);

        await desk.Desk.DownUntil("2026-09-30 09:00");

        Assert.Equal(CaseDesk.Local("2026-10-10 00:00"), await Due(desk, "panel-reveal"));
        await desk.Desk.AdvanceTo("2026-10-09 12:00");
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'panel-reveal' and status < 2"));
        await desk.Desk.AdvanceTo("2026-10-10 00:00");
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'panel-reveal' and status = 4"));
    }

    /// <summary>The open tasks of a kind have one deadline.</summary>
    private static async Task<DateTimeOffset> Due(PanelDesk desk, string kind)
    {
        Assert.Equal(1L, await desk.Desk.Scalar<long>($"select count(distinct due_at) from approvals.tasks where status < 2 and kind = '{kind}'"));
        return new DateTimeOffset(await desk.Desk.Scalar<DateTime>($"select due_at from approvals.tasks where status < 2 and kind = '{kind}' limit 1"));
    }

    /// <summary>A node comes whose calendar of the country has days off more.</summary>
    private static async Task Off(PanelDesk desk, params string[] days)
    {
        using var node = await desk.Desk.AnotherAsync(folder =>
        {
            var file = Path.Combine(folder, "calendars", "cn-2026.json");
            var year = JsonNode.Parse(File.ReadAllText(file))!;
            foreach (var day in days)
                year["daysOff"]!.AsArray().Add(new JsonObject { ["name"] = "临时放假", ["from"] = day, ["to"] = day });
            File.WriteAllText(file, year.ToJsonString());
        });
        Assert.Equal(1, await node.Services.GetRequiredService<CalendarRevision>().RunAsync(default));
    }

    /// <summary>8 October is off where the case is, and only there.</summary>
    private static void HolidayInTheCity(string folder) => File.WriteAllText(Path.Combine(folder, "..", "calendars", "region-119900.json"),
        """{ "region": "119900", "daysOff": [ { "name": "地方节日", "from": "2026-10-08", "to": "2026-10-08" } ], "makeUpWorkdays": [] }""");

    private static string TwoParties(string within) => PanelDesk.With(("drawDue", "String", within),
        ("drawParties", "Object", """["bureau.panel-secretary", {"role": "bureau.superior", "organisation": "case:bureau"}]"""));

    private static async Task Commit(PanelDesk desk)
    {
        var panel = (await desk.PanelAsync()).Id;
        foreach (var (user, nonce) in ((string, string)[])[(PanelDesk.Secretary, First), (Supervisor, Second)])
            await desk.Commands.CommitAsync(desk.Desk.As(user).Caller, panel, Convert.ToHexString(SHA256.HashData(Convert.FromHexString(nonce))), null, default);
        await PanelDesk.DeliverAsync(desk.Desk);
    }
}
