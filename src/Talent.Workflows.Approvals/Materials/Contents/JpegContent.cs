using System.Buffers.Binary;

namespace Talent.Workflows.Approvals.Materials.Contents;

/// <summary>Whether a content is a whole JPEG, how large the picture is, and whether something hides in its notes or behind it.</summary>
/// <remarks>Source: ITU-T T.81, annex B (markers and segments). No pixel is decoded.</remarks>
internal static class JpegContent
{
    private const byte StartOfScan = 0xDA, End = 0xD9, Comment = 0xFE;

    public static (ContentFlaw? Flaw, int Width, int Height) Check(ContentReader content)
    {
        var (width, height, scanned) = (0, 0, false);
        Span<byte> two = stackalloc byte[2];
        Span<byte> frame = stackalloc byte[5];
        content.Skip(2);
        for (var marker = Marker(content); marker != End; marker = scanned ? EndOfScan(content) : Marker(content))
        {
            if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
                continue;
            if (marker is 0x00 or 0xD8)
                return (ContentFlaw.Damaged, 0, 0);
            content.Read(two);
            var length = BinaryPrimitives.ReadUInt16BigEndian(two) - 2;
            if (length < 0)
                return (ContentFlaw.Damaged, 0, 0);
            if (marker is Comment or (>= 0xE0 and <= 0xEF))
            {
                var note = new byte[length];
                content.Read(note);
                if (ForeignContent.IsScript(note))
                    return (ContentFlaw.Hidden, 0, 0);
            }
            else if (width == 0 && marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && length >= 6)
            {
                content.Read(frame);
                (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(frame[1..]), BinaryPrimitives.ReadUInt16BigEndian(frame[3..]));
                content.Skip(length - 5);
            }
            else
                content.Skip(length);
            scanned = marker == StartOfScan;
            if (scanned && width == 0)
                return (ContentFlaw.Damaged, 0, 0);
        }
        return width == 0 || height == 0 ? (ContentFlaw.Damaged, width, height)
            : ForeignContent.IsFollowedByAnother(content) ? (ContentFlaw.Hidden, width, height)
            : (null, width, height);
    }

    /// <summary>The next marker; before it there may be fill bytes.</summary>
    private static byte Marker(ContentReader content)
    {
        if (content.ReadByte() != 0xFF)
            return 0x00;
        byte marker;
        while ((marker = content.ReadByte()) == 0xFF)
        {
        }
        return marker;
    }

    /// <summary>The marker that ends coded data: neither a stuffed byte nor a restart.</summary>
    private static byte EndOfScan(ContentReader content)
    {
        while (true)
        {
            if (content.ReadByte() != 0xFF)
                continue;
            byte marker;
            while ((marker = content.ReadByte()) == 0xFF)
            {
            }
            if (marker is not (0x00 or (>= 0xD0 and <= 0xD7)))
                return marker;
        }
    }
}
