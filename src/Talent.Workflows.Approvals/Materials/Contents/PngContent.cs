using System.Buffers.Binary;

namespace Talent.Workflows.Approvals.Materials.Contents;

/// <summary>Whether a content is a whole PNG and nothing else, and how large the picture is.</summary>
/// <remarks>Source: ISO/IEC 15948, clause 5 (chunks). No pixel is decoded; nothing may follow the last chunk.</remarks>
internal static class PngContent
{
    private const int LongestNote = 1 << 20;

    public static (ContentFlaw? Flaw, long Width, long Height) Check(ContentReader content)
    {
        content.Skip(FileKinds.HeadBytes);
        var (width, height, pictured) = (0L, 0L, false);
        Span<byte> header = stackalloc byte[8];
        Span<byte> size = stackalloc byte[13];
        while (true)
        {
            content.Read(header);
            var length = BinaryPrimitives.ReadUInt32BigEndian(header);
            var name = header[4..];
            if (length > int.MaxValue || !IsName(name) || (width == 0) != name.SequenceEqual("IHDR"u8))
                return (ContentFlaw.Damaged, 0, 0);
            if (width == 0)
            {
                if (length != 13)
                    return (ContentFlaw.Damaged, 0, 0);
                content.Read(size);
                (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(size), BinaryPrimitives.ReadUInt32BigEndian(size[4..]));
                if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
                    return (ContentFlaw.Dimensions, width, height);
            }
            else if (name.SequenceEqual("IEND"u8))
            {
                content.Skip(length + 4);
                return !pictured || length != 0 ? (ContentFlaw.Damaged, width, height)
                    : content.TryReadByte() >= 0 ? (ContentFlaw.Hidden, width, height)
                    : (null, width, height);
            }
            else if (IsNote(name))
            {
                // Longer notes than this are of no use to anybody who shows the picture.
                if (length > LongestNote)
                    return (ContentFlaw.Hidden, width, height);
                var note = new byte[length];
                content.Read(note);
                if (ForeignContent.IsScript(note))
                    return (ContentFlaw.Hidden, width, height);
            }
            else
            {
                pictured |= name.SequenceEqual("IDAT"u8);
                content.Skip(length);
            }
            content.Skip(4);
        }
    }

    /// <summary>Text, and every chunk that isn't of the standard: what is in it, a viewer passes over.</summary>
    private static bool IsNote(ReadOnlySpan<byte> name) => char.IsAsciiLetterLower((char)name[0])
        && !name.SequenceEqual("fdAT"u8) && !name.SequenceEqual("iCCP"u8);

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var letter in name)
            if (!char.IsAsciiLetter((char)letter))
                return false;
        return true;
    }
}
