using System.Buffers.Binary;

namespace Talent.Workflows.Approvals.Materials.Contents;

/// <summary>
/// Finds, in a file that looks like a document or a picture, what other programs would take for theirs: scripts, pages, archives,
/// executables. What hides within compressed data isn't found: that is for the scanner, and for how files are served.
/// </summary>
internal static class ForeignContent
{
    /// <summary>Longest of the marks, in bytes.</summary>
    private const int LongestMark = 16;

    private const int DirectoryEndBytes = 22, LongestComment = ushort.MaxValue;

    /// <summary>In the text of a document's head or of a picture's notes: a page or a script.</summary>
    public static bool IsScript(ReadOnlySpan<byte> text) =>
        Contains(text, "<?php"u8) || Contains(text, "<script"u8) || Contains(text, "<html"u8) || Contains(text, "<!doctype"u8) || Contains(text, "<svg"u8) || Contains(text, "<iframe"u8);

    /// <summary>In what follows after the end of a picture: another file. Telephones put clips and second pictures there, which are none.</summary>
    public static bool IsFollowedByAnother(ContentReader after)
    {
        var window = new byte[(1 << 15) + LongestMark];
        var kept = 0;
        var first = true;
        while (true)
        {
            var some = after.ReadSome(1 << 15);
            if (some.IsEmpty)
                return false;
            some.CopyTo(window.AsSpan(kept));
            var seen = window.AsSpan(0, kept + some.Length);
            if (first && (seen.StartsWith("MZ"u8) || seen.StartsWith("#!"u8)))
                return true;
            first &= seen.Length < 2;
            if (IsScript(seen) || seen.IndexOf("PK\x03\x04"u8) >= 0 || seen.IndexOf("%PDF-"u8) >= 0 || seen.IndexOf("Rar!\x1A\x07"u8) >= 0
                || seen.IndexOf((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C]) >= 0 || IsElf(seen))
                return true;
            kept = Math.Min(LongestMark, seen.Length);
            seen[^kept..].CopyTo(window);
        }
    }

    /// <summary>Whether the file is an archive too: archives are read from their end, whatever they begin with.</summary>
    public static bool IsArchive(Stream content)
    {
        var size = (int)Math.Min(content.Length, DirectoryEndBytes + LongestComment);
        var tail = new byte[size];
        content.Position = content.Length - size;
        content.ReadExactly(tail);
        for (var at = size - DirectoryEndBytes; at >= 0; at--)
        {
            if (!tail.AsSpan(at).StartsWith("PK\x05\x06"u8) || at + DirectoryEndBytes + BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 20)) > size)
                continue;
            var directory = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 12));
            if (directory == uint.MaxValue)
                return true;
            var begins = content.Length - size + at - directory;
            if (directory < 4 || begins < 0)
                continue;
            var entry = new byte[4];
            content.Position = begins;
            content.ReadExactly(entry);
            if (entry.AsSpan().SequenceEqual("PK\x01\x02"u8))
                return true;
        }
        return false;
    }

    private static bool IsElf(ReadOnlySpan<byte> bytes)
    {
        for (var at = bytes.IndexOf("\x7F"u8); at >= 0;)
        {
            bytes = bytes[at..];
            if (bytes is [0x7F, (byte)'E', (byte)'L', (byte)'F', 1 or 2, 1 or 2, 1, ..])
                return true;
            bytes = bytes[1..];
            at = bytes.IndexOf((byte)0x7F);
        }
        return false;
    }

    /// <param name="mark">In lower case; letters in the text count whatever their case.</param>
    private static bool Contains(ReadOnlySpan<byte> text, ReadOnlySpan<byte> mark)
    {
        for (int at; (at = text.IndexOf(mark[0])) >= 0 && text.Length - at >= mark.Length; text = text[(at + 1)..])
        {
            var same = true;
            for (var i = 1; i < mark.Length && same; i++)
                same = (text[at + i] is >= (byte)'A' and <= (byte)'Z' and var letter ? letter | 0x20 : text[at + i]) == mark[i];
            if (same)
                return true;
        }
        return false;
    }
}
