using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Runtime.EmbeddedPostgres;

namespace Talent.Workflows.Runtime.Tests.EmbeddedPostgres;

public sealed class PostgresUnderRootTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Start_WhoeverRunsIt_ThenPostgresIsUnprivilegedAndOwnsItsCluster()
    {
        await using var server = await TestServer.StartDurableAsync(folder.Path);

        var status = await File.ReadAllLinesAsync($"/proc/{server.ProcessId}/status");
        var uid = status.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
        Assert.NotEqual("0", uid);
        Assert.Equal(uid, await RunAsync("stat", "-c", "%u", Path.Combine(folder.Path, "data")));
        Assert.Equal("700", await RunAsync("stat", "-c", "%a", Path.Combine(folder.Path, "data")));
        Assert.Equal(
            server.ProcessId.ToString(CultureInfo.InvariantCulture),
            await RunAsync("ps", "-o", "sid=", "-p", server.ProcessId.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Start_WhenTheFolderIsBelowAPrivateHome_ThenItStartsAndKeepsItsDataThroughALink()
    {
        var home = Path.Combine(folder.Path, "home");
        Directory.CreateDirectory(home);
        RestrictToOwner(home);
        var data = Path.Combine(home, "checkout", ".data", "postgres");
        string? target = null;
        try
        {
            await using (var first = await TestServer.StartDurableAsync(data))
            {
                target = new DirectoryInfo(Path.Combine(data, "data")).LinkTarget;
                Assert.Equal(Environment.IsPrivilegedProcess, target is not null);
                await ExecuteAsync(first, "create table kept as select 42 as answer");
            }

            await using var second = await TestServer.StartDurableAsync(data);

            Assert.True(second.StartedByUs);
            await ExecuteAsync(second, "select answer from kept");
        }
        finally
        {
            if (target is not null)
            {
                Directory.Delete(Path.GetDirectoryName(target)!, recursive: true);
            }
        }
    }

    [Fact]
    public async Task Start_WhenTheBinariesAreBelowAPrivateHome_ThenTheyAreUsedAnyway()
    {
        await using var probe = await TestServer.StartDurableAsync(Path.Combine(folder.Path, "probe"));
        var bin = Path.GetDirectoryName(await ProgramOfAsync(probe))!;
        if (!Directory.Exists(Path.Combine(bin, "..", "share", "timezonesets")) && !Directory.Exists(Path.Combine(bin, "..", "share", "postgresql", "timezonesets")))
        {
            // Debian's own package keeps its files in fixed places and is readable for everybody: link to it.
            Directory.CreateSymbolicLink(Path.Combine(folder.Path, "native"), Path.GetDirectoryName(bin)!);
        }
        else
        {
            await RunAsync("cp", "-a", Path.GetDirectoryName(bin)!, Path.Combine(folder.Path, "native"));
            RestrictToOwner(Path.Combine(folder.Path, "native"));
        }

        await using var server = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions
            {
                DataDirectory = Path.Combine(folder.Path, "postgres"),
                BinariesDirectory = Path.Combine(folder.Path, "native", "bin"),
            },
            NullLogger.Instance,
            CancellationToken.None);

        await ExecuteAsync(server, "create extension pg_trgm; select 1");
        Assert.Equal(probe.MajorVersion, server.MajorVersion);
    }

    private static async Task<string> ProgramOfAsync(EmbeddedPostgresServer server) =>
        (await File.ReadAllTextAsync($"/proc/{server.ProcessId}/cmdline")).Split('\0')[0];

    private static void RestrictToOwner(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    private static async Task ExecuteAsync(EmbeddedPostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }
}
