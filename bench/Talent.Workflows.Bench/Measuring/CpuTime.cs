using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Talent.Workflows.Bench.Measuring;

/// <summary>CPU that this process and all of PostgreSQL have used so far, in seconds. Linux only; other work on the machine hardly changes it.</summary>
internal readonly record struct CpuTime(double Ours, double Postgres)
{
    // /proc counts in hundredths of a second (USER_HZ), on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    public static async Task<CpuTime> ReadAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("select pg_backend_pid()");
        var backend = (int)(await command.ExecuteScalarAsync())!;
        var postmaster = Stat(backend)![1];
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && (id == postmaster || Stat(id) is { } child && child[1] == postmaster))
                ticks += Stat(id) is { } stat ? stat[11] + stat[12] + (id == postmaster ? stat[13] + stat[14] : 0) : 0;
        return new CpuTime(Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds, ticks / TicksPerSecond);
    }

    // The fields after the name: state, ppid, …, utime (11), stime (12), and those of children that have ended (13, 14).
    private static long[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return [.. text[(text.LastIndexOf(')') + 2)..].Split(' ').Select(f => long.TryParse(f, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
