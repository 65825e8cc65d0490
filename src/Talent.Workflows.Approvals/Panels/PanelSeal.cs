using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// Seals the ballots of one round of a panel with its key: AES-256-GCM, bound to panel, round and expert, so that a sealed
/// ballot can't be put into another row. Every sealed ballot has the same length, whatever is in it: a length that told a long
/// comment from a short one would tell, after the count, whose comment it is.
/// </summary>
/// <remarks>Source: R-PAN-2.</remarks>
public sealed class PanelSeal
{
    /// <summary>Room for the longest ballot that is taken: 2,000 characters of comment and 20 criteria, in bytes.</summary>
    public const int PaperBytes = 16 * 1024;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] key;
    private readonly Guid panel;
    private readonly short round;

    public PanelSeal(byte[] key, Guid panel, short round) => (this.key, this.panel, this.round) = (key, panel, round);

    /// <returns>Nonce, tag and ciphertext: always as many bytes.</returns>
    public byte[] Seal(string expert, BallotPaper paper)
    {
        var sealedPaper = new byte[NonceBytes + TagBytes + PaperBytes];
        var plain = paper.Write(PaperBytes);
        RandomNumberGenerator.Fill(sealedPaper.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(Key("ballot"), TagBytes);
        aes.Encrypt(sealedPaper.AsSpan(0, NonceBytes), plain, sealedPaper.AsSpan(NonceBytes + TagBytes), sealedPaper.AsSpan(NonceBytes, TagBytes), Bound(expert));
        CryptographicOperations.ZeroMemory(plain);
        return sealedPaper;
    }

    /// <exception cref="CryptographicException">It was changed, or is of another expert, round, panel or key.</exception>
    public BallotPaper Open(string expert, byte[] sealedPaper)
    {
        if (sealedPaper.Length != NonceBytes + TagBytes + PaperBytes)
            throw new CryptographicException("A sealed ballot has another length.");
        var plain = new byte[PaperBytes];
        using var aes = new AesGcm(Key("ballot"), TagBytes);
        aes.Decrypt(sealedPaper.AsSpan(0, NonceBytes), sealedPaper.AsSpan(NonceBytes + TagBytes), sealedPaper.AsSpan(NonceBytes, TagBytes), plain, Bound(expert));
        return BallotPaper.Read(plain);
    }

    /// <summary>The voter's receipt, the same whenever it is asked for while the key exists: 128 bits in groups of four.</summary>
    public string Receipt(string expert) =>
        string.Join('-', Convert.ToHexString(HMACSHA256.HashData(Key("receipt"), Bound(expert)), 0, 16).Chunk(4).Select(group => new string(group)));

    /// <summary>What is published of a receipt: <c>printf %s "$receipt" | sha256sum</c>.</summary>
    public static string Published(string receipt) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(receipt)));

    /// <summary>Hides the hash of a request that holds a vote: without the key nobody can compare it with the few votes there are.</summary>
    public byte[] Hide(byte[] requestHash) => HMACSHA256.HashData(Key("request"), requestHash);

    private byte[] Key(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.ASCII.GetBytes($"talent-panel-{purpose}"));

    private byte[] Bound(string expert)
    {
        var name = Encoding.UTF8.GetBytes(expert);
        var bytes = new byte[18 + name.Length];
        panel.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(16), round);
        name.CopyTo(bytes.AsSpan(18));
        return bytes;
    }
}
