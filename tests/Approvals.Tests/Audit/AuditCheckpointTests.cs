using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Audit;

namespace Talent.Workflows.Approvals.Tests.Audit;

public sealed class AuditCheckpointTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 1, 0, 0, TimeSpan.Zero);

    private static readonly (string Private, string Public) Key = NewKey(ECCurve.NamedCurves.nistP256);

    private static readonly Gen<CaseHead[]> Heads = Gen.Choose(1, 17).Select(n => Enumerable.Range(0, n).Select(i => Head($"case-{i}", i + 1)).ToArray());

    [Fact]
    public void Verify_WhenSignedOverTheseHeads_ThenGenuine_InAnyOrder_R_AUD_1() =>
        Property.Holds(Heads, heads =>
        {
            var first = AuditCheckpoint.Sign(heads, At, null, Key.Private);
            var second = AuditCheckpoint.Sign(heads.Reverse(), At.AddMinutes(1), first, Key.Private);

            Assert.Equal(CheckpointVerdict.Genuine, first.Verify(heads.Reverse(), null, Key.Public));
            Assert.Equal(CheckpointVerdict.Genuine, second.Verify(heads, first, Key.Public));
            Assert.Equal((heads.Length, 64), (first.Count, first.Signature.Length));
        }, count: 20);

    [Fact]
    public void Verify_WhenAnyHeadIsOtherThanSigned_ThenFound_R_AUD_1() =>
        Property.Holds(Gen.Zip(Heads, Gen.Zip(Gen.Choose(0, 99), Gen.Choose(0, 3))), pair =>
        {
            var (heads, (pick, how)) = (pair.Item1, pair.Item2);
            var checkpoint = AuditCheckpoint.Sign(heads, At, null, Key.Private);
            var at = pick % heads.Length;
            var head = heads[at];
            CaseHead[] other = how switch
            {
                0 => [.. heads.Where((_, i) => i != at)],
                1 => [.. heads, Head("case-new", 1)],
                2 => [.. heads.Select((h, i) => i == at ? h with { Seq = h.Seq - 1 } : h)],
                _ => [.. heads.Select((h, i) => i == at ? h with { Hash = [(byte)(head.Hash[0] ^ 1), .. head.Hash[1..]] } : h)],
            };

            Assert.Equal(CheckpointVerdict.OtherHeads, checkpoint.Verify(other, null, Key.Public));
        }, count: 20);

    [Fact]
    public void Verify_WhenTheCheckpointItselfIsChanged_ThenFound_R_AUD_1()
    {
        CaseHead[] heads = [Head("a", 1), Head("b", 2)];
        var first = AuditCheckpoint.Sign(heads, At, null, Key.Private);
        var second = AuditCheckpoint.Sign(heads, At.AddMinutes(1), first, Key.Private);
        var other = NewKey(ECCurve.NamedCurves.nistP256);

        Assert.Equal(CheckpointVerdict.BadSignature, (first with { At = At.AddMinutes(1) }).Verify(heads, null, Key.Public));
        Assert.Equal(CheckpointVerdict.BadSignature, (first with { Count = 3 }).Verify(heads, null, Key.Public));
        Assert.Equal(CheckpointVerdict.BadSignature, (first with { Root = new byte[32] }).Verify(heads, null, Key.Public));
        Assert.Equal(CheckpointVerdict.BadSignature, (second with { Previous = new byte[32] }).Verify(heads, null, Key.Public));
        Assert.Equal(CheckpointVerdict.BadSignature, (first with { Signature = new byte[64] }).Verify(heads, null, Key.Public));
        Assert.Equal(CheckpointVerdict.BadSignature, (first with { Signature = [] }).Verify(heads, null, Key.Public));
        Assert.Equal(CheckpointVerdict.BadSignature, first.Verify(heads, null, other.Public));
        Assert.Equal(CheckpointVerdict.NotAfterPrevious, second.Verify(heads, null, Key.Public));
        Assert.Equal(CheckpointVerdict.NotAfterPrevious, first.Verify(heads, second, Key.Public));
    }

    [Fact]
    public void CutOffTail_WhenTheCheckpointsHeadIsKnown_ThenFoundOffline_R_AUD_1()
    {
        var records = AuditChainTests.Chained([AuditChainTests.Plain("filed"), AuditChainTests.Plain("approved"), AuditChainTests.Plain("rejected")]);
        CaseHead[] heads = [AuditChainTests.Head(records)];
        var checkpoint = AuditCheckpoint.Sign(heads, At, null, Key.Private);

        Assert.Equal(CheckpointVerdict.Genuine, checkpoint.Verify(heads, null, Key.Public));
        Assert.Equal(AuditVerdict.Broken(3, AuditBreak.Missing), AuditChain.Verify(records[..2], heads[0]));
        Assert.Equal(CheckpointVerdict.OtherHeads, checkpoint.Verify([AuditChainTests.Head(records[..2])], null, Key.Public));
    }

    [Fact]
    public void Sign_WhenNoHeadsYet_ThenGenuine_AndWrongKeysAreRefused_R_AUD_1()
    {
        Assert.Equal(CheckpointVerdict.Genuine, AuditCheckpoint.Sign([], At, null, Key.Private).Verify([], null, Key.Public));
        Assert.Throws<ArgumentException>(() => AuditCheckpoint.Sign([], At, null, NewKey(ECCurve.NamedCurves.nistP384).Private));
        Assert.Throws<ArgumentException>(() => AuditCheckpoint.Sign([], At, null, "no key"));
        Assert.Throws<ArgumentException>(() => AuditCheckpoint.Sign([Head("a", 1), Head("a", 2)], At, null, Key.Private));
    }

    private static CaseHead Head(string id, long seq) => new(id, seq, SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)));

    private static (string Private, string Public) NewKey(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return (key.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
    }
}
