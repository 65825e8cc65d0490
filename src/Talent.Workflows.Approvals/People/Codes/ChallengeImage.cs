using System.Security.Cryptography;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>
/// The image of a challenge: five characters that can't be mistaken for each other, bent, turned and struck through. It stops simple
/// scripts, not a good reader of images; what really bounds the number of messages are the limits.
/// </summary>
public static class ChallengeImage
{
    public const int Length = 5;
    public const int Width = 200;
    public const int Height = 72;

    /// <summary>Without what looks like something else: no 0 and O, 1 and I, 5 and S, 8 and B, U and V.</summary>
    public const string Alphabet = "234679ACEFHJKLMNPRTWXY";

    public static string NewText() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>What somebody typed, as it is compared: narrow capitals without spaces.</summary>
    public static string Plain(string? answer) => TypedText.Narrow(answer).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Draws a text as a PNG in grey. Pure: the same seed gives the same image.</summary>
    /// <param name="text">Of the <see cref="Alphabet"/>.</param>
    public static byte[] Draw(string text, int seed)
    {
        var random = new Random(seed);
        var canvas = new InkCanvas(Width, Height);
        var bend = new Bend(random);
        var step = (Width - 40.0) / text.Length;
        for (var i = 0; i < text.Length; i++)
        {
            var place = new Placing(random, 20 + step * (i + 0.5), Height / 2.0);
            var ink = Between(random, 1.5, 2.1);
            foreach (var stroke in StrokeFont.Of(text[i]))
                Trace(canvas, [.. stroke.Select(place.Of)], bend, ink);
        }
        for (var line = 0; line < 2; line++)
            Trace(canvas, Curve(random), bend, 0.9);
        for (var speck = 0; speck < 140; speck++)
            canvas.Dot(random.NextDouble() * Width, random.NextDouble() * Height, Between(random, 0.3, 0.9));
        return canvas.ToPng(random);
    }

    /// <summary>Draws a polyline as the bend makes it, in steps that are smaller than the pen.</summary>
    private static void Trace(InkCanvas canvas, (double X, double Y)[] points, Bend bend, double ink)
    {
        for (var i = 1; i < points.Length; i++)
        {
            var (from, to) = (points[i - 1], points[i]);
            var steps = Math.Max(1, (int)(Math.Sqrt(Math.Pow(to.X - from.X, 2) + Math.Pow(to.Y - from.Y, 2)) / 0.7));
            for (var s = 0; s <= steps; s++)
            {
                var (x, y) = bend.Of(from.X + (to.X - from.X) * s / steps, from.Y + (to.Y - from.Y) * s / steps);
                canvas.Dot(x, y, ink);
            }
        }
    }

    private static (double X, double Y)[] Curve(Random random)
    {
        var (from, to, height, phase, period) = (Between(random, 12, Height - 12), Between(random, 12, Height - 12), Between(random, 4, 12), random.NextDouble() * Math.Tau, Between(random, 60, 140));
        return [.. Enumerable.Range(0, 41).Select(i => (i * Width / 40.0, from + (to - from) * i / 40.0 + height * Math.Sin(Math.Tau * i * Width / 40.0 / period + phase)))];
    }

    private static double Between(Random random, double least, double most) => least + random.NextDouble() * (most - least);

    /// <summary>How one character stands.</summary>
    private sealed class Placing(Random random, double x, double y)
    {
        private readonly double x = x + Between(random, -3, 3), y = y + Between(random, -6, 6), width = Between(random, 18, 24), height = Between(random, 32, 40), lean = Between(random, -0.2, 0.2);
        private readonly (double Sin, double Cos) turn = Math.SinCos(Between(random, -0.25, 0.25));

        public (double X, double Y) Of((double X, double Y) point)
        {
            var (across, down) = ((point.X - 0.5) * width, (point.Y - 0.5) * height);
            across -= lean * down;
            return (x + across * turn.Cos - down * turn.Sin, y + across * turn.Sin + down * turn.Cos);
        }
    }

    /// <summary>How the whole image is bent.</summary>
    private sealed class Bend(Random random)
    {
        private readonly double wide = Between(random, 1, 2.5), high = Between(random, 1.5, 3.5), widePeriod = Between(random, 25, 45), highPeriod = Between(random, 50, 90), first = random.NextDouble() * Math.Tau, second = random.NextDouble() * Math.Tau;

        public (double X, double Y) Of(double x, double y) =>
            (x + wide * Math.Sin(Math.Tau * y / widePeriod + first), y + high * Math.Sin(Math.Tau * x / highPeriod + second));
    }
}
