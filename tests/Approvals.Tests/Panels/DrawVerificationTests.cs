using System.Text;
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
        Assert.Equal(7, checks.Count);
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

    internal static DrawRecord Recorded()
    {
        var subject = new PanelSubject { ApplicantId = "P-1", EmployerId = "O-1", KinIds = ["E-03"], CoAuthorEmployerIds = ["O-4"], On = new DateOnly(2026, 9, 21) };
        Expert[] experts = [.. Enumerable.Range(1, 9).Select(i => new Expert { Id = $"E-{i:00}", Fields = i % 2 == 0 ? ["理论", "law"] : ["law"], EmployerId = $"O-{i}" })];
        var rules = new PanelRules { Size = 5, Fields = [new FieldQuota { Field = "理论", AtLeast = 2 }] };
        var pool = PoolRecord.Write(experts, subject);
        var hash = PoolRecord.HashOf(pool);
        var panel = Guid.Parse("0199d3a0-0000-7000-8000-000000000007");
        var draw = PanelDraw.Draw(experts, subject, rules, DrawSeed.OfTwo(panel, 2, Nonce(3), Nonce(4), hash));
        draw = draw.Leave(draw.Seats[1].ExpertId).Leave(draw.Seats[2].ExpertId);
        Expert[] more = [.. experts, new Expert { Id = "E-20", Fields = ["law"], EmployerId = "O-9" }];
        draw = draw.Extend(more, subject, [draw.Seats[0].ExpertId], [], null);
        return new DrawRecord
        {
            Format = DrawRecord.CurrentFormat, PanelId = panel, CaseId = Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), Visit = 1, Pool = pool, Draw = draw, AdditionPools = [PoolRecord.Write(more, subject)],
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
