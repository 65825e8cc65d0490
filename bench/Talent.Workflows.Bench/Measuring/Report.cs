using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Bench.Measuring;

/// <summary>One figure. Limit and ratio are there where PostgreSQL alone was measured doing the same.</summary>
public sealed record Row(string Metric, string? Path, int? Concurrency, double Value, string Unit)
{
    public double? P50Ms { get; init; }
    public double? P95Ms { get; init; }
    public double? P99Ms { get; init; }
    public double? Limit { get; init; }
    public double? Ratio { get; init; }

    public static Row Of(string metric, string path, int concurrency, Figures figures, double? limit = null) =>
        new(metric, path, concurrency, figures.PerSecond, "per second")
        {
            P50Ms = figures.P50Ms, P95Ms = figures.P95Ms, P99Ms = figures.P99Ms,
            Limit = limit, Ratio = limit is > 0 ? figures.PerSecond / limit : null,
        };

    /// <summary>The slowest of reads that one caller makes in this process, but for one in twenty.</summary>
    /// <param name="times">As <see cref="Load.OneByOneAsync"/> gives them.</param>
    public static Row OfReads(string metric, IReadOnlyList<double> times, double mostMs)
    {
        var p95 = times[(int)((times.Count - 1) * 0.95)];
        return new Row(metric, "inprocess", 1, p95, "ms (p95)") { P50Ms = times[times.Count / 2], P95Ms = p95, P99Ms = times[^1], Limit = mostMs, Ratio = p95 / mostMs };
    }
}

/// <summary>Prints figures as they come and writes them to a file at the end.</summary>
public sealed class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
        { WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    private readonly List<Row> rows = [];

    public IReadOnlyList<Row> Rows => rows;

    public static void Head() => Console.WriteLine($"{"metric",-42} {"path",-10} {"callers",7} {"value",12} {"unit",-12} {"p50 ms",8} {"p95 ms",8} {"p99 ms",8} {"limit",10} {"ratio",6}");

    public void Add(Row row)
    {
        rows.Add(row);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{row.Metric,-42} {row.Path ?? "",-10} {row.Concurrency,7} {row.Value,12:N2} {row.Unit,-12} {row.P50Ms,8:N2} {row.P95Ms,8:N2} {row.P99Ms,8:N2} {row.Limit,10:N0} {row.Ratio,6:N3}"));
    }

    public static void Note(string text) => Console.WriteLine($"  {text}");

    public async Task WriteAsync(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(rows, Json));
        Console.WriteLine($"Written to {file}");
    }
}
