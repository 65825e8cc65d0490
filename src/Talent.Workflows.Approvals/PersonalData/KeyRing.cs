using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>
/// Seals personal values for the columns they stand in, opens them again, and makes the blind indexes that they are found by. A
/// sealed value is a version (1 byte), the id of its data key (4 bytes, big-endian), a nonce (12), the ciphertext of AES-256-GCM and
/// its tag (16). Version, key id and place are authenticated with it. What one key sealed stays readable as long as the ring has it,
/// and a ring has all there ever were.
/// </summary>
/// <remarks>Source: R-AUD-2; docs/adr/0021. Immutable, for any number of threads.</remarks>
public sealed class KeyRing
{
    /// <summary>What a value is longer than its text, in bytes.</summary>
    public const int Overhead = HeaderBytes + NonceBytes + TagBytes;

    private const byte Version = 1;
    private const int HeaderBytes = 5;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly FrozenDictionary<int, byte[]> keys;
    private readonly byte[] indexKey;

    /// <param name="keys">Data keys of 32 bytes by their ids; the highest is the one in use.</param>
    /// <param name="indexKey">The key of the blind indexes, 32 bytes, no data key.</param>
    public KeyRing(IEnumerable<KeyValuePair<int, byte[]>> keys, byte[] indexKey)
    {
        this.keys = keys.ToFrozenDictionary();
        this.indexKey = indexKey;
        Current = this.keys.Keys.Max();
    }

    /// <summary>The id of the data key that new values are sealed with.</summary>
    public int Current { get; }

    /// <summary>A text as its column may hold it; the same text twice gives different values.</summary>
    public byte[] Seal(string text, SealedPlace place) => Seal(Encoding.UTF8.GetBytes(text), place);

    /// <inheritdoc cref="Seal(string, SealedPlace)"/>
    public byte[] Seal(ReadOnlySpan<byte> plain, SealedPlace place)
    {
        var value = new byte[Overhead + plain.Length];
        value[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(1), Current);
        var nonce = value.AsSpan(HeaderBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(keys[Current], TagBytes);
        aes.Encrypt(nonce, plain, value.AsSpan(HeaderBytes + NonceBytes, plain.Length), value.AsSpan(value.Length - TagBytes), Bound(value, place));
        return value;
    }

    /// <exception cref="SealedValueException">Any byte of it was changed, it was sealed for another place, or the ring hasn't its key.</exception>
    public byte[] OpenBytes(byte[] value, SealedPlace place)
    {
        if (value.Length < Overhead)
            throw new SealedValueException(place, "it is too short");
        if (value[0] != Version)
            throw new SealedValueException(place, $"its version is {value[0]}, which this release doesn't know");
        var id = BinaryPrimitives.ReadInt32BigEndian(value.AsSpan(1));
        if (!keys.TryGetValue(id, out var key))
            throw new SealedValueException(place, $"the ring has no data key {id}");
        var plain = new byte[value.Length - Overhead];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(value.AsSpan(HeaderBytes, NonceBytes), value.AsSpan(HeaderBytes + NonceBytes, plain.Length), value.AsSpan(value.Length - TagBytes), plain, Bound(value, place));
            return plain;
        }
        catch (CryptographicException cause)
        {
            throw new SealedValueException(place, "it was changed, or belongs to another place", cause);
        }
    }

    /// <inheritdoc cref="OpenBytes"/>
    public string Open(byte[] value, SealedPlace place) => Encoding.UTF8.GetString(OpenBytes(value, place));

    /// <summary>What an identity number is found by: the same for the same number, and nothing without the key.</summary>
    public byte[] Index(ResidentId id) => Index("resident-id", id.Value);

    /// <inheritdoc cref="Index(ResidentId)"/>
    public byte[] Index(PhoneNumber phone) => Index("phone", phone.International);

    /// <inheritdoc cref="Index(ResidentId)"/>
    public byte[] Index(EmailAddress email) => Index("email", email.Normalised);

    private byte[] Index(string kind, string normalised) => HMACSHA256.HashData(indexKey, Encoding.UTF8.GetBytes($"{kind}\n{normalised}"));

    private static byte[] Bound(byte[] value, SealedPlace place) =>
        [.. value.AsSpan(0, HeaderBytes), .. place.Row.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes($"{place.Column}\n{place.Part}")];
}
