using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>How seeds come about. All are in lower-case hex.</summary>
public static class DrawSeed
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceBytes = 32;

    /// <summary>
    /// Of two parties: SHA-256 of five lines in ASCII, each ended by LF: <c>talent-draw-1 &lt;panel&gt; &lt;attempt&gt;</c>, the nonces in the
    /// order of the parties, the pool's hash, and nothing else. Neither party could know the pool when it committed, nor the other's nonce.
    /// </summary>
    /// <remarks>Recompute with <c>printf 'talent-draw-1 %s %s\n%s\n%s\n%s\n' "$panel" "$attempt" "$first" "$second" "$pool" | sha256sum</c>.</remarks>
    public static string OfTwo(Guid panel, int attempt, string first, string second, string poolHash) =>
        Hash(string.Create(CultureInfo.InvariantCulture, $"talent-draw-1 {panel} {attempt}\n{first}\n{second}\n{poolHash}\n"));

    /// <summary>Of the server alone: SHA-256 of the case's id (16 bytes, as written), the visit (4 bytes, big-endian) and the nonce that was committed before the pool was read.</summary>
    public static string OfServer(Guid caseId, int visit, ReadOnlySpan<byte> nonce)
    {
        Span<byte> bytes = stackalloc byte[20 + nonce.Length];
        caseId.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], visit);
        nonce.CopyTo(bytes[20..]);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>What a party commits to: SHA-256 of the nonce's bytes.</summary>
    public static string Commitment(ReadOnlySpan<byte> nonce) => Convert.ToHexStringLower(SHA256.HashData(nonce));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
}
