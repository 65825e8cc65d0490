using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Runtime.EmbeddedPostgres;

namespace Talent.Workflows.Runtime.Tests.EmbeddedPostgres;

public sealed class PostgresCrashTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public Task InitializeAsync() => TestServer.PrepareAsync(folder.Path);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Start_WhenPostgresWasKilledWithABusyConnection_ThenItRecoversEverythingCommitted()
    {
        var first = await TestServer.StartDurableAsync(folder.Path);
        await ExecuteAsync(first.ConnectionString, "create table kept as select generate_series(1, 1000) as n");
        var busy = ExecuteAsync(first.ConnectionString, "insert into kept select generate_series(1, 100000000)");

        Kill(first.ProcessId);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => busy);
        await using var second = await TestServer.StartDurableAsync(folder.Path);

        Assert.True(second.StartedByUs);
        Assert.NotEqual(first.ProcessId, second.ProcessId);
        Assert.Equal(1000, await CountAsync(second.ConnectionString));
        await first.StopAsync();
    }

    [Fact]
    public async Task Start_WhenAProcessOfAKilledPostgresStillWorksOnItsFiles_ThenNoOtherIsStartedBesideIt()
    {
        var first = await TestServer.StartDurableAsync(folder.Path);
        var cluster = Path.Combine(folder.Path, "data");
        var orphan = Postmaster.ProcessesOn(cluster).First(process => process != first.ProcessId);
        await SendAsync("-STOP", orphan);
        Kill(first.ProcessId);

        var refused = await Record.ExceptionAsync(() => EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = folder.Path, Timeout = TimeSpan.FromSeconds(3) }, NullLogger.Instance, CancellationToken.None));
        var guarded = File.Exists(Path.Combine(cluster, "postmaster.pid"));
        await SendAsync("-KILL", orphan);

        Assert.Contains($"{orphan}", Assert.IsType<EmbeddedPostgresException>(refused).Message, StringComparison.Ordinal);
        Assert.True(guarded);
        await using var second = await TestServer.StartDurableAsync(folder.Path);
        Assert.True(second.StartedByUs);
        await first.StopAsync();
    }

    [Fact]
    public async Task Supervise_WhenPostgresIsKilled_ThenItIsBackOnTheSamePortWithItsData()
    {
        await using var first = await TestServer.StartDurableAsync(folder.Path, supervise: true);
        await using var second = await TestServer.StartDurableAsync(folder.Path, supervise: true);
        await ExecuteAsync(first.ConnectionString, "create table kept as select generate_series(1, 1000) as n");
        var (killed, address) = (first.ProcessId, first.ConnectionString);

        Kill(killed);
        await UntilAsync(() => first.ProcessId != killed && second.ProcessId != killed);

        Assert.Equal(first.ProcessId, second.ProcessId);
        Assert.Equal((address, address), (first.ConnectionString, second.ConnectionString));
        Assert.Equal(1000, await CountAsync(address));
    }

    [Fact]
    public async Task Supervise_WhenThePortCantBeNoted_ThenPostgresIsBackAndStopsAllTheSame()
    {
        using var log = new TestLog();
        await using var server = await StartSupervisedAsync(log);
        var killed = server.ProcessId;
        // Stands for a disk without space: nothing can be moved to where a folder with something in it is.
        var port = Path.Combine(folder.Path, "port");
        File.Delete(port);
        Directory.CreateDirectory(Path.Combine(port, "full"));

        Kill(killed);
        await UntilAsync(() => server.ProcessId != killed);

        Assert.Single(log.Lines, line => line.Contains("can't be noted", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("trying on", StringComparison.Ordinal));
        Assert.True(await server.StopAsync());
    }

    [Fact]
    public async Task Supervise_WhenTheStartFailsByWhateverCause_ThenItSaysSoOnceAndTriesOn()
    {
        using var log = new TestLog();
        await using var server = await StartSupervisedAsync(log);
        var killed = server.ProcessId;
        var password = Path.Combine(folder.Path, "password");
        File.Move(password, password + ".kept");
        File.CreateSymbolicLink(password, password);

        Kill(killed);
        await UntilAsync(() => log.Lines.Any(line => line.Contains("trying on", StringComparison.Ordinal)));
        File.Move(password + ".kept", password, overwrite: true);
        await UntilAsync(() => server.ProcessId != killed);

        Assert.Single(log.Lines, line => line.Contains("trying on", StringComparison.Ordinal));
        var again = server.ProcessId;
        Kill(again);
        await UntilAsync(() => server.ProcessId != again);
    }

    [Fact]
    public async Task Stop_WhenPostgresCantBeStartedAgain_ThenItEndsWithoutAnError()
    {
        using var log = new TestLog();
        await using var server = await StartSupervisedAsync(log);
        var password = Path.Combine(folder.Path, "password");
        File.Delete(password);
        File.CreateSymbolicLink(password, password);

        // One of its processes outlives it, as on a busy machine.
        var cluster = Path.Combine(folder.Path, "data");
        var orphan = Postmaster.ProcessesOn(cluster).First(process => process != server.ProcessId);
        await SendAsync("-STOP", orphan);
        Kill(server.ProcessId);
        await UntilAsync(() => log.Lines.Any(line => line.Contains("trying on", StringComparison.Ordinal)));

        await UntilAsync(() => !Postmaster.ProcessesOn(cluster).Contains(server.ProcessId));
        var stopping = server.StopAsync();
        await ((Task)stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await SendAsync("-KILL", orphan);
        Assert.False(await stopping);
    }

    [Fact]
    public async Task Start_WhenTheProcessFileNamesALivingStranger_ThenItIsRemovedAsStale()
    {
        int old;
        await using (var first = await TestServer.StartDurableAsync(folder.Path))
        {
            old = first.ProcessId;
            var pidFile = Path.Combine(folder.Path, "data", "postmaster.pid");
            var lines = await File.ReadAllLinesAsync(pidFile);
            Kill(first.ProcessId);
            await UntilAsync(() => !Directory.GetDirectories("/proc").Any(process => new FileInfo(Path.Combine(process, "cwd")).LinkTarget == Path.Combine(folder.Path, "data")));

            lines[0] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            await File.WriteAllLinesAsync(pidFile, lines);
        }

        await using var second = await TestServer.StartDurableAsync(folder.Path);

        Assert.True(second.StartedByUs);
        Assert.NotEqual(old, second.ProcessId);
        using var stranger = Process.GetCurrentProcess();
        Assert.False(stranger.HasExited);
    }

    [Fact]
    public async Task Start_WhenTheServerProcessWasKilled_ThenTheRunningPostgresIsAdoptedAndStoppedAtTheEnd()
    {
        using var killed = await HolderProcess.StartAsync(folder.Path);
        Assert.True(killed.StartedByIt);
        await killed.KillAsync();

        using var next = await HolderProcess.StartAsync(folder.Path);
        Assert.False(next.StartedByIt);
        Assert.Equal(killed.Postmaster, next.Postmaster);

        await next.StopAsync();
        Assert.False(File.Exists(Path.Combine(folder.Path, "data", "postmaster.pid")));
    }

    [Fact]
    public async Task Interrupt_WhenTheTerminalSendsItToTheWholeGroup_ThenPostgresIsNotReached()
    {
        using var holder = await HolderProcess.StartAsync(folder.Path);

        await holder.InterruptGroupAsync();

        await using var next = await TestServer.StartDurableAsync(folder.Path);
        Assert.False(next.StartedByUs);
        Assert.Equal(holder.Postmaster, next.ProcessId);
    }

    [Fact]
    public async Task Start_WhenTwoProcessesShareTheFolder_ThenTheSecondAdoptsAndTheLastOneStops()
    {
        using var first = await HolderProcess.StartAsync(folder.Path);
        using var second = await HolderProcess.StartAsync(folder.Path);
        Assert.True(first.StartedByIt);
        Assert.False(second.StartedByIt);

        await first.StopAsync();
        Assert.True(File.Exists(Path.Combine(folder.Path, "data", "postmaster.pid")));

        await second.StopAsync();
        Assert.False(File.Exists(Path.Combine(folder.Path, "data", "postmaster.pid")));
    }

    private Task<EmbeddedPostgresServer> StartSupervisedAsync(TestLog log) => EmbeddedPostgresServer.StartAsync(
        new EmbeddedPostgresOptions { DataDirectory = folder.Path, Supervise = true }, log, CancellationToken.None);

    private static async Task UntilAsync(Func<bool> reached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!reached())
        {
            await pause.WaitForNextTickAsync(limit.Token);
        }
    }

    private static async Task SendAsync(string signal, int processId)
    {
        using var kill = Process.Start("kill", [signal, processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from kept", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
