using Talent.Workflows.Approvals.Materials.Contents;

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
    public byte[] ToPng(Random random) => GreyPng.Of(width, height, (row, column) => (byte)Math.Clamp(250 - 215 * ink[row * width + column] - random.Next(12), 0, 255));
}
