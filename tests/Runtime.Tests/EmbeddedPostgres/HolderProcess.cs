using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Talent.Workflows.Runtime.EmbeddedPostgres;

namespace Talent.Workflows.Runtime.Tests.EmbeddedPostgres;

/// <summary>
/// A process that starts or adopts the PostgreSQL of a folder, says so on its standard output, and holds it until
/// it is told to stop (end of its standard input) or killed.
/// </summary>
internal sealed class HolderProcess : IDisposable
{
    private readonly Process process;

    private HolderProcess(Process process, bool started, int postmaster) =>
        (this.process, StartedByIt, Postmaster) = (process, started, postmaster);

    internal bool StartedByIt { get; }

    internal int Postmaster { get; }

    internal int Id => process.Id;

    /// <summary>Runs this test assembly as the leader of a process group of its own, as a shell does. Who runs the tests in the background ignores Ctrl-C; this process doesn't.</summary>
    internal static async Task<HolderProcess> StartAsync(string directory)
    {
        var process = Process.Start(new ProcessStartInfo(
            "setsid", ["--wait", "env", "--default-signal=INT", Environment.ProcessPath!, "exec", typeof(HolderProcess).Assembly.Location, directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var words = (await process.StandardOutput.ReadLineAsync() ?? "").Split(' ');
        Assert.True(words.Length == 2, "the holder process said nothing");
        return new HolderProcess(process, words[0] == "started", int.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>SIGKILL.</summary>
    internal async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGINT to the whole process group, as Ctrl-C in a terminal does.</summary>
    internal async Task InterruptGroupAsync()
    {
        using var kill = Process.Start("kill", ["-INT", "--", $"-{process.Id}"]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
    }

    internal async Task StopAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }

    private static async Task<int> Main(string[] arguments)
    {
        var server = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = arguments[0] }, NullLogger.Instance, CancellationToken.None);
        Console.WriteLine($"{(server.StartedByUs ? "started" : "adopted")} {server.ProcessId}");
        await Console.In.ReadToEndAsync();
        await server.StopAsync();
        return 0;
    }
}
