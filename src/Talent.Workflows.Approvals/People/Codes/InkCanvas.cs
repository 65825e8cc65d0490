using System.Buffers.Binary;
using System.IO.Compression;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>A small white area that round dots of ink are put on, and that is written as a PNG of 8-bit grey.</summary>
internal sealed class InkCanvas(int width, int height)
{
    private readonly double[] ink = new double[width * height];

    /// <summary>A dot with a soft rim. What lies outside is left out.</summary>
    public void Dot(double x, double y, double radius)
    {
        var (reach, left, top) = (radius + 1, (int)Math.Floor(x - radius - 1), (int)Math.Floor(y - radius - 1));
        for (var row = Math.Max(0, top); row <= Math.Min(height - 1, (int)(y + reach)); row++)
            for (var column = Math.Max(0, left); column <= Math.Min(width - 1, (int)(x + reach)); column++)
            {
                var covered = Math.Clamp(radius + 0.5 - Math.Sqrt((column - x) * (column - x) + (row - y) * (row - y)), 0, 1);
                ref var here = ref ink[row * width + column];
                here = Math.Max(here, covered);
            }
    }

    /// <param name="random">For a little grain, which tells nothing.</param>
    public byte[] ToPng(Random random)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Optimal, leaveOpen: true))
            for (var row = 0; row < height; row++)
            {
                zlib.WriteByte(0); // no filter
                for (var column = 0; column < width; column++)
                    zlib.WriteByte((byte)Math.Clamp(250 - 215 * ink[row * width + column] - random.Next(12), 0, 255));
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
