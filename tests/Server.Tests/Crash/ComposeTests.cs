using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Talent.Workflows.Runtime.EmbeddedPostgres;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>
/// docker-compose.yml without Docker: the commands and the environment of its two servers as two local processes. Only names
/// of hosts, ports and folders are those of this machine.
/// </summary>
[Collection(CrashSettings.Name)]
public sealed partial class ComposeTests : IAsyncLifetime, IDisposable
{
    private const string Applicant = "applicant-huang";
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> secrets = new()
    {
        ["TALENT_BOOTSTRAP_KEY"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), ["TALENT_MASTER_KEY"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), ["TALENT_ADMIN_PASSWORD"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)),
    };
    private readonly Ledger ledger = new();
    private MailCatcher mail = null!;
    private EmbeddedPostgresServer postgres = null!;
    private Node[] servers = [];

    public async Task InitializeAsync()
    {
        mail = new MailCatcher();
        var postgresFolder = Path.Combine(folder.Path, "postgres");
        await TestServer.PrepareAsync(postgresFolder);
        postgres = await TestServer.StartDurableAsync(postgresFolder);
        var compose = ComposeFile.Read(Path.Combine(Repository.Root, "docker-compose.yml"));
        servers = [.. Map(compose, "services").Values.Cast<Dictionary<string, object>>().Where(service => service.ContainsKey("build")).Select(Local)];
    }

    public async Task DisposeAsync()
    {
        foreach (var server in servers)
            await server.DisposeAsync();
        await postgres.DisposeAsync();
        await mail.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Compose_WhenItsTwoServersRun_ThenACaseFiledOnOneIsDecidedOnTheOther()
    {
        Assert.Equal(2, servers.Length);
        try
        {
            await Task.WhenAll(servers.Select(server => server.StartAsync()));
            var callers = servers.Select((server, i) => new PatientCaller([server], ledger, i, secrets["TALENT_BOOTSTRAP_KEY"])).ToArray();

            var book = await new CaseLoad(callers[0], ledger).FileAsync();
            var decided = (await callers[1].ChangeAsync($"/api/v1/tasks/{book.NextTask}/decide", new { outcome = "approve", opinion = "已核对。" }, $"{book.NextUser}-1")).Is(200);

            Assert.Equal(book.Id, decided.Json.GetProperty("caseId").GetGuid());
            var history = (await callers[0].ReadAsync($"/api/v1/cases/{book.Id}/history", Applicant)).Is(200);
            Assert.Contains("task.decided", history.Text, StringComparison.Ordinal);
            await mail.Received.WaitAsync(TimeSpan.FromMinutes(1));
            foreach (var server in servers)
                await IsProductionAsync(server);
            await SignWithOneKeyAsync();
            foreach (var server in servers)
                Assert.Equal(0, await server.StopAsync());
        }
        catch (Exception failure)
        {
            throw CrashSettings.Explain(failure, servers);
        }
    }

    /// <summary>No development aids, and no key but the configured one.</summary>
    private async Task IsProductionAsync(Node server)
    {
        foreach (var path in (string[])["/dev/messages", "/dev/clock"])
        {
            using var response = await server.Http.GetAsync(path);
            Assert.Equal(404, (int)response.StatusCode);
        }
        foreach (var key in (string[])["", "admin", "talent", "password", RunningServer.AdminKey, secrets["TALENT_DB_PASSWORD"], "TALENT_BOOTSTRAP_KEY"])
            (await new PatientCaller([server], ledger, 0, key).ReadAsync("/api/v1/keys")).Is(401);
        var keys = (await new PatientCaller([server], ledger, 0, secrets["TALENT_BOOTSTRAP_KEY"]).ReadAsync("/api/v1/keys")).Is(200);
        Assert.Single(keys.Json.GetProperty("items").EnumerateArray());
    }

    /// <summary>Whichever server seals the audit, one public key checks it.</summary>
    private async Task SignWithOneKeyAsync()
    {
        var exports = new List<string>();
        foreach (var (server, i) in servers.Select((server, i) => (server, i)))
        {
            var file = Path.Combine(folder.Path, string.Create(CultureInfo.InvariantCulture, $"audit-{i}.jsonl"));
            var (code, text) = await server.RunAsync("export-audit", file);
            Assert.True(code == 0, text);
            exports.Add(await File.ReadAllTextAsync(file + ".pub"));
        }
        Assert.Single(exports.Distinct());
    }

    private Node Local(Dictionary<string, object> service)
    {
        var connection = new NpgsqlConnectionStringBuilder(postgres.ConnectionString);
        secrets["TALENT_DB_PASSWORD"] = connection.Password!;
        var url = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Node.FreePort()}");
        var own = Path.Combine(folder.Path, $"container-{Guid.NewGuid():N}");
        var volumes = (service.GetValueOrDefault("volumes") as List<string> ?? []).Select(volume => volume.Split(':')).ToDictionary(parts => parts[1], parts => Path.Combine(folder.Path, "volume-" + parts[0]));
        var image = Image();
        var environment = image.Environment;
        foreach (var (name, value) in Map(service, "environment"))
            environment[name] = (string)value;
        // The people of the test; Production loads no samples by itself.
        environment["Talent__ImportSamples"] = "true";
        foreach (var (name, value) in environment.ToList())
        {
            var given = Secret().Replace(value, match => secrets[match.Groups[1].Value])
                .Replace("Host=postgres;Port=5432", string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={connection.Port}"), StringComparison.Ordinal)
                .Replace("0.0.0.0:8080", url, StringComparison.Ordinal);
            if (given.StartsWith('/'))
                given = volumes.FirstOrDefault(volume => given.StartsWith(volume.Key, StringComparison.Ordinal)) is { Key: { } mount } found ? found.Value + given[mount.Length..] : own + given;
            environment[name] = given switch
            {
                "mail" => "127.0.0.1",
                "1025" => mail.Port.ToString(CultureInfo.InvariantCulture),
                _ => given,
            };
        }
        return new Node(environment, image.Command, Node.ProgramFolder);
    }

    /// <summary>What the Dockerfile starts, and with what.</summary>
    private static (Dictionary<string, string> Environment, string[] Command) Image()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal);
        var environment = EnvironmentLine().Matches(text).SelectMany(line => line.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return (environment, JsonSerializer.Deserialize<string[]>(EntryPoint().Match(text).Groups[1].Value)!);
    }

    private static Dictionary<string, object> Map(Dictionary<string, object> map, string key) => (Dictionary<string, object>)map[key];

    [GeneratedRegex(@"\$\{(\w+):\?[^}]*\}")]
    private static partial Regex Secret();

    [GeneratedRegex(@"^ENV (.+)$", RegexOptions.Multiline)]
    private static partial Regex EnvironmentLine();

    [GeneratedRegex(@"^ENTRYPOINT (\[.+\])$", RegexOptions.Multiline)]
    private static partial Regex EntryPoint();
}
