using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Talent.Workflows.Bench.Limits;

/// <summary>PostgreSQL's own load generator, as the limit of what the same server can do.</summary>
public sealed partial class Pgbench(string connectionString, string settings)
{
    private readonly NpgsqlConnectionStringBuilder connection = new(connectionString);

    /// <summary>The program, from PATH or Debian's folders.</summary>
    /// <exception cref="FileNotFoundException">It isn't installed.</exception>
    public static string Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => Path.Combine(d, "bin")) : []);
        return folders.Select(f => Path.Combine(f, "pgbench")).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("pgbench isn't installed. Install PostgreSQL's server package (Debian: apt-get install postgresql-contrib).");
    }

    /// <summary>Transactions per second of a script, prepared, with the given number of clients.</summary>
    public Task<double> RunAsync(string script, int clients, TimeSpan time) => RunAsync(script, clients, "-T", Math.Max(1, (int)time.TotalSeconds));

    /// <summary>The same for a number of transactions of each client.</summary>
    public Task<double> TimesAsync(string script, int clients, int transactions) => RunAsync(script, clients, "-t", transactions);

    private async Task<double> RunAsync(string script, int clients, string unit, int count)
    {
        var file = Path.Combine(Path.GetTempPath(), $"talent-bench-{Guid.NewGuid():N}.sql");
        await File.WriteAllTextAsync(file, script);
        try
        {
            var start = new ProcessStartInfo(Find())
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
                Environment = { ["PGPASSWORD"] = connection.Password, ["PGOPTIONS"] = Options() },
            };
            foreach (var argument in new[] { "-n", "-M", "prepared", "-f", file, "-c", $"{clients}", "-j", "2", unit, $"{count}",
                "-h", connection.Host!, "-p", $"{connection.Port}", "-U", connection.Username!, connection.Database! })
                start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            var match = Tps().Match(await output);
            return process.ExitCode == 0 && match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
                : throw new InvalidOperationException($"pgbench failed: {await errors} {await output}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    // "set a = b; set c = d" as the server's own connections send it, in the form that a connection string takes.
    private string Options() => string.Join(' ', settings.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(s => $"-c {s["set ".Length..].Replace(" = ", "=", StringComparison.Ordinal)}"));

    [GeneratedRegex(@"tps = ([0-9.]+) \(without")]
    private static partial Regex Tps();
}
