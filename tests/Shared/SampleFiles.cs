using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Talent.Workflows.Tests;

/// <summary>Small files of every kind that is taken, whole by the standard of their kind, and what somebody might hide in them.</summary>
internal static class SampleFiles
{
    private static readonly byte[] None = [];

    /// <summary>A PDF of one page.</summary>
    /// <param name="text">What makes it another content.</param>
    /// <param name="size">In bytes; as small as it can be when it is less.</param>
    public static byte[] Pdf(string text = "", int size = 0)
    {
        // Numbers in it grow with the padding: what is missing then comes at the end, where space may be.
        var padding = Math.Max(0, size - Build(text, 0).Length - 40);
        var pdf = Build(text, padding);
        return pdf.Length >= size ? pdf : [.. pdf, .. Enumerable.Repeat((byte)'\n', size - pdf.Length)];
    }

    /// <summary>A JPEG by its markers; its coded data is no picture of anything.</summary>
    /// <param name="note">Its comment.</param>
    /// <param name="after">What follows after its end.</param>
    public static byte[] Jpeg(int width = 64, int height = 48, byte[]? note = null, byte[]? after = null) =>
    [
        0xFF, 0xD8,
        .. Segment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
        .. note is null ? None : Segment(0xFE, note),
        .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)16, 64)]),
        .. Segment(0xC0, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0]),
        .. Segment(0xC4, [0, 1, .. new byte[15], 0]),
        .. Segment(0xDA, [1, 1, 0, 0, 63, 0]),
        0x5A, 0xFF, 0x00, 0x12, 0xFF, 0xD0, 0x34,
        0xFF, 0xD9,
        .. after ?? None,
    ];

    /// <summary>A grey PNG; its picture is there only when it is small.</summary>
    /// <param name="note">A text chunk.</param>
    /// <param name="after">What follows after its end.</param>
    public static byte[] Png(uint width = 32, uint height = 16, byte[]? note = null, byte[]? after = null) => Grey(width, height, new byte[(Math.Min(width, 64) + 1) * Math.Min(height, 64)], note, after);

    /// <summary>A grey PNG whose picture is all there.</summary>
    public static byte[] Picture(int width, int height) => Grey((uint)width, (uint)height, new byte[(width + 1) * height]);

    /// <summary>An archive with a program in it.</summary>
    public static byte[] Zip()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = archive.CreateEntry("payload.exe", CompressionLevel.NoCompression).Open())
            entry.Write("MZ payload"u8);
        return bytes.ToArray();
    }

    /// <summary>The text that every virus scanner finds, within a PDF; put together here, so that no scanner finds this file.</summary>
    public static byte[] Eicar() => Pdf("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    private static byte[] Build(string text, int padding)
    {
        var body = Encoding.UTF8.GetBytes(text + new string('.', Math.Max(0, padding)));
        var places = new List<int>();
        using var pdf = new MemoryStream();
        pdf.Write([.. "%PDF-1.7\n%"u8, 0xE2, 0xE3, 0xCF, 0xD3, (byte)'\n']);
        foreach (var content in (string[])["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"])
        {
            places.Add((int)pdf.Length);
            Write($"{places.Count} 0 obj\n{content}\nendobj\n");
        }
        places.Add((int)pdf.Length);
        Write($"4 0 obj\n<</Length {body.Length}>>\nstream\n");
        pdf.Write(body);
        Write($"\nendstream\nendobj\n");
        var table = pdf.Length;
        Write($"xref\n0 {places.Count + 1}\n0000000000 65535 f \n");
        foreach (var place in places)
            Write($"{place:d10} 00000 n \n");
        Write($"trailer\n<</Size {places.Count + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF");
        return pdf.ToArray();

        void Write(FormattableString ascii) => pdf.Write(Encoding.ASCII.GetBytes(ascii.ToString(CultureInfo.InvariantCulture)));
    }

    private static byte[] Segment(byte marker, byte[] content) => [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];

    private static byte[] Grey(uint width, uint height, byte[] lines, byte[]? note = null, byte[]? after = null)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(lines);
        return [0x89, .. "PNG\r\n\u001A\n"u8, .. Chunk("IHDR", header), .. note is null ? None : Chunk("tEXt", note), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", []), .. after ?? None];
    }

    /// <summary>Framed here, apart from the product's own PNGs: what a test hands in doesn't follow from what is tested.</summary>
    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        var framed = new byte[named.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(framed, content.Length);
        named.CopyTo(framed, 4);
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(framed.Length - 4), Crc(named));
        return framed;
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
