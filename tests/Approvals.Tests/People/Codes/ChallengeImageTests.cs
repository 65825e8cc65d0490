using System.Buffers.Binary;
using System.IO.Compression;
using Talent.Workflows.Approvals.People.Codes;

namespace Talent.Workflows.Approvals.Tests.People.Codes;

public sealed class ChallengeImageTests
{
    [Fact]
    public void Image_WhenDrawn_ThenItIsAPngOfItsSizeWithInkAndPaper_R_ACC_1()
    {
        // Each character of the alphabet can be drawn.
        foreach (var text in ChallengeImage.Alphabet.Chunk(ChallengeImage.Length).Select(c => new string(c)))
        {
            var png = ChallengeImage.Draw(text, seed: 7);

            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], png[..8]);
            Assert.Equal((ChallengeImage.Width, ChallengeImage.Height), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
            var pixels = Pixels(png);
            Assert.Equal((ChallengeImage.Width + 1) * ChallengeImage.Height, pixels.Length);
            Assert.InRange(pixels.Count(p => p is > 0 and < 100), 300, 4000);
            Assert.True(pixels.Count(p => p > 200) > pixels.Length / 2);
            Assert.True(png.Length < 16 * 1024);
        }
    }

    [Fact]
    public void Image_WhenDrawnWithAnotherSeed_ThenItLooksDifferent_R_ACC_1()
    {
        var first = ChallengeImage.Draw("ACE79", seed: 1);

        Assert.Equal(first, ChallengeImage.Draw("ACE79", seed: 1));
        var (one, other) = (Pixels(first), Pixels(ChallengeImage.Draw("ACE79", seed: 2)));
        Assert.True(one.Zip(other).Count(p => Math.Abs(p.First - p.Second) > 60) > 500);
    }

    [Fact]
    public void Text_WhenMadeAndTyped_ThenNothingInItCanBeMistaken_R_ACC_1()
    {
        foreach (var text in Enumerable.Range(0, 200).Select(_ => ChallengeImage.NewText()))
        {
            Assert.Equal(ChallengeImage.Length, text.Length);
            Assert.All(text, c => Assert.Contains(c, ChallengeImage.Alphabet));
            Assert.Equal(text, ChallengeImage.Plain($" {text.ToLowerInvariant()[..2]} {text[2..]}"));
        }
        Assert.DoesNotContain(ChallengeImage.Alphabet, c => "01OIQ5S8BUVZG".Contains(c, StringComparison.Ordinal));
        Assert.Equal("", ChallengeImage.Plain(null));
    }

    private static byte[] Pixels(byte[] png)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using var zlib = new ZLibStream(new MemoryStream(png, 41, length), CompressionMode.Decompress);
        using var pixels = new MemoryStream();
        zlib.CopyTo(pixels);
        return pixels.ToArray();
    }
}
