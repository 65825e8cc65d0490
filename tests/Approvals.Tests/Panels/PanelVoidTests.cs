using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>The key of a round is lost: two of the office void it, and all vote again.</summary>
public sealed class PanelVoidTests
{
    private const string Chair = "bureau-superior";

    [Fact]
    public async Task Round_WhenItsKeyIsLostWhileVotingIsOpen_ThenTwoVoidItAndAllVoteAgain_R_PAN_2()
    {
        await using var desk = await OpenAsync();
        var panel = (await desk.PanelAsync()).Id;
        await desk.Cast("pass", "fail");
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => Ask(desk, panel, PanelDesk.Secretary)));
        var (file, key) = (Assert.Single(Keys(desk)), await File.ReadAllBytesAsync(Keys(desk)[0]));
        File.Delete(file);
        var voter = (await desk.WaitingAsync())[0];
        Assert.Equal(ErrorCodes.Unavailable, await PanelDesk.Code(() => desk.Cast(panel, voter, "pass")));

        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Ask(desk, panel, Chair)));
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => Confirm(desk, panel, Chair)));
        Assert.Contains((await desk.PanelAsync()).NextActions, a => a.Action == "void");
        await Ask(desk, panel, PanelDesk.Secretary);
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => Ask(desk, panel, PanelDesk.Secretary)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Confirm(desk, panel, PanelDesk.Secretary)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Confirm(desk, panel, voter)));
        Assert.Equal((1, PanelDesk.Secretary), ((await desk.PanelAsync()).Round, (await desk.PanelAsync()).VoidAsked!.AskedBy));
        await Confirm(desk, panel, Chair);
        await PanelDesk.DeliverAsync(desk.Desk);

        var again = await desk.PanelAsync();
        Assert.Equal(("open", 2, 0, 5), (again.Status, again.Round, again.Cast, (await desk.WaitingAsync()).Length));
        Assert.Null(again.VoidAsked);
        // The disk is found after all: the key opens nothing, and is erased by whichever node sees it.
        await File.WriteAllBytesAsync(file, key);
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.panel_keys where round = 1 and destroyed_at is not null"));
        Assert.Equal(1, await desk.Desk.Get<PanelKeys>().SweepAsync(default));
        Assert.False(File.Exists(file));
        await File.WriteAllBytesAsync(file, key);
        Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => Confirm(desk, panel, Chair)));
        Assert.Contains($"stage.opened → {voter}", await desk.Filed.Told());
        await desk.Cast("pass", "pass", "pass", "pass", "fail");

        var result = await desk.ResultAsync(panel);
        Assert.Equal((PanelOutcome.Passed, 4, 1), (result.Outcome, result.Count!.Pass, result.Count.Fail));
        var voided = Assert.Single(result.Rounds!);
        Assert.Equal((1, null, PanelDesk.Secretary, Chair, "机房火灾，密钥盘损毁"), (voided.Round, voided.Result, voided.Voided!.AskedBy, voided.Voided.ConfirmedBy, voided.Voided.Reason));
        Assert.Contains("第 1 轮 Round 1: 密钥遗失，作废重投", result.Minutes, StringComparison.Ordinal);
        // Who voted stays; what was in the envelopes doesn't, whatever becomes of the key.
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select count(*) from approvals.ballots where round = 1"));
        Assert.Equal((0L, 0L), (await desk.Desk.Scalar<long>("select count(*) from approvals.ballots where sealed is not null"), await desk.Desk.Scalar<long>("select count(*) from approvals.panel_votes where round = 1")));
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select count(*) from approvals.panel_keys where destroyed_at is not null"));
        Assert.Empty(Keys(desk));
        Assert.Equal(["panel.void-asked", "panel.round-voided"], (await desk.Desk.Get<Approvals.Cases.CaseReader>().HistoryAsync(desk.Desk.As(PanelDesk.Secretary).Caller, desk.Filed.Id, default)).Select(h => h.Action).Where(a => a.Contains("void", StringComparison.Ordinal)));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.audit where details like '%机房%'"));
        Assert.True((await desk.Desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Round_WhenItsKeyIsLostBeforeTheCount_ThenItIsVoidedToo_AndATieDoesntCostARound_R_PAN_2()
    {
        await using var desk = await OpenAsync(("seats", "Int32", "4"), ("tie", "String", "Round"), ("rounds", "Int32", "2"));
        var panel = (await desk.PanelAsync()).Id;
        await Cast(desk, panel, "pass", "pass", "fail", "fail");
        File.Delete(Assert.Single(Keys(desk)));
        await desk.Desk.Deliver();
        Assert.Equal("counting", (await desk.PanelAsync()).Status);

        await Ask(desk, panel, PanelDesk.Secretary);
        await Confirm(desk, panel, Chair);
        await desk.Desk.Deliver();

        Assert.Equal(("open", 2), ((await desk.PanelAsync()).Status, (await desk.PanelAsync()).Round));
        await Cast(desk, panel, "pass", "pass", "fail", "fail");
        // What was held for the lost round is tried again in a minute of the machine's clock.
        desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow().AddMinutes(2));
        await desk.Desk.Deliver();
        Assert.Equal(("open", 3), ((await desk.PanelAsync()).Status, (await desk.PanelAsync()).Round));
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.panels where rounds -> 0 ? 'voided' and rounds -> 1 -> 'result' is not null"));
    }

    private static Task<PanelDesk> OpenAsync(params (string, string, string)[] inputs) => PanelDesk.OpenAsync(PanelDesk.With([("chairRole", "String", "bureau.superior"), .. inputs]));

    private static Task Ask(PanelDesk desk, Guid panel, string user) => desk.Commands.AskVoidAsync(desk.Desk.As(user).Caller, panel, "机房火灾，密钥盘损毁", null, default);

    private static Task Confirm(PanelDesk desk, Guid panel, string user) => desk.Commands.ConfirmVoidAsync(desk.Desk.As(user).Caller, panel, null, default);

    /// <summary>Without delivering what follows.</summary>
    private static async Task Cast(PanelDesk desk, Guid panel, params string[] votes)
    {
        foreach (var (expert, vote) in (await desk.WaitingAsync()).Zip(votes))
            await desk.Cast(panel, expert, vote);
    }

    private static string[] Keys(PanelDesk desk) => Directory.GetFiles(Path.Combine(desk.Desk.DataDir, "panel-keys"));
}
