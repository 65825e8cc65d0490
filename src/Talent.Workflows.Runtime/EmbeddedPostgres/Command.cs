using System.ComponentModel;
using System.Diagnostics;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>Runs one outside program to its end and keeps what it printed.</summary>
internal static class Command
{
    internal sealed record Result(int ExitCode, string Output);

    /// <exception cref="EmbeddedPostgresException">The program can't be started.</exception>
    internal static async Task<Result> RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            // The account that PostgreSQL runs as may not be able to enter the current folder.
            WorkingDirectory = "/",
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        // Messages are matched and logged in English whatever the machine speaks.
        start.Environment["LC_ALL"] = "C";
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception cause)
        {
            throw new EmbeddedPostgresException($"Can't run {program}: {cause.Message}. Install it or repair its permissions.", cause);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return new Result(process.ExitCode, (await output + await errors).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: false);
            throw;
        }
    }
}
