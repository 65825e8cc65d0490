using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Talent.Workflows.Server.Tests.Canaries;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>The real server as a process on a fixed port, to be killed and started again.</summary>
internal sealed class Node : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string[] Own = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "ConnectionStrings__", "Talent__", "Runtime__", "Serilog__"];
    private readonly IReadOnlyDictionary<string, string> environment;
    private readonly string[] command;
    private readonly string directory;
    private readonly StringBuilder output = new();
    private Process? process;

    /// <param name="environment">All of the server's settings; nothing else reaches it from outside.</param>
    /// <param name="command">The program and its arguments; by default the server that was built with these tests.</param>
    /// <param name="directory">Where it is started.</param>
    public Node(IReadOnlyDictionary<string, string> environment, string[]? command = null, string? directory = null)
    {
        this.environment = environment;
        this.command = command ?? ["dotnet", Path.Combine(ProgramFolder, "Talent.Workflows.Server.dll")];
        this.directory = directory ?? Repository.Root;
        Http = new HttpClient { BaseAddress = new Uri(environment["ASPNETCORE_URLS"]), Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>The folder that the server was built into, in the configuration of this test run.</summary>
    public static string ProgramFolder { get; } = Path.Combine(Repository.Root, "src", "Talent.Workflows.Server", "bin",
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!, "net10.0");

    public HttpClient Http { get; }

    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>A port of loopback that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts the process, ready or not.</summary>
    public void Begin()
    {
        process?.Dispose();
        process = Launch(command);
    }

    /// <summary>Starts the process and returns when it answers <c>/health/ready</c> with 200.</summary>
    public async Task StartAsync()
    {
        Begin();
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using var ready = await Http.GetAsync("/health/ready");
                if (ready.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            if (process!.HasExited || TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new InvalidOperationException($"The server isn't ready:\n{Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>SIGKILL: the process gets no chance to do anything more.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{process!.Id}"]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    /// <summary>Runs a verb with its words beside the server, with the same settings.</summary>
    public async Task<(int Code, string Output)> RunAsync(params string[] words)
    {
        var before = Output.Length;
        using var other = Launch([.. command, .. words]);
        await other.WaitForExitAsync().WaitAsync(Patience);
        return (other.ExitCode, Output[before..]);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
            await KillAsync();
        process?.Dispose();
        process = null;
        Http.Dispose();
        var canaries = new CanaryWatch();
        canaries.Search("console", Output);
        if (environment.TryGetValue("Talent__DataDir", out var data))
            await canaries.SearchLogsAsync(data);
        canaries.RequireNone();
    }

    private Process Launch(string[] words)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(name => Own.Any(own => name.StartsWith(own, StringComparison.OrdinalIgnoreCase))).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var launched = Process.Start(start)!;
        launched.OutputDataReceived += (_, line) => Note(line.Data);
        launched.ErrorDataReceived += (_, line) => Note(line.Data);
        launched.BeginOutputReadLine();
        launched.BeginErrorReadLine();
        return launched;
    }

    private void Note(string? line)
    {
        lock (output)
            output.AppendLine(line);
    }
}
