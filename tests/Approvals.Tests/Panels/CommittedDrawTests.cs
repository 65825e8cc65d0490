using System.Security.Cryptography;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>Two parties commit, the pool is read, both reveal (双方承诺抽取).</summary>
public sealed class CommittedDrawTests
{
    private const string Supervisor = "bureau-superior";
    private static readonly string First = new('a', 64);
    private static readonly string Second = new('b', 64);

    [Fact]
    public async Task Draw_WhenBothPartiesCommitAndReveal_ThenTheRecordVerifiesOffline_R_PAN_1()
    {
        await using var desk = await OpenAsync();
        var panel = await desk.PanelAsync();
        Assert.Equal(("drawing", "commit"), (panel.Status, Assert.Single(panel.NextActions).Action));
        Assert.Equal("专家评审·提交抽取承诺", Assert.Single(await desk.Desk.As(Supervisor).Inbox("candidates"), t => t.Kind == "panel-commit").StageName);
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => Reveal(desk, PanelDesk.Secretary, First)));

        await Commit(desk, PanelDesk.Secretary, First);
        await PanelDesk.DeliverAsync(desk.Desk);
        // Nobody has read the pool before both have committed.
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.panel_pools"));
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => Reveal(desk, PanelDesk.Secretary, First)));
        await Commit(desk, Supervisor, Second);
        await PanelDesk.DeliverAsync(desk.Desk);
        var hash = await desk.Desk.Scalar<string>("select hash from approvals.panel_pools");
        // What changes in the pool from here on doesn't matter to the draw.
        await desk.Desk.Execute("update approvals.users set active = false where id in ('expert-01', 'expert-02', 'expert-03')");

        await Reveal(desk, PanelDesk.Secretary, First);
        Assert.All((await desk.PanelAsync()).DrawAttempts!.Single().Parties, p => Assert.Null(p.Nonce));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => Reveal(desk, Supervisor, First)));
        await Reveal(desk, Supervisor, Second);
        await PanelDesk.DeliverAsync(desk.Desk);

        // Whom the draw seated depends on the panel's id, and who is inactive can't answer.
        await desk.Desk.Execute("update approvals.users set active = true where id in ('expert-01', 'expert-02', 'expert-03')");
        panel = await desk.PanelAsync();
        Assert.Equal(("open", hash, 11), (panel.Status, panel.Draw!.PoolHash, panel.Draw.Sequence.Length));
        Assert.Equal(DrawSeed.OfTwo(panel.Id, 1, First, Second, hash), panel.Draw.Seed);
        await desk.Recuse((await desk.WaitingAsync())[0]);
        var record = (await desk.Desk.Get<PanelReader>().DrawAsync(desk.Desk.As(Supervisor).Caller, panel.Id, default)).Write();
        Assert.All(DrawVerification.Verify(record), c => Assert.True(c.Holds, c.Zh));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Desk.Get<PanelReader>().DrawAsync(desk.Desk.As("applicant-li").Caller, panel.Id, default)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(async () => await desk.Desk.Get<PanelReader>().DrawAsync(desk.Desk.As((await desk.WaitingAsync())[0]).Caller, panel.Id, default)));
        Assert.True((await desk.Desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Draw_WhenAPartyDoesntReveal_ThenThatIsRecordedAndItBeginsAnewWithFreshCommitments_R_PAN_1()
    {
        await using var desk = await OpenAsync();
        var panel = (await desk.PanelAsync()).Id;
        await Commit(desk, PanelDesk.Secretary, First);
        await Commit(desk, Supervisor, Second);
        await PanelDesk.DeliverAsync(desk.Desk);
        await Reveal(desk, PanelDesk.Secretary, First);

        await desk.Desk.AdvanceTo("2026-09-23 00:00");

        var view = await desk.PanelAsync();
        Assert.Equal("drawing", view.Status);
        Assert.Equal([First, null], view.DrawAttempts!.Single().Parties.Select(p => p.Nonce));
        Assert.Equal(ErrorCodes.Conflict, await PanelDesk.Code(() => Commit(desk, Supervisor, Second)));
        var (third, fourth) = (new string('c', 64), new string('d', 64));
        await Commit(desk, PanelDesk.Secretary, third);
        await Commit(desk, Supervisor, fourth);
        await PanelDesk.DeliverAsync(desk.Desk);
        await Reveal(desk, PanelDesk.Secretary, third);
        await Reveal(desk, Supervisor, fourth);
        await PanelDesk.DeliverAsync(desk.Desk);

        var record = await desk.Desk.Get<PanelReader>().DrawAsync(desk.Desk.As(PanelDesk.Secretary).Caller, panel, default);
        Assert.Equal((2, null), (record.Attempts.Length, record.Attempts[0].Parties[1].Nonce));
        Assert.All(DrawVerification.Verify(record.Write()), c => Assert.True(c.Holds, c.Zh));
    }

    [Fact]
    public async Task Commitment_WhenWrongTwiceOrByNoParty_ThenRefusedAndNothingChanges_R_PAN_1()
    {
        await using var desk = await OpenAsync();
        var panel = (await desk.PanelAsync()).Id;

        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Commands.CommitAsync(desk.Desk.As(PanelDesk.Secretary).Caller, panel, "xyz", null, default)));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Commands.CommitAsync(desk.Desk.As(PanelDesk.Secretary).Caller, panel, null, null, default)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Commit(desk, "bureau-reviewer-1", First)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Commit(desk, "applicant-li", First)));
        await Commit(desk, PanelDesk.Secretary, First);
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => Commit(desk, PanelDesk.Secretary, Second)));
        // The other party may not give the same, and one person isn't both.
        Assert.Equal(ErrorCodes.Conflict, await PanelDesk.Code(() => Commit(desk, Supervisor, First)));
        await desk.Desk.Execute($"insert into approvals.user_roles values ('{PanelDesk.Secretary}', 'bureau.superior', 'bureau')");
        Assert.Equal(ErrorCodes.Conflict, await PanelDesk.Code(() => Commit(desk, PanelDesk.Secretary, Second)));
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.draw_pledges"));
    }

    [Fact]
    public async Task Party_WhenItLetsItsTimePass_ThenTheLadderTellsItsSuperior_R_PAN_1_R_REV_5()
    {
        await using var desk = await OpenAsync();

        await desk.Desk.AdvanceTo("2026-09-24 09:00");

        var told = await desk.Filed.Told();
        Assert.Contains($"task.overdue → {PanelDesk.Secretary}", told);
        Assert.Equal("drawing", (await desk.PanelAsync()).Status);
    }

    private static Task<PanelDesk> OpenAsync() => PanelDesk.OpenAsync(PanelDesk.With(("drawParties", "Object", """["bureau.panel-secretary", {"role": "bureau.superior", "organisation": "case:bureau"}]"""),
        ("drawLadder", "Object", """[{"at": "0", "do": "overdue"}, {"at": "+1wd", "do": "tell_superior"}]""")));

    private static async Task Commit(PanelDesk desk, string user, string nonce) =>
        await desk.Commands.CommitAsync(desk.Desk.As(user).Caller, (await desk.PanelAsync()).Id, Convert.ToHexString(SHA256.HashData(Convert.FromHexString(nonce))), null, default);

    private static async Task Reveal(PanelDesk desk, string user, string nonce) =>
        await desk.Commands.RevealAsync(desk.Desk.As(user).Caller, (await desk.PanelAsync()).Id, nonce, null, default);
}
