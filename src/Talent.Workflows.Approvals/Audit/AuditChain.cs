using System.Security.Cryptography;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>
/// The chain of one case: each record's hash is SHA-256 of the hash before it and the entry's bytes; the first follows
/// 32 zero bytes. Whoever alters, drops, inserts or reorders a record must redo all after it, which the signed
/// <see cref="AuditCheckpoint"/> doesn't let them.
/// </summary>
/// <remarks>Source: R-AUD-1.</remarks>
public static class AuditChain
{
    public const int HashBytes = 32;

    /// <summary>What the first record follows.</summary>
    public static byte[] Start => new byte[HashBytes];

    /// <exception cref="ArgumentException">The previous hash hasn't 32 bytes.</exception>
    public static byte[] Next(ReadOnlySpan<byte> previous, AuditEntry entry)
    {
        if (previous.Length != HashBytes)
        {
            throw new ArgumentException($"A hash has {HashBytes} bytes, this has {previous.Length}.", nameof(previous));
        }

        return SHA256.HashData([.. previous, .. entry.Encode()]);
    }

    /// <summary>Checks one case's records in the order they are stored.</summary>
    /// <param name="head">Where a checkpoint says the chain stood: it finds records cut off at the end, and a chain redone as a whole. It may have grown since.</param>
    public static AuditVerdict Verify(IReadOnlyList<AuditRecord> records, CaseHead? head = null)
    {
        var previous = Start;
        for (var i = 0; i < records.Count; i++)
        {
            var (entry, hash) = records[i];
            var expected = i + 1L;
            if (entry.Seq != expected)
            {
                // Somewhere else: out of order. Nowhere: cut out.
                var elsewhere = records.Any(r => r.Entry.Seq == expected) || entry.Seq < expected;
                return AuditVerdict.Broken(expected, elsewhere ? AuditBreak.Reordered : AuditBreak.Missing);
            }

            if (entry.CaseId != (head?.CaseId ?? records[0].Entry.CaseId) || !Follows(previous, entry, hash))
            {
                return AuditVerdict.Broken(expected, AuditBreak.Changed);
            }

            if (head is not null && head.Seq == expected && !CryptographicOperations.FixedTimeEquals(hash, head.Hash))
            {
                return AuditVerdict.Broken(expected, AuditBreak.Changed);
            }

            previous = hash;
        }

        return head is not null && head.Seq > records.Count ? AuditVerdict.Broken(records.Count + 1L, AuditBreak.Missing) : AuditVerdict.Whole;
    }

    private static bool Follows(byte[] previous, AuditEntry entry, byte[] hash)
    {
        try
        {
            return CryptographicOperations.FixedTimeEquals(hash, Next(previous, entry));
        }
        catch (Exception e) when (e is FormatException or System.Text.EncoderFallbackException)
        {
            // What can't be encoded was never written by us.
            return false;
        }
    }
}

public enum AuditBreak
{
    None,

    /// <summary>已被修改: the record isn't what was hashed, or doesn't follow the one before.</summary>
    Changed,

    /// <summary>缺失</summary>
    Missing,

    /// <summary>次序颠倒</summary>
    Reordered,
}

/// <summary>Whole, or the first place where a chain isn't, and how.</summary>
public sealed record AuditVerdict(long? BrokenSeq, AuditBreak Reason)
{
    public static AuditVerdict Whole { get; } = new(null, AuditBreak.None);

    public bool IsWhole => BrokenSeq is null;

    public static AuditVerdict Broken(long seq, AuditBreak reason) => new(seq, reason);
}

/// <summary>Where a case's chain stands: its last record.</summary>
public sealed record CaseHead(string CaseId, long Seq, byte[] Hash);
