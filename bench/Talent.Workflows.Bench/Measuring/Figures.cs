namespace Talent.Workflows.Bench.Measuring;

/// <summary>What a run measured: operations per second and latencies in milliseconds.</summary>
public sealed record Figures(int Count, double PerSecond, double P50Ms, double P95Ms, double P99Ms)
{
    public static Figures Of(List<double> latenciesMs, TimeSpan elapsed)
    {
        latenciesMs.Sort();
        return new(latenciesMs.Count, latenciesMs.Count / elapsed.TotalSeconds, At(latenciesMs, 0.50), At(latenciesMs, 0.95), At(latenciesMs, 0.99));
    }

    /// <summary>The middle run by throughput.</summary>
    public static Figures Median(IReadOnlyList<Figures> runs) => runs.OrderBy(r => r.PerSecond).ElementAt(runs.Count / 2);

    public static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double At(List<double> sorted, double share) => sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
}
