using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>A vote is a ciphertext until the count, and nobody's after it.</summary>
public sealed class SealedBallotTests
{
    [Fact]
    public async Task Votes_WhenSomebodyWithTheDatabaseTriesToJoinThemToVoters_ThenNothingDoes_R_PAN_2()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        var orders = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var panels = new PanelDesk(desk, await PanelDesk.FileAsync(desk));
            var panel = (await panels.PanelAsync()).Id;
            var voters = await panels.WaitingAsync();
            for (var v = 0; v < voters.Length; v++)
                await panels.Commands.CastAsync(desk.As(voters[v]).Caller, panel, v < 4 ? "pass" : "fail", default, $"opinion-{v}", new Idempotency("key:test", $"{panel}-{v}", [(byte)v]), default);
            // What a backup of this moment holds: ciphertexts of one length.
            Assert.Equal(1L, await desk.Scalar<long>($"select count(distinct length(sealed)) from approvals.ballots where panel_id = '{panel}'"));
            Assert.Equal(5L, await desk.Scalar<long>($"select count(distinct sealed) from approvals.ballots where panel_id = '{panel}'"));
            await PanelDesk.DeliverAsync(desk);

            // By columns: an opened vote has nothing but the vote; a voter's row has nothing of it.
            Assert.Equal("comment id panel_id round scores vote", await desk.Scalar<string>("select string_agg(column_name::text, ' ' order by column_name::text) from information_schema.columns where table_schema = 'approvals' and table_name = 'panel_votes'"));
            Assert.Equal(5L, await desk.Scalar<long>($"select count(*) from approvals.ballots where panel_id = '{panel}' and num_nonnulls(vote, sealed, scores, comment) = 0"));
            Assert.Equal(5L, await desk.Scalar<long>($"select count(*) from approvals.panel_votes where panel_id = '{panel}'"));
            // By transaction: all opened votes are of one, which is the count's.
            Assert.Equal(1L, await desk.Scalar<long>($"select count(distinct xmin::text) from approvals.panel_votes where panel_id = '{panel}'"));
            Assert.Equal(1L, await desk.Scalar<long>($"select count(distinct v.xmin::text) from approvals.panel_votes v join approvals.ballots b on b.panel_id = v.panel_id and b.xmin::text = v.xmin::text where v.panel_id = '{panel}'"));
            // By id: no other row of any table names a vote.
            foreach (var id in (await desk.Scalar<string[]>($"select array_agg(id::text) from approvals.panel_votes where panel_id = '{panel}'")))
                Assert.Equal(["approvals.panel_votes"], await Holding(desk, id, id.Replace("-", "", StringComparison.Ordinal)));
            // By place in the table: compared over several panels below.
            orders.Add(await desk.Scalar<string>($"select string_agg(right(comment, 1), '' order by ctid) from approvals.panel_votes where panel_id = '{panel}'"));
            Assert.Equal(orders[^1], await desk.Scalar<string>($"select string_agg(right(comment, 1), '' order by id) from approvals.panel_votes where panel_id = '{panel}'"));
        }
        // Cast in the order 01234 each time; that all three come out alike happens once in 14,400 if the order is random.
        Assert.True(orders.Distinct().Count() > 1, string.Join(' ', orders));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Receipt_WhenTheRoundIsCounted_ThenItsHashIsPublishedBesideNoVote_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = (await desk.PanelAsync()).Id;
        var key = new Idempotency("key:test", "ballot", [7]);
        var receipts = new List<string>();
        foreach (var expert in await desk.WaitingAsync())
            receipts.Add((await desk.Commands.CastAsync(desk.Desk.As(expert).Caller, panel, "pass", default, null, key with { Key = expert }, default))!);
        var first = (await desk.PanelAsync()).Experts!.First(e => e.State == "cast").Id;
        var again = await desk.Commands.CastAsync(desk.Desk.As(first).Caller, panel, "pass", default, null, key with { Key = first }, default);
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Contains(again, receipts);
        Assert.All(receipts, r => Assert.Matches("^[0-9A-F]{4}(-[0-9A-F]{4}){7}$", r));
        var published = (await desk.ResultAsync(panel, first)).Receipts!;
        Assert.Equal(receipts.Select(r => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(r)))).Order(StringComparer.Ordinal), published);
        Assert.Null((await desk.ResultAsync(panel, "applicant-li")).Receipts);
        foreach (var receipt in receipts)
            Assert.Empty(await Holding(desk.Desk, receipt));
        // The same request after the count: it was cast, and what could tell the receipt is gone.
        Assert.Null(await desk.Commands.CastAsync(desk.Desk.As(first).Caller, panel, "pass", default, null, key with { Key = first }, default));
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => desk.Cast(panel, first, "fail")));
    }

    [Fact]
    public async Task Request_WhenItsKeyWasUsedForSomethingElse_ThenItIsNotSaidToBeABallotAfterTheCount_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = (await desk.PanelAsync()).Id;
        var experts = await desk.WaitingAsync();
        Idempotency Key(string key) => new("key:test", key, [7]);
        Task<string?> Again(string expert, string key) => desk.Commands.CastAsync(desk.Desk.As(expert).Caller, panel, "pass", default, null, Key(key), default);
        foreach (var expert in experts[..4])
            Assert.NotNull(await Again(expert, $"ballot-{expert}"));
        await desk.Commands.CloseAsync(desk.Desk.As(PanelDesk.Secretary).Caller, panel, Key("close"), default);
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Null(await Again(experts[0], $"ballot-{experts[0]}"));
        // The secretary's key, another voter's, and one that nobody used.
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => Again(experts[4], "close")));
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => Again(experts[4], $"ballot-{experts[0]}")));
        Assert.Equal(ErrorCodes.TaskClosed, await PanelDesk.Code(() => Again(experts[0], "new")));
    }

    [Fact]
    public async Task IdempotencyRow_WhenSomebodyHashesEveryPossibleVote_ThenNoneFits_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = (await desk.PanelAsync()).Id;
        var expert = (await desk.WaitingAsync())[0];
        byte[] Hash(string vote) => SHA256.HashData(Encoding.UTF8.GetBytes(vote));
        await desk.Commands.CastAsync(desk.Desk.As(expert).Caller, panel, "pass", default, null, new Idempotency("key:test", "b", Hash("pass")), default);

        var stored = await desk.Desk.Scalar<byte[]>("select request_hash from engine.receipts where key = 'b'");

        Assert.DoesNotContain((string[])["pass", "fail", "abstain"], v => Hash(v).AsSpan().SequenceEqual(stored));
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, await PanelDesk.Code(() =>
            desk.Commands.CastAsync(desk.Desk.As(expert).Caller, panel, "fail", default, null, new Idempotency("key:test", "b", Hash("fail")), default)));
    }

    [Fact]
    public async Task Key_WhenThePanelIsCounted_ThenItWasOnDiskForItsOwnerAloneAndIsDestroyed_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = (await desk.PanelAsync()).Id;
        var file = Assert.Single(KeyFiles(desk.Desk));
        var key = await File.ReadAllBytesAsync(file);
        Assert.Equal(32, key.Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Empty(await Holding(desk.Desk, Convert.ToHexStringLower(key), Convert.ToBase64String(key)));

        await desk.Cast("pass", "pass", "pass", "pass", "pass");

        Assert.Empty(KeyFiles(desk.Desk));
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.panel_keys where destroyed_at is not null"));
        // A node that was killed between the count and the destruction leaves the key; the delivery that comes again destroys it.
        await File.WriteAllBytesAsync(file, key);
        await desk.Desk.Execute("update approvals.panel_keys set destroyed_at = null");
        var counting = desk.Desk.Get<IEnumerable<IOutboxHandler>>().OfType<PanelCounting>().Single();
        await counting.DeliverAsync(Order(panel), default);
        Assert.Empty(KeyFiles(desk.Desk));
        Assert.Equal(5L, await desk.Desk.Scalar<long>("select count(*) from approvals.panel_votes"));
    }

    [Fact]
    public async Task Key_WhenADestroyedOneIsThereAgain_ThenANodeErasesItAndLeavesOthersAlone_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var file = Assert.Single(KeyFiles(desk.Desk));
        var key = await File.ReadAllBytesAsync(file);
        var keys = desk.Desk.Get<PanelKeys>();
        Assert.Equal(0, await keys.SweepAsync(default));
        Assert.Equal(file, Assert.Single(KeyFiles(desk.Desk)));
        await desk.Cast("pass", "pass", "pass", "pass", "pass");
        await File.WriteAllBytesAsync(file, key);
        var foreign = Path.Combine(Path.GetDirectoryName(file)!, "0123456789abcdef0123456789abcdef.key");
        await File.WriteAllBytesAsync(foreign, key);

        Assert.Equal(1, await keys.SweepAsync(default));

        Assert.Equal(foreign, Assert.Single(KeyFiles(desk.Desk)));
    }

    [Fact]
    public async Task Ballot_WhenItsRoundIsOpen_ThenTheTableLetsNobodyEmptyIt_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        await desk.Cast("pass");

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => desk.Desk.Execute("update approvals.ballots set sealed = null"));

        Assert.Equal("A ballot is never changed", refused.MessageText);
    }

    [Fact]
    public async Task Count_WhenTheNodeHasNoKey_ThenItWaitsForItAndCountsLater_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        var panel = (await desk.PanelAsync()).Id;
        var file = Assert.Single(KeyFiles(desk.Desk));
        var voters = await desk.WaitingAsync();
        foreach (var expert in voters[..4])
            await desk.Cast(panel, expert, "pass");
        File.Move(file, $"{file}.away");
        Assert.Equal(ErrorCodes.Unavailable, await PanelDesk.Code(() => desk.Cast(panel, voters[4], "pass")));
        await desk.Commands.CloseAsync(desk.Desk.As(PanelDesk.Secretary).Caller, panel, null, default);
        await desk.Desk.Deliver();

        Assert.Equal("counting", (await desk.PanelAsync()).Status);
        Assert.Contains("Talent__PanelKeyDir", await desk.Desk.Scalar<string>("select last_error from engine.outbox_failed"), StringComparison.Ordinal);
        File.Move($"{file}.away", file);
        desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow().AddMinutes(2));
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Equal(4, (await desk.ResultAsync(panel)).Count!.Present);
        Assert.Empty(KeyFiles(desk.Desk));
    }

    [Fact]
    public async Task Key_WhenTheCaseIsCancelled_ThenItIsDestroyedAndNobodyCanOpenTheBallots_R_PAN_2()
    {
        await using var desk = await PanelDesk.OpenAsync();
        await desk.Cast("pass", "fail");

        await desk.Desk.Get<WorkflowRuntime>().CancelAsync(desk.Filed.Id, "test", CaseDesk.Importer, default);
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Empty(KeyFiles(desk.Desk));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.panel_votes"));
    }

    [Fact]
    public void Ballot_WhenSealed_ThenOpensOnlyForItsExpertRoundPanelAndKey_R_PAN_2()
    {
        var (key, panel) = (RandomNumberGenerator.GetBytes(32), Guid.NewGuid());
        var seal = new PanelSeal(key, panel, 1);
        var longest = new BallotPaper(Vote.Abstain, [.. Enumerable.Range(0, 20).Select(i => new CriterionScore(new string('评', 98) + i, 99.5m))], new string('议', PanelCommands.LongestText));

        var envelope = seal.Seal("expert-01", longest);

        Assert.Equal(JsonSerializer.Serialize(longest), JsonSerializer.Serialize(seal.Open("expert-01", envelope)));
        Assert.Equal(envelope.Length, seal.Seal("expert-02", new BallotPaper(Vote.Pass, [], null)).Length);
        Assert.NotEqual(envelope, seal.Seal("expert-01", longest));
        Assert.ThrowsAny<CryptographicException>(() => seal.Open("expert-02", envelope));
        Assert.ThrowsAny<CryptographicException>(() => new PanelSeal(key, panel, 2).Open("expert-01", envelope));
        Assert.ThrowsAny<CryptographicException>(() => new PanelSeal(key, Guid.NewGuid(), 1).Open("expert-01", envelope));
        Assert.ThrowsAny<CryptographicException>(() => new PanelSeal(RandomNumberGenerator.GetBytes(32), panel, 1).Open("expert-01", envelope));
        foreach (var place in (int[])[0, 12, 28, envelope.Length - 1])
        {
            var changed = envelope.ToArray();
            changed[place] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => seal.Open("expert-01", changed));
        }
    }

    private static string[] KeyFiles(CaseDesk desk) => Directory.GetFiles(Path.Combine(desk.DataDir, "panel-keys"));

    private static OutboxMessage Order(Guid panel) => new()
    {
        Sequence = 1, Id = Guid.NewGuid(), InstanceId = Guid.NewGuid(), Kind = PanelCounting.WorkKind, OrderingKey = null, Attempts = 0, CreatedAt = default,
        Payload = JsonSerializer.SerializeToUtf8Bytes(new { panelId = panel, bookmarkId = Guid.NewGuid() }),
    };

    /// <summary>The tables whose rows hold one of these texts.</summary>
    private static async Task<string[]> Holding(CaseDesk desk, params string[] texts)
    {
        var holding = new List<string>();
        foreach (var table in await desk.Scalar<string[]>("select array_agg(format('%I.%I', schemaname, tablename)) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"))
        {
            var rows = await desk.Scalar<string>($"select coalesce(string_agg(to_jsonb(t)::text, E'\\n'), '') from {table} t");
            if (texts.Any(t => rows.Contains(t, StringComparison.OrdinalIgnoreCase) || rows.Contains(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(t)), StringComparison.Ordinal)))
                holding.Add(table);
        }
        return [.. holding];
    }
}
