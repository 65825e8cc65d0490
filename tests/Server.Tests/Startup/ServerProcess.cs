using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Talent.Workflows.Server.Tests.Canaries;

namespace Talent.Workflows.Server.Tests.Startup;

/// <summary>The real server as a process of its own, as an operator starts it.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();

    private ServerProcess(Process process) => this.process = process;

    public HttpClient Http { get; private set; } = null!;

    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Starts it and returns when it answers <c>/health/ready</c> with 200.</summary>
    public static async Task<(ServerProcess Server, TimeSpan ReadyAfter)> StartAsync(params string[] settings)
    {
        var (server, started) = Launch(["run", .. settings]);
        var url = await server.UrlAsync();
        server.Http = new HttpClient { BaseAddress = new Uri(url) };
        while (true)
        {
            using var ready = await server.Http.GetAsync("/health/ready");
            if (ready.IsSuccessStatusCode)
                return (server, TimeProvider.System.GetElapsedTime(started));
        }
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var (server, _) = Launch(arguments);
        await using (server)
        {
            await server.process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
            return (server.process.ExitCode, server.Output);
        }
    }

    /// <summary>Asks it to stop and returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (!process.HasExited)
            await TerminateAsync();
        process.Dispose();
        var canaries = new CanaryWatch();
        canaries.Search("console", Output);
        canaries.RequireNone();
    }

    private static (ServerProcess, long Started) Launch(string[] arguments)
    {
        var program = Path.Combine(Repository.Root, "src", "Talent.Workflows.Server", "bin", Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!, "net10.0", "Talent.Workflows.Server.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var name in (string[])["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPNETCORE_URLS", "ConnectionStrings__Talent", "Talent__BootstrapKey", "Talent__DataDir"])
            start.Environment.Remove(name);
        var started = TimeProvider.System.GetTimestamp();
        var server = new ServerProcess(Process.Start(start)!);
        server.process.OutputDataReceived += (_, line) => server.Note(line.Data);
        server.process.ErrorDataReceived += (_, line) => server.Note(line.Data);
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        return (server, started);
    }

    private async Task<string> UrlAsync()
    {
        for (var limit = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(limit) < TimeSpan.FromMinutes(2); await Task.Delay(10))
        {
            if (Listens().Match(Output) is { Success: true } match)
                return match.Groups[1].Value;
            if (process.HasExited)
                break;
        }
        throw new InvalidOperationException($"The server didn't start:\n{Output}");
    }

    private void Note(string? line)
    {
        lock (output)
            output.AppendLine(line);
    }

    [GeneratedRegex(@"listens\s+(http://\S+)")]
    private static partial Regex Listens();
}
