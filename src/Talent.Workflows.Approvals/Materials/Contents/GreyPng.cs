using System.Buffers.Binary;
using System.IO.Compression;

namespace Talent.Workflows.Approvals.Materials.Contents;

/// <summary>Writes a picture as PNG of 8-bit grey.</summary>
/// <remarks>Source: ISO/IEC 15948, clauses 5 and 11.</remarks>
internal static class GreyPng
{
    /// <param name="shade">Of the pixel in a row and a column, from 0 black to 255 white; asked row by row.</param>
    public static byte[] Of(int width, int height, Func<int, int, byte> shade)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Optimal, leaveOpen: true))
            for (var row = 0; row < height; row++)
            {
                zlib.WriteByte(0); // no filter
                for (var column = 0; column < width; column++)
                    zlib.WriteByte(shade(row, column));
            }
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8; // bits a pixel; the rest is 0: grey, deflate, no filters, not interlaced
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        Chunk(png, "IHDR"u8, header);
        Chunk(png, "IDAT"u8, pixels.ToArray());
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Chunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(type);
        png.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(0xffffffff, type), content));
        png.Write(number);
    }

    /// <summary>The CRC-32 of PNG (ISO 3309), without the last complement.</summary>
    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
        }
        return crc;
    }
}
