using System.Diagnostics;

namespace Talent.Workflows.Bench.Measuring;

/// <summary>Runs an operation from several callers, each sending the next when the last was answered.</summary>
public static class Load
{
    /// <summary>For a time. Each caller has its own number.</summary>
    public static async Task<Figures> ForAsync(int callers, TimeSpan time, Func<int, Task> operation)
    {
        var clock = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var mine = new List<double>(16_384);
            while (clock.Elapsed < time)
                mine.Add(await OneAsync(() => operation(caller)));
            return mine;
        })));
        return Figures.Of([.. latencies.SelectMany(l => l)], clock.Elapsed);
    }

    /// <summary>A number of times in all.</summary>
    public static async Task<Figures> TimesAsync(int callers, int times, Func<int, Task> operation)
    {
        var next = -1;
        var clock = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var mine = new List<double>(times / callers + 1);
            while (Interlocked.Increment(ref next) is var number && number < times)
                mine.Add(await OneAsync(() => operation(number)));
            return mine;
        })));
        return Figures.Of([.. latencies.SelectMany(l => l)], clock.Elapsed);
    }

    /// <summary>One after the other, by one caller, after a few that don't count.</summary>
    /// <returns>Milliseconds, the shortest first.</returns>
    public static async Task<IReadOnlyList<double>> OneByOneAsync(int times, int before, Func<int, Task> operation)
    {
        var latencies = new List<double>(times);
        for (var number = 0; number < before + times; number++)
        {
            var latency = await OneAsync(() => operation(number));
            if (number >= before)
                latencies.Add(latency);
        }
        latencies.Sort();
        return latencies;
    }

    private static async Task<double> OneAsync(Func<Task> operation)
    {
        var begun = Stopwatch.GetTimestamp();
        await operation();
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }
}
