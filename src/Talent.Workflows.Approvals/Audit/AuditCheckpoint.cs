using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>
/// All chains at an instant under one signature, and itself chained to the checkpoint before: with an export of the heads
/// and the public key anyone can check it without the database.
/// </summary>
/// <remarks>
/// Source: R-AUD-1. The root is a Merkle tree over the heads by case id (RFC 6962: leaves and nodes are hashed with
/// different first bytes). Signed with ECDSA on P-256, SHA-256, IEEE P1363 form (64 bytes): the class library has no Ed25519.
/// </remarks>
public sealed record AuditCheckpoint
{
    private const string Domain = "talent-workflows/audit-checkpoint/1";

    /// <summary>Counts to the microsecond.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How many cases.</summary>
    public required int Count { get; init; }

    public required byte[] Root { get; init; }

    /// <summary><see cref="Digest"/> of the checkpoint before; 32 zero bytes for the first.</summary>
    public required byte[] Previous { get; init; }

    public required byte[] Signature { get; init; }

    /// <summary>Which registered key signed it; null before keys were registered. Not signed itself: the signature says whether it is true.</summary>
    public string? KeyId { get; init; }

    /// <param name="privateKeyPem">A P-256 private key, PEM (PKCS#8 or SEC 1).</param>
    /// <exception cref="ArgumentException">A case twice, or not such a key.</exception>
    public static AuditCheckpoint Sign(IEnumerable<CaseHead> heads, DateTimeOffset at, AuditCheckpoint? previous, string privateKeyPem)
    {
        var (root, count) = RootOf(heads);
        var unsigned = new AuditCheckpoint { At = at, Count = count, Root = root, Previous = previous?.Digest() ?? AuditChain.Start, Signature = [] };
        using var key = Key(privateKeyPem);
        return unsigned with { Signature = key.SignData(unsigned.Signed(), HashAlgorithmName.SHA256) };
    }

    /// <summary>SHA-256 of all that is signed, and of the signature: what the next checkpoint names.</summary>
    public byte[] Digest() => SHA256.HashData([.. Signed(), .. Signature]);

    /// <summary>Whether the key signed it, it stands for exactly these heads, and it follows <paramref name="previous"/> (null: it is the first).</summary>
    public CheckpointVerdict Verify(IEnumerable<CaseHead> heads, AuditCheckpoint? previous, string publicKeyPem)
    {
        using var key = Key(publicKeyPem);
        if (!key.VerifyData(Signed(), Signature, HashAlgorithmName.SHA256))
        {
            return CheckpointVerdict.BadSignature;
        }

        var (root, count) = RootOf(heads);
        return count != Count || !CryptographicOperations.FixedTimeEquals(root, Root) ? CheckpointVerdict.OtherHeads
            : !CryptographicOperations.FixedTimeEquals(Previous, previous?.Digest() ?? AuditChain.Start) || previous?.At > At ? CheckpointVerdict.NotAfterPrevious
            : CheckpointVerdict.Genuine;
    }

    private byte[] Signed()
    {
        var domain = Encoding.UTF8.GetBytes(Domain);
        var bytes = new byte[domain.Length + 8 + 4 + Root.Length + Previous.Length];
        domain.CopyTo(bytes, 0);
        var rest = bytes.AsSpan(domain.Length);
        BinaryPrimitives.WriteInt64BigEndian(rest, (At.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);
        BinaryPrimitives.WriteInt32BigEndian(rest[8..], Count);
        Root.CopyTo(rest[12..]);
        Previous.CopyTo(rest[(12 + Root.Length)..]);
        return bytes;
    }

    private static (byte[] Root, int Count) RootOf(IEnumerable<CaseHead> heads)
    {
        var ordered = heads.OrderBy(h => h.CaseId, StringComparer.Ordinal).ToArray();
        for (var i = 1; i < ordered.Length; i++)
        {
            if (ordered[i].CaseId == ordered[i - 1].CaseId)
            {
                throw new ArgumentException($"Case {ordered[i].CaseId} has two heads.", nameof(heads));
            }
        }

        var level = ordered.Select(Leaf).ToArray();
        if (level.Length == 0)
        {
            return (SHA256.HashData([]), 0);
        }

        // A node without a partner goes up as it is.
        while (level.Length > 1)
        {
            level = [.. level.Chunk(2).Select(pair => pair.Length == 1 ? pair[0] : SHA256.HashData([1, .. pair[0], .. pair[1]]))];
        }

        return (level[0], ordered.Length);
    }

    private static byte[] Leaf(CaseHead head)
    {
        var id = Encoding.UTF8.GetBytes(head.CaseId);
        var bytes = new byte[1 + 4 + id.Length + 8 + head.Hash.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), id.Length);
        id.CopyTo(bytes, 5);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(5 + id.Length), head.Seq);
        head.Hash.CopyTo(bytes, 13 + id.Length);
        return SHA256.HashData(bytes);
    }

    private static ECDsa Key(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.KeySize == 256)
            {
                return key;
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new ArgumentException("The audit key isn't a P-256 key in PEM form.", nameof(pem), e);
        }

        key.Dispose();
        throw new ArgumentException("The audit key isn't on the curve P-256.", nameof(pem));
    }
}

public enum CheckpointVerdict
{
    Genuine,

    /// <summary>签名无效: changed, or another key's.</summary>
    BadSignature,

    /// <summary>与所附案件不符: a case is missing, added, or stood elsewhere.</summary>
    OtherHeads,

    /// <summary>与前一检查点不衔接: a checkpoint between was dropped or replaced.</summary>
    NotAfterPrevious,
}
