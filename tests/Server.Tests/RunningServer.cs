using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Startup;
using Talent.Workflows.Server.Tests.Canaries;

namespace Talent.Workflows.Server.Tests;

/// <summary>The whole server in this process: Kestrel on a free port, a database of its own, sample organisations, no services.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    public const string AdminKey = "test-administrator-key-0123456789-abcdef";

    /// <summary>Outside Development there is no default.</summary>
    public const string MasterKey = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly CanaryWatch canaries = new();
    private ServerHost? host;
    private string[] arguments = [];

    public TestDatabase Database { get; private set; } = null!;
    public HttpClient Http { get; private set; } = null!;
    public string DataFolder => Path.Combine(folder.Path, "data");

    /// <summary>The folder with calendars, organisations and services, a copy of this server's own.</summary>
    public string ContentFolder => Path.Combine(folder.Path, "workflows");

    public static async Task<RunningServer> StartAsync(string environment = "Development", params string[] settings)
    {
        var server = new RunningServer();
        server.Database = await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly);
        server.arguments = [.. Settings(server.folder.Path, environment), $"--ConnectionStrings:Talent={server.Database.ConnectionString}", $"--Talent:BootstrapKey={AdminKey}", .. settings];
        await server.ListenAsync();
        return server;
    }

    /// <summary>Stops the server and starts it again as it was, on the same database and files.</summary>
    public async Task RestartAsync()
    {
        Http.Dispose();
        await StopAsync();
        await ListenAsync();
    }

    /// <summary>What a server of a test is started with, the database apart.</summary>
    public static string[] Settings(string folder, string environment)
    {
        var content = Path.Combine(folder, "workflows");
        var source = Path.Combine(Repository.Root, "workflows");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(source, "calendars"), "*.json").Concat(Directory.EnumerateFiles(Path.Combine(source, "shared"), "*", SearchOption.AllDirectories)))
        {
            var target = Path.Combine(content, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
        return [$"--environment={environment}", "--urls=http://127.0.0.1:0", $"--Talent:WorkflowsDir={content}", $"--Talent:DataDir={Path.Combine(folder, "data")}",
            .. environment == "Development" ? Array.Empty<string>() : [$"--Talent:MasterKey={MasterKey}"]];
    }

    /// <summary>Sends one request, by default as the administrator.</summary>
    public async Task<Answer> SendAsync(string method, string path, object? body = null, string? key = AdminKey, string? user = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {key}");
        if (user is not null)
            request.Headers.TryAddWithoutValidation("Talent-User", user);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        request.Content = body switch
        {
            null => null,
            string json => new StringContent(json, Encoding.UTF8, "application/json"),
            _ => JsonContent.Create(body),
        };
        using var response = await Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>What it answers below a path, as <c>METHOD /route</c> from there on.</summary>
    public IEnumerable<string> Routes(string below) => host!.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.RoutePattern.RawText?.StartsWith($"{below}/", StringComparison.Ordinal) == true)
        .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(method => $"{method} {e.RoutePattern.RawText![below.Length..]}"));

    /// <summary>Whether it is there for all tests of a class: then what it gave away is told by the last test of the run.</summary>
    public bool Shared { get; set; }

    /// <summary>For another client of this server: its answers are searched too.</summary>
    internal HttpMessageHandler Watched(HttpMessageHandler inner) => new CanaryHandler(canaries, inner);

    /// <summary>Makes a key and returns it with its id.</summary>
    public async Task<(string Id, string Key)> CreateKeyAsync(object description)
    {
        var answer = await SendAsync("POST", "/api/v1/keys", description);
        Assert.Equal(201, answer.Status);
        return (answer.Json.GetProperty("description").GetProperty("id").GetString()!, answer.Json.GetProperty("key").GetString()!);
    }

    public async Task<object?> SqlAsync(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Waits until a condition in SQL holds: what follows a request or the start is done by the server in its own time.</summary>
    public async Task UntilAsync(string sql)
    {
        for (var started = TimeProvider.System.GetTimestamp(); await SqlAsync(sql) is not true; await Task.Delay(20))
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"It hasn't come to: {sql}");
    }

    private async Task ListenAsync()
    {
        host = await ServerHost.BuildAsync(arguments, CancellationToken.None, toListen: true);
        await host.ListenAsync(CancellationToken.None);
        Http = new HttpClient(Watched(new SocketsHttpHandler())) { BaseAddress = new Uri(host.Urls.Single()), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Ends the server alone, so that its logs are complete.</summary>
    public async Task StopAsync()
    {
        if (host is not null)
            await host.DisposeAsync();
        host = null;
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        await StopAsync();
        if (Database is not null)
        {
            await canaries.SearchAsync(Database.DataSource);
            await Database.DisposeAsync();
        }
        await canaries.SearchLogsAsync(DataFolder);
        folder.Dispose();
        if (Shared)
            canaries.Leave();
        else
            canaries.RequireNone();
    }
}

/// <summary>What came back.</summary>
public sealed record Answer(int Status, string MediaType, string Text, HttpResponseMessage Response)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;
    public string? Code => Json.TryGetProperty("code", out var code) ? code.GetString() : null;
    public string? ETag => Response.Headers.ETag?.Tag;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) =>
        new((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync(), response);

    /// <summary>Asserts a complete problem document.</summary>
    public Answer IsProblem(int status, string code)
    {
        Assert.True(status == Status && code == (Text.StartsWith('{') ? Code : null), $"Expected {status} {code}, got {Status}: {Text}");
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal($"urn:talent-workflows:problem:{code}", Json.GetProperty("type").GetString());
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        foreach (var member in (string[])["title", "titleEn", "detail", "detailEn", "traceId"])
            Assert.NotEmpty(Json.GetProperty(member).GetString()!);
        return this;
    }

    public Answer Is(int status)
    {
        Assert.True(status == Status, $"Expected {status}, got {Status}: {Text}");
        return this;
    }
}
