using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>The server as it ships, in a process of its own, and the client of all its callers. Its limit of requests per key is lifted.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Key = "bench-administrator-key-0123456789-abcdef";
    private readonly Process process;
    private readonly HttpClient http;

    private ServerProcess(Process process, HttpClient http) => (this.process, this.http) = (process, http);

    /// <param name="connectionString">Null: the private PostgreSQL of the folder.</param>
    public static async Task<ServerProcess> StartAsync(string? connectionString, string folder)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Talent.Workflows.Server.dll"), "run", "--environment=Development", $"--urls={url}",
            $"--ConnectionStrings:Talent={connectionString}", $"--Talent:DataDir={folder}", $"--Talent:BootstrapKey={Key}", "--Talent:RequestsPerSecond=1000000"])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var said = new List<string>();
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", Key);
        var server = new ServerProcess(process, http);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited; await Task.Delay(50))
            if (await server.IsReadyAsync())
                return server;
        await server.DisposeAsync();
        throw new InvalidOperationException($"The server didn't get ready: {string.Join(Environment.NewLine, said)}");

        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (said)
                if (line.Data is not null && said.Count < 100)
                    said.Add(line.Data);
        }
    }

    /// <summary>Sends one request and reads the whole answer; every POST has a key of its own.</summary>
    /// <exception cref="InvalidOperationException">It was refused: the measurement would be worth nothing.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, string? user, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (user is not null)
            request.Headers.TryAddWithoutValidation("Talent-User", user);
        if (method == HttpMethod.Post)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString());
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return response.IsSuccessStatusCode ? answer : throw new InvalidOperationException($"{method} {path} ({user}): {answer}");
    }

    public Task<JsonElement> GetAsync(string path, string? user = null) => SendAsync(HttpMethod.Get, path, user);

    public Task<JsonElement> PostAsync(string path, string? user, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, user, body);

    /// <summary>Asks it to end, and its private PostgreSQL with it.</summary>
    public async Task StopAsync()
    {
        using (var terminate = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await terminate.WaitForExitAsync();
        await process.WaitForExitAsync();
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await http.GetAsync("/health/ready");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
