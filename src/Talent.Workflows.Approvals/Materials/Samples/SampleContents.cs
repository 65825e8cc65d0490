using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Talent.Workflows.Approvals.Materials.Samples;

/// <summary>Small files that stand for the materials of sample people: whole by the standard of their kind, and marked as samples. Pure.</summary>
internal static class SampleContents
{
    public const uint Side = 48;

    /// <summary>A PDF of one page with a line of text, in a font that viewers have for Chinese.</summary>
    public static byte[] Pdf(string text)
    {
        var line = $"BT /F1 16 Tf 60 760 Td <{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}> Tj ET";
        using var pdf = new MemoryStream();
        var places = new List<long>();
        Write("%PDF-1.7\n");
        foreach (var content in (string[])
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
            $"<</Length {line.Length}>>\nstream\n{line}\nendstream",
            "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
            "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 7 0 R>>",
            "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
        ])
        {
            places.Add(pdf.Length);
            Write(string.Create(CultureInfo.InvariantCulture, $"{places.Count} 0 obj\n{content}\nendobj\n"));
        }
        var table = pdf.Length;
        Write(string.Create(CultureInfo.InvariantCulture, $"xref\n0 {places.Count + 1}\n0000000000 65535 f \n"));
        foreach (var place in places)
            Write(string.Create(CultureInfo.InvariantCulture, $"{place:d10} 00000 n \n"));
        Write(string.Create(CultureInfo.InvariantCulture, $"trailer\n<</Size {places.Count + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF"));
        return pdf.ToArray();

        void Write(string ascii) => pdf.Write(Encoding.ASCII.GetBytes(ascii));
    }

    /// <summary>A grey square as PNG.</summary>
    /// <param name="grey">What makes it another content.</param>
    public static byte[] Png(byte grey)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, Side);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Side);
        header[8] = 8;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            for (var line = 0; line < Side; line++)
                zlib.Write([0, .. Enumerable.Repeat(grey, (int)Side)]);
        return [0x89, .. "PNG\r\n\u001A\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

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
