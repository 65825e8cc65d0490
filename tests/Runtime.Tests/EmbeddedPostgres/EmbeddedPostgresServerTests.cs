using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Runtime.EmbeddedPostgres;

namespace Talent.Workflows.Runtime.Tests.EmbeddedPostgres;

public sealed class EmbeddedPostgresServerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Start_WhenTheFolderIsNew_ThenADurableUtf8DatabaseAnswersOnLoopbackOnly()
    {
        await using var server = await StartAsync();

        Assert.True(server.StartedByUs);
        Assert.Equal("talent", await AskAsync(server, "select current_database()"));
        Assert.Equal("UTF8", await AskAsync(server, "show server_encoding"));
        Assert.Equal("C.UTF-8", await AskAsync(server, "select datcollate from pg_database where datname = 'talent'"));
        Assert.Equal("on", await AskAsync(server, "show fsync"));
        Assert.Equal("on", await AskAsync(server, "show synchronous_commit"));
        Assert.Equal("127.0.0.1", await AskAsync(server, "show listen_addresses"));
        Assert.Equal("scram-sha-256", await AskAsync(server, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules"));
        Assert.Equal(
            await AskAsync(server, "show port"),
            (await File.ReadAllTextAsync(Path.Combine(folder.Path, "port"))).Trim());
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(Path.Combine(folder.Path, "password")));
    }

    [Fact]
    public async Task Start_WhenThePasswordIsWrong_ThenTheDatabaseRefuses()
    {
        await TestServer.PrepareAsync(folder.Path);
        await using var server = await StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "x", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task Start_WhenItRanBefore_ThenDataAndPortAreTheSame()
    {
        await TestServer.PrepareAsync(folder.Path);
        string port;
        await using (var first = await StartAsync())
        {
            await AskAsync(first, "create table kept as select 42 as answer; select 1");
            port = await AskAsync(first, "show port");
        }

        await using var second = await StartAsync();

        Assert.True(second.StartedByUs);
        Assert.Equal("42", await AskAsync(second, "select answer from kept"));
        Assert.Equal(port, await AskAsync(second, "show port"));
    }

    [Fact]
    public async Task Start_WhenTheLastPortIsTaken_ThenAnotherIsUsed()
    {
        await TestServer.PrepareAsync(folder.Path);
        await using (await StartAsync())
        {
        }

        var last = int.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "port")), CultureInfo.InvariantCulture);
        using var squatter = new TcpListener(IPAddress.Loopback, last);
        squatter.Start();

        await using var server = await StartAsync();

        Assert.NotEqual(last.ToString(CultureInfo.InvariantCulture), await AskAsync(server, "show port"));
    }

    [Fact]
    public async Task Start_WhenSeveralStartAtOnce_ThenOneStartsAndTheOthersAdopt_AndTheLastOutStops()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));

        Assert.Single(servers, server => server.StartedByUs);
        Assert.Single(servers.Select(server => server.ProcessId).Distinct());
        Assert.Single(servers.Select(server => server.ConnectionString).Distinct());

        var starterFirst = servers.OrderByDescending(server => server.StartedByUs).ToList();
        foreach (var server in starterFirst[..^1])
        {
            Assert.False(await server.StopAsync());
        }

        Assert.Equal("1", await AskAsync(starterFirst[^1], "select 1"));
        Assert.True(await starterFirst[^1].StopAsync());
        Assert.False(Directory.Exists($"/proc/{servers[0].ProcessId}/cwd"));
    }

    [Fact]
    public async Task Stop_WhenItAdoptedAndTheStarterLives_ThenPostgresKeepsRunning()
    {
        await TestServer.PrepareAsync(folder.Path);
        await using var starter = await StartAsync();
        var adopter = await StartAsync();

        Assert.False(await adopter.StopAsync());

        Assert.False(adopter.StartedByUs);
        Assert.Equal("1", await AskAsync(starter, "select 1"));
    }

    [Fact]
    public async Task Stop_WhenSomebodyElseIsConnected_ThenPostgresKeepsRunning()
    {
        await TestServer.PrepareAsync(folder.Path);
        var server = await StartAsync();
        await using (var guest = new NpgsqlConnection(server.ConnectionString + ";Pooling=false"))
        {
            await guest.OpenAsync();

            Assert.False(await server.StopAsync());

            await using var still = new NpgsqlCommand("select 1", guest);
            Assert.Equal(1, await still.ExecuteScalarAsync());
        }

        await using var next = await StartAsync();
        Assert.Equal(server.ProcessId, next.ProcessId);
    }

    [Fact]
    public async Task Start_WhenTheMajorVersionDiffers_ThenItIsRefusedWithTheUpgradeCommandsAndNothingChanges()
    {
        await TestServer.PrepareAsync(folder.Path);
        await using (await StartAsync())
        {
        }

        var versionFile = Path.Combine(folder.Path, "data", "PG_VERSION");
        var real = await File.ReadAllTextAsync(versionFile);
        await File.WriteAllTextAsync(versionFile, "9\n");

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(StartAsync);

        Assert.Contains("written by PostgreSQL 9", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("./dev backup", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("./dev restore", refusal.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(versionFile, real);
        await using var server = await StartAsync();
        Assert.Equal("1", await AskAsync(server, "select 1"));
    }

    [Fact]
    public async Task Start_WhenTheDataFolderHoldsSomethingElse_ThenItIsRefusedAndKept()
    {
        var stranger = Path.Combine(folder.Path, "data", "thesis.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(stranger)!);
        await File.WriteAllTextAsync(stranger, "ten years of work");

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(StartAsync);

        Assert.Contains("Move it away", refusal.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(stranger));
    }

    [Fact]
    public async Task Start_WhenThePasswordFileIsLost_ThenTheMessageNamesIt()
    {
        await TestServer.PrepareAsync(folder.Path);
        await using (await StartAsync())
        {
        }

        File.Delete(Path.Combine(folder.Path, "password"));

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(StartAsync);

        Assert.Contains(Path.Combine(folder.Path, "password"), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhenTheGivenBinariesFolderIsEmpty_ThenTheMessageNamesTheSetting()
    {
        var options = new EmbeddedPostgresOptions { DataDirectory = folder.Path, BinariesDirectory = "/nowhere" };

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(
            () => EmbeddedPostgresServer.StartAsync(options, NullLogger.Instance, CancellationToken.None));

        Assert.Contains("Talent__PostgresBinaries", refusal.Message, StringComparison.Ordinal);
    }

    private Task<EmbeddedPostgresServer> StartAsync() => TestServer.StartDurableAsync(folder.Path);

    private static async Task<string> AskAsync(EmbeddedPostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture)!;
    }
}
