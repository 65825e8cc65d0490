using System.Text;
using System.Text.Json;
using Talent.Workflows.Approvals.Panels;

namespace Talent.Workflows.Approvals.Tests.Panels;

/// <summary>A draw is made again from its record alone.</summary>
public sealed class DrawVerificationTests
{
    private static readonly DateTimeOffset Start = new(2026, 9, 21, 1, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Draw_WhenItsRecordIsWhole_ThenItIsVerifiedWithSubstitutesAndAdditions_R_PAN_1()
    {
        var record = Recorded();

        var checks = DrawVerification.Verify(record.Write());

        Assert.All(checks, c => Assert.True(c.Holds, c.Zh));
        Assert.Equal(8, checks.Count);
        Assert.NotEmpty(record.Draw.Additions!.Value);
        Assert.Equal(record.Draw.Seed, DrawSeed.OfTwo(record.PanelId, 2, Nonce(3), Nonce(4), record.Draw.PoolHash));
    }

    [Fact]
    public void Draw_WhenPoolRecordChanges_ThenVerificationFails_R_PAN_1()
    {
        var bytes = Recorded().Write();
        var (from, length) = Pool(bytes);

        for (var i = from; i < from + length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] = (byte)(changed[i] == 'x' ? 'y' : 'x');
            Assert.False(DrawVerification.Verify(changed).All(c => c.Holds), Encoding.UTF8.GetString(bytes.AsSpan(i, 1)));
        }
    }

    [Fact]
    public void Draw_WhenTheFileIsRewrittenOrNoRecord_ThenVerificationFails_R_PAN_1()
    {
        var bytes = Recorded().Write();

        Assert.False(DrawVerification.Verify([.. bytes, (byte)'\n']).All(c => c.Holds));
        Assert.False(DrawVerification.Verify("{}"u8).All(c => c.Holds));
        Assert.False(DrawVerification.Verify([]).All(c => c.Holds));
    }

    [Fact]
    public void Draw_WhenThePoolIsExchangedWithItsHash_ThenTheSeedNoLongerFits_R_PAN_1()
    {
        var record = Recorded();
        var other = record.Pool.Replace("\"E-05\"", "\"E-55\"", StringComparison.Ordinal);
        var hash = PoolRecord.HashOf(other);

        // With the hash exchanged everywhere, as somebody would who wants another pool.
        var forged = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString((record with { Pool = other }).Write()).Replace(record.Draw.PoolHash, hash, StringComparison.Ordinal));

        Assert.Contains(DrawVerification.Verify(forged), c => !c.Holds);
    }

    [Fact]
    public void Draw_WhenAPartyRevealsAnotherNonceOrCommitsLate_ThenVerificationFails_R_PAN_1()
    {
        var record = Recorded();
        DrawRecord With(Func<DrawPledge, DrawPledge> change) => record with { Attempts = record.Attempts.SetItem(1, record.Attempts[1] with { Parties = [change(record.Attempts[1].Parties[0]), record.Attempts[1].Parties[1]] }) };

        Assert.Contains(DrawVerification.Verify(With(p => p with { Nonce = Nonce(9) }).Write()), c => !c.Holds);
        Assert.Contains(DrawVerification.Verify(With(p => p with { Nonce = null }).Write()), c => !c.Holds);
        Assert.Contains(DrawVerification.Verify(With(p => p with { CommittedAt = p.CommittedAt.AddHours(5) }).Write()), c => !c.Holds);
        Assert.Contains(DrawVerification.Verify(With(p => p with { RevealedAt = Start }).Write()), c => !c.Holds);
        Assert.Contains(DrawVerification.Verify(With(p => p with { UserId = "second" }).Write()), c => !c.Holds);
    }

    [Fact]
    public void Draw_WhenTheSequenceOrASeatIsExchanged_ThenVerificationFails_R_PAN_1()
    {
        var record = Recorded();
        var (first, second) = (record.Draw.Seats[0].ExpertId, record.Draw.Sequence.First(e => record.Draw.Seats.All(s => s.ExpertId != e.Id)).Id);

        var seats = record with { Draw = record.Draw with { Seats = record.Draw.Seats.SetItem(0, new PanelSeat(second, null, null)) } };
        var sequence = record with { Draw = record.Draw with { Sequence = record.Draw.Sequence.Reverse().ToArray().AsSpan().ToArray() is var s ? [.. s] : [] } };
        var moves = record with { Draw = record.Draw with { Moves = record.Draw.Moves!.Value.SetItem(0, new DrawMove { Left = first }) } };

        Assert.All([seats, sequence, moves], forged => Assert.Contains(DrawVerification.Verify(forged.Write()), c => !c.Holds));
    }

    [Fact]
    public void Draw_WhenTheRulesAreChosenAfterTheNonces_ThenVerificationFails_R_PAN_1()
    {
        var record = Recorded();
        var pool = PoolRecord.Read(record.Pool);
        var other = pool.Rules! with { Size = 3 };

        // Drawn faithfully, by rules that the hash doesn't hold.
        var chosen = record with { Draw = PanelDraw.Draw(pool with { Rules = other }, record.Draw.Seed), AdditionPools = [] };
        var renamed = chosen with { Draw = JsonSerializer.Deserialize<PanelDraw>(JsonSerializer.Serialize(chosen.Draw, JsonSerializerOptions.Web).Replace(chosen.Draw.PoolHash, record.Draw.PoolHash, StringComparison.Ordinal), JsonSerializerOptions.Web)! };
        // Or in the pool's text too, with its hash wherever it was recorded: then the seed is another.
        var rewritten = chosen with
        {
            Pool = (pool with { Rules = other }).Write(), Attempts = [.. record.Attempts.Select(a => a with { PoolHash = chosen.Draw.PoolHash })],
        };

        Assert.All([chosen, renamed, rewritten], forged => Assert.Contains(DrawVerification.Verify(forged.Write()), c => !c.Holds));
        Assert.Throws<FormatException>(() => record.Draw.Extend(pool with { Rules = other }, [], [], null));
    }

    [Fact]
    public void Draw_WhenItsPoolWasRecordedByAnEarlierRelease_ThenItVerifiesAndSaysThatNothingProvesItsRules_R_PAN_1()
    {
        var record = Recorded(rulesInPool: false);
        Assert.DoesNotContain("rules", record.Pool, StringComparison.Ordinal);

        var checks = DrawVerification.Verify(record.Write());

        Assert.All(checks, c => Assert.True(c.Holds, c.Zh));
        Assert.Contains(checks, c => c.Zh.Contains("旧版记录（talent-draw-1）", StringComparison.Ordinal) && c.En.Contains("nothing proves", StringComparison.Ordinal));
        Assert.DoesNotContain(DrawVerification.Verify(Recorded().Write()), c => c.En.Contains("nothing proves", StringComparison.Ordinal));
        // Neither passes for the other.
        Assert.Contains(DrawVerification.Verify((record with { Format = DrawRecord.CurrentFormat }).Write()), c => !c.Holds);
        Assert.Contains(DrawVerification.Verify((Recorded() with { Format = DrawRecord.FirstFormat }).Write()), c => !c.Holds);
    }

    [Fact]
    public void Draw_WhenOnlyItsFieldsMaySit_ThenItVerifiesAndTheRuleCanNeitherBeTakenOutNorPutIn_R_PAN_1()
    {
        var (strict, before) = (Recorded(onlyFields: true), Recorded());

        Assert.All(DrawVerification.Verify(strict.Write()), c => Assert.True(c.Holds, c.Zh));
        Assert.Contains("\"onlyFields\":true", strict.Pool, StringComparison.Ordinal);
        Assert.DoesNotContain("onlyFields", before.Pool, StringComparison.Ordinal);
        // As it was hashed before there was the rule.
        Assert.All(DrawVerification.Verify(before.Write()), c => Assert.True(c.Holds, c.Zh));
        Assert.NotEqual(strict.Draw.PoolHash, before.Draw.PoolHash);
        Assert.Contains(DrawVerification.Verify((strict with { Pool = before.Pool }).Write()), c => !c.Holds);
        Assert.Contains(DrawVerification.Verify((before with { Draw = before.Draw with { Rules = strict.Draw.Rules } }).Write()), c => !c.Holds);
    }

    internal static DrawRecord Recorded(bool rulesInPool = true, bool onlyFields = false)
    {
        var subject = new PanelSubject { ApplicantId = "P-1", EmployerId = "O-1", KinIds = ["E-03"], CoAuthorEmployerIds = ["O-4"], On = new DateOnly(2026, 9, 21) };
        Expert[] experts = [.. Enumerable.Range(1, 9).Select(i => new Expert { Id = $"E-{i:00}", Fields = i % 2 == 0 ? ["理论", "law"] : ["law"], EmployerId = $"O-{i}" })];
        var rules = new PanelRules { Size = 5, Fields = [new FieldQuota { Field = "理论", AtLeast = 2 }], OnlyFields = onlyFields ? true : null };
        var read = new PoolRecord(subject, [.. experts], rulesInPool ? rules : null);
        var pool = read.Write();
        var hash = PoolRecord.HashOf(pool);
        var panel = Guid.Parse("0199d3a0-0000-7000-8000-000000000007");
        var draw = PanelDraw.Draw(read, DrawSeed.OfTwo(panel, 2, Nonce(3), Nonce(4), hash), rules);
        draw = draw.Leave(draw.Seats[1].ExpertId).Leave(draw.Seats[2].ExpertId);
        Expert[] more = [.. experts, new Expert { Id = "E-20", Fields = ["law"], EmployerId = "O-9" }];
        var later = read with { Experts = [.. more] };
        draw = draw.Extend(later, [draw.Seats[0].ExpertId], [], null);
        return new DrawRecord
        {
            Format = rulesInPool ? DrawRecord.CurrentFormat : DrawRecord.FirstFormat, PanelId = panel, CaseId = Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), Visit = 1, Pool = pool, Draw = draw, AdditionPools = [later.Write()],
            Attempts = [new DrawAttempt(1, hash, Start.AddHours(2), [Pledge(0, 1, Start), Pledge(1, 2, Start) with { Nonce = null, RevealedAt = null }]), new DrawAttempt(2, hash, Start.AddHours(26), [Pledge(0, 3, Start.AddHours(24)), Pledge(1, 4, Start.AddHours(24))])],
        };
    }

    private static DrawPledge Pledge(int party, byte nonce, DateTimeOffset at) => new(party, $"bureau.party-{party}", "bureau", party == 0 ? "first" : "second",
        DrawSeed.Commitment(Convert.FromHexString(Nonce(nonce))), at, Nonce(nonce), at.AddHours(3));

    private static string Nonce(byte number) => Convert.ToHexStringLower(Enumerable.Repeat(number, 32).ToArray());

    private static (int From, int Length) Pool(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var from = text.IndexOf("\"pool\": \"", StringComparison.Ordinal) + 9;
        return (from, text.IndexOf("\",\n", from, StringComparison.Ordinal) - from);
    }
}
