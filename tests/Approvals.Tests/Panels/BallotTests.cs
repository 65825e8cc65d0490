using System.Text;
using System.Text.Json;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>A ballot counts once or not at all, and nobody reads it.</summary>
public sealed class BallotTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? 40 : 4;

    [Fact]
    public async Task Ballot_WhenThePanelIsOpen_ThenNobodyCanReadIt_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var experts = await desk.WaitingAsync();
        var key = new Idempotency("key:test", "ballot-1", [1]);
        var scores = JsonSerializer.SerializeToElement(new Dictionary<string, int> { ["业绩-secretscore"] = 87 });
        await desk.Commands.CastAsync(desk.Desk.As(experts[0]).Caller, panel.Id, "abstain", scores, "secretcomment", key, default);
        await desk.Commands.CastAsync(desk.Desk.As(experts[0]).Caller, panel.Id, "abstain", scores, "secretcomment", key, default); // the same request again

        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.ballots"));
        foreach (var table in await Tables(desk.Desk))
            Assert.Equal((table, ""), (table, string.Join(' ', await Mentions(desk.Desk, table, "abstain", "secretscore", "secretcomment"))));
        foreach (var user in (string[])[PanelDesk.Secretary, experts[0], experts[1], "applicant-li"])
        {
            Assert.Equal(ErrorCodes.WrongState, await PanelDesk.Code(() => desk.ResultAsync(panel.Id, user)));
            Assert.DoesNotContain("abstain", PanelDesk.Json(await desk.Desk.Get<PanelReader>().ReadAsync(desk.Desk.As(user).Caller, panel.Id, default)), StringComparison.Ordinal);
        }
        Assert.DoesNotContain("abstain", PanelDesk.Json(await desk.Filed.History()), StringComparison.Ordinal);
        Assert.Equal("cast", (await desk.PanelAsync()).Experts!.Single(e => e.Id == experts[0]).State);
    }

    [Fact]
    public async Task Result_WhenThePanelIsClosed_ThenItSaysHowManyNotWho_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var id = (await desk.PanelAsync()).Id;
        await desk.Cast("pass", "pass", "pass", "pass", "abstain");

        var result = PanelDesk.Json(await desk.ResultAsync(id));
        Assert.DoesNotContain("expert-", result, StringComparison.Ordinal);
        var toApplicant = await desk.ResultAsync(id, "applicant-li");
        Assert.Equal((PanelOutcome.Passed, (PanelCount?)null, (string?)null), (toApplicant.Outcome, toApplicant.Count, toApplicant.Minutes));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.ResultAsync(id, "emp-metro-reviewer-1")));
        var applicant = await desk.Desk.Get<PanelReader>().ReadAsync(desk.Desk.As("applicant-li").Caller, id, default);
        Assert.Equal((null, null, null), (applicant.Experts, applicant.Draw, applicant.Cast));
    }

    [Fact]
    public async Task Ballot_WhenCastTwiceAtOnce_ThenOneCounts_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var expert = (await desk.WaitingAsync())[0];

        var codes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Try(() => desk.Cast(panel.Id, expert, i % 2 == 0 ? "pass" : "fail"))));

        Assert.Equal([null, ErrorCodes.TaskClosed, ErrorCodes.TaskClosed, ErrorCodes.TaskClosed], codes.Order());
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.ballots"));
    }

    [Fact]
    public async Task Ballot_WhenItComesAsThePanelCloses_ThenItCountsOrIsRefusedNeverBoth_R_PAN_2()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        for (var round = 0; round < Rounds; round++)
        {
            var panels = new PanelDesk(desk, await PanelDesk.FileAsync(desk));
            var panel = await panels.PanelAsync();
            await panels.Cast("pass", "pass", "pass", "fail");
            var last = Assert.Single(await panels.WaitingAsync());

            var ballot = Try(() => panels.Cast(panel.Id, last, "pass"));
            var close = Try(() => panels.Commands.CloseAsync(desk.As(PanelDesk.Secretary).Caller, panel.Id, null, default));
            var (cast, closed) = (await ballot, await close);
            await desk.Deliver();

            var result = await panels.ResultAsync(panel.Id);
            Assert.Equal(cast is null ? 5 : 4, result.Count!.Present);
            Assert.Equal(cast is null ? ErrorCodes.TaskClosed : null, closed);
            Assert.True(cast is null or ErrorCodes.TaskClosed, cast);
            Assert.Equal((long)result.Count.Present, await desk.Scalar<long>($"select count(*) from approvals.ballots where panel_id = '{panel.Id}'"));
        }
    }

    [Fact]
    public async Task Ballot_WhenNotTheExpertsOwn_ThenRefused_R_PAN_2_R_REV_9()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = await desk.PanelAsync();
        var expert = (await desk.WaitingAsync())[0];
        var task = Assert.Single(await desk.Desk.As(expert).Inbox("mine")).Id;

        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Cast(panel.Id, "expert-12", "pass")));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Cast(panel.Id, PanelDesk.Secretary, "pass")));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Cast(panel.Id, expert, "maybe")));
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Cast(Guid.NewGuid(), expert, "pass")));
        // An ordinary decision brings no ballot, so it can't close the task.
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Desk.As(expert).Decide(task, "cast", null)));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.ballots"));
        Assert.Equal(5, (await desk.WaitingAsync()).Length);
    }

    [Fact]
    public async Task Ballot_WhenSomebodyChangesItsRow_ThenTheDatabaseRefuses_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        await desk.Cast("pass");

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => desk.Desk.Execute("update approvals.ballots set vote = 'fail'"));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => desk.Desk.Execute("delete from approvals.ballots"));
    }

    private static async Task<string?> Try(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (WorkflowException e)
        {
            return e.Code;
        }
    }

    private static async Task<string[]> Tables(CaseDesk desk) =>
        await desk.Scalar<string[]>("select array_agg(format('%I.%I', schemaname, tablename) order by 1) from pg_tables where schemaname not in ('pg_catalog', 'information_schema') and tablename <> 'definitions' and tablename <> 'definition_revisions'");

    /// <summary>The words that the rows of a table hold, in texts, JSON or bytes.</summary>
    private static async Task<IReadOnlyList<string>> Mentions(CaseDesk desk, string table, params string[] words)
    {
        var rows = await desk.Scalar<string>($"select coalesce(string_agg(to_jsonb(t)::text, E'\\n'), '') from {table} t");
        // Bytes come as hex.
        return [.. words.Where(w => rows.Contains(w, StringComparison.Ordinal) || rows.Contains(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(w)), StringComparison.Ordinal))];
    }
}
