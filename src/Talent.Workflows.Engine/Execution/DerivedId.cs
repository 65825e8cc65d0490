using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// Ids that follow from instance, activity, visit and purpose. The first eight bytes are the instance's own, so that rows
/// of one instance lie together in an index; the rest is a hash.
/// </summary>
public static class DerivedId
{
    public static Guid For(Guid instanceId, string activityId, int visit, string purpose)
    {
        Span<byte> input = stackalloc byte[16 + 4 + 512];
        instanceId.TryWriteBytes(input, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(input[16..], visit);
        var text = $"{activityId}\0{purpose}";
        var length = Encoding.UTF8.GetByteCount(text);
        var whole = length <= 512 ? input[..(20 + length)] : LongInput(input[..20], length);
        Encoding.UTF8.GetBytes(text, whole[20..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(whole, hash);
        Span<byte> id = stackalloc byte[16];
        input[..8].CopyTo(id);
        hash[..8].CopyTo(id[8..]);
        id[6] = (byte)((id[6] & 0x0F) | 0x80); // version 8: made by our own rule
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    private static byte[] LongInput(ReadOnlySpan<byte> head, int length)
    {
        var bytes = new byte[20 + length];
        head.CopyTo(bytes);
        return bytes;
    }
}
