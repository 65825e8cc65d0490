using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Audit;

namespace Talent.Workflows.Approvals.Tests.Audit;

public sealed class AuditChainTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 1, 2, 3, TimeSpan.Zero);

    private static readonly Gen<AuditEntry> Entries =
        from texts in Gen.ArrayOf(Gen.Elements("", "a", "ab", "审核", "open", "𠮷"), 8)
        from nulls in Gen.Choose(0, 31)
        from microseconds in Gen.Choose(0, int.MaxValue)
        select new AuditEntry
        {
            CaseId = "case-1",
            Seq = 0,
            At = Start.AddMicroseconds(microseconds),
            ServiceId = texts[0],
            UserId = (nulls & 1) == 0 ? texts[1] : null,
            Action = texts[2],
            Stage = (nulls & 2) == 0 ? texts[3] : null,
            FromStatus = (nulls & 4) == 0 ? texts[4] : null,
            ToStatus = (nulls & 8) == 0 ? texts[5] : null,
            DefinitionVersionId = texts[6],
            Details = (nulls & 16) == 0 ? $$"""{ "note": "{{texts[7]}}", "n": {{microseconds}} }""" : null,
        };

    private static readonly Gen<AuditRecord[]> Chains = Gen.Choose(2, 12).SelectMany(n => Gen.ArrayOf(Entries, n)).Select(Chained);

    [Fact]
    public void Verify_WhenUntouched_ThenWhole_AlsoAsWrittenByAnotherStore_R_AUD_1() =>
        Property.Holds(Chains, records =>
        {
            var stored = records.Select(r => r with { Entry = r.Entry with { At = r.Entry.At.ToOffset(TimeSpan.FromHours(8)).AddTicks(3), Details = r.Entry.Details?.Replace(" ", "", StringComparison.Ordinal) } }).ToArray();

            Assert.True(AuditChain.Verify(records).IsWhole);
            Assert.True(AuditChain.Verify(stored).IsWhole);
            Assert.True(AuditChain.Verify(records, Head(records)).IsWhole);
            Assert.True(AuditChain.Verify(records, Head(records[..^1])).IsWhole); // grown since the checkpoint
        });

    [Fact]
    public void Verify_WhenAnyByteOfAnEntryChanged_ThenFoundThere_R_AUD_1() =>
        Property.Holds(Gen.Zip(Chains, Gen.Zip(Gen.Choose(0, 999), Gen.Choose(0, 10))), pair =>
        {
            var (records, (pick, field)) = (pair.Item1.ToArray(), pair.Item2);
            var at = pick % records.Length;
            var e = records[at].Entry;
            var changed = field switch
            {
                0 => e with { CaseId = e.CaseId + "0" },
                1 => e with { At = e.At.AddMicroseconds(1) },
                2 => e with { ServiceId = Flip(e.ServiceId) },
                3 => e with { UserId = e.UserId is null ? "" : Flip(e.UserId) },
                4 => e with { Action = Flip(e.Action) },
                5 => e with { Stage = e.Stage is null ? "" : null },
                6 => e with { FromStatus = e.ToStatus is null ? "x" : e.ToStatus + "x" },
                7 => e with { ToStatus = Flip(e.ToStatus ?? "") },
                8 => e with { DefinitionVersionId = Flip(e.DefinitionVersionId) },
                9 => e with { Details = e.Details?.Replace("\"n\": ", "\"n\": 1", StringComparison.Ordinal) ?? "{}" },
                _ => e,
            };
            records[at] = new AuditRecord(changed, field == 10 ? [.. records[at].Hash[..31], (byte)(records[at].Hash[31] ^ 1)] : records[at].Hash);
            if (changed == e && field != 10)
            {
                return; // this field had the new value already
            }

            var verdict = AuditChain.Verify(records);

            Assert.Equal(AuditBreak.Changed, verdict.Reason);
            Assert.Equal(at + 1, verdict.BrokenSeq);
        }, count: 200);

    [Fact]
    public void Encode_WhenAnyByteOfItChanges_ThenTheHashDoes_AndNoTwoEntriesShareIt_R_AUD_1() =>
        Property.Holds(Gen.Two(Entries), pair =>
        {
            var (a, b) = pair;

            Assert.Equal(a == b, a.Encode().SequenceEqual(b.Encode()));
            Assert.Equal(a.Encode(), a.Encode());
            Assert.NotEqual(AuditChain.Next(AuditChain.Start, a), AuditChain.Next([1, .. AuditChain.Start[1..]], a));
        });

    // Worked out by hand: version, length-prefixed texts, microseconds.
    [Fact]
    public void Encode_WhenASmallEntry_ThenExactlyTheseBytes_R_AUD_1()
    {
        var entry = new AuditEntry { CaseId = "c", Seq = 1, At = DateTimeOffset.UnixEpoch.AddMilliseconds(1), ServiceId = "s", UserId = "", Action = "审", DefinitionVersionId = "d", Details = """{"b":1.50,"a":[true,null]}""" };

        Assert.Equal(
            "01" + "0000000163" + "0000000000000001" + "00000000000003e8" + "0000000173" + "00000000" + "00000003e5aea1" + "ffffffff" + "ffffffff" + "ffffffff" + "0000000164"
                + "00000019" + Convert.ToHexStringLower(Encoding.UTF8.GetBytes("""{"a":[true,null],"b":1.5}""")),
            Convert.ToHexStringLower(entry.Encode()));
    }

    [Fact]
    public void Verify_WhenARecordIsCutOut_ThenFound_AtTheTailByTheCheckpointsHead_R_AUD_1() =>
        Property.Holds(Gen.Zip(Chains, Gen.Choose(0, 999)), pair =>
        {
            var (records, cut) = (pair.Item1, pair.Item2 % pair.Item1.Length);
            var left = records.Where((_, i) => i != cut).ToArray();

            var verdict = AuditChain.Verify(left, Head(records));

            Assert.Equal((cut + 1L, AuditBreak.Missing), (verdict.BrokenSeq!.Value, verdict.Reason));
            Assert.Equal(cut == records.Length - 1, AuditChain.Verify(left).IsWhole);
        });

    [Fact]
    public void Verify_WhenTwoRecordsAreSwappedOrOneRepeated_ThenFound_R_AUD_1() =>
        Property.Holds(Gen.Zip(Chains, Gen.Two(Gen.Choose(0, 999))), pair =>
        {
            var records = pair.Item1.ToArray();
            var (a, b) = (pair.Item2.Item1 % records.Length, pair.Item2.Item2 % records.Length);
            var repeated = records.Concat(records[a..(a + 1)]).ToArray();
            (records[a], records[b]) = (records[b], records[a]);

            Assert.Equal(a == b ? AuditVerdict.Whole : AuditVerdict.Broken(Math.Min(a, b) + 1, AuditBreak.Reordered), AuditChain.Verify(records));
            Assert.Equal(AuditVerdict.Broken(repeated.Length, AuditBreak.Reordered), AuditChain.Verify(repeated));
        });

    [Fact]
    public void Verify_WhenSwappedAndNumberedAnew_OrRedoneAsAWhole_ThenFound_R_AUD_1()
    {
        var records = Chained([.. Enumerable.Range(0, 4).Select(i => Plain($"action {i}"))]);
        AuditRecord[] renumbered = [records[0], Numbered(records[2], 2), Numbered(records[1], 3), records[3]];
        var redone = Chained([.. records.Select((r, i) => i == 1 ? r.Entry with { Action = "other" } : r.Entry)]);

        Assert.Equal(AuditVerdict.Broken(2, AuditBreak.Changed), AuditChain.Verify(renumbered));
        Assert.True(AuditChain.Verify(redone).IsWhole);
        Assert.Equal(AuditVerdict.Broken(4, AuditBreak.Changed), AuditChain.Verify(redone, Head(records)));
        Assert.Equal(AuditVerdict.Broken(1, AuditBreak.Changed), AuditChain.Verify(records, Head(records) with { CaseId = "case-2" }));
        Assert.Equal(AuditVerdict.Broken(1, AuditBreak.Missing), AuditChain.Verify([], Head(records)));
        Assert.True(AuditChain.Verify([]).IsWhole);
    }

    [Fact]
    public void Verify_WhenAStoredEntryCantBeEncoded_ThenItWasChanged_R_AUD_1()
    {
        var records = Chained([Plain("a"), Plain("b")]);

        Assert.Equal(AuditVerdict.Broken(2, AuditBreak.Changed), AuditChain.Verify([records[0], records[1] with { Entry = records[1].Entry with { Details = "{" } }]));
        Assert.Equal(AuditVerdict.Broken(2, AuditBreak.Changed), AuditChain.Verify([records[0], records[1] with { Entry = records[1].Entry with { Action = "\ud800" } }]));
        Assert.Throws<ArgumentException>(() => AuditChain.Next(new byte[31], records[0].Entry));
    }

    internal static AuditEntry Plain(string action) => new() { CaseId = "case-1", Seq = 0, At = Start, ServiceId = "key-1", Action = action, DefinitionVersionId = "def-1" };

    internal static AuditRecord[] Chained(AuditEntry[] entries)
    {
        var (previous, records) = (AuditChain.Start, new List<AuditRecord>());
        foreach (var entry in entries)
        {
            var numbered = entry with { Seq = records.Count + 1 };
            previous = AuditChain.Next(previous, numbered);
            records.Add(new AuditRecord(numbered, previous));
        }

        return [.. records];
    }

    internal static CaseHead Head(AuditRecord[] records) => new(records[^1].Entry.CaseId, records[^1].Entry.Seq, records[^1].Hash);

    private static AuditRecord Numbered(AuditRecord record, long seq) => record with { Entry = record.Entry with { Seq = seq } };

    private static string Flip(string text) => text.Length == 0 ? "\u0001" : text[..^1] + (char)(text[^1] ^ 1);
}
