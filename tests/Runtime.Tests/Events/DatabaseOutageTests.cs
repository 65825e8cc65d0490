using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Quartz;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Tests.Events;

/// <summary>What a node says while PostgreSQL is gone, and how it ends then.</summary>
public sealed class DatabaseOutageTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public Task InitializeAsync() => TestServer.PrepareAsync(folder.Path);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Node_WhenPostgresIsStoppedAndStartedAgain_ThenItSaysSoOnceEachAndGoesOn()
    {
        var first = await TestServer.StartDurableAsync(folder.Path);
        await using (var database = NpgsqlDataSource.Create(first.ConnectionString))
            await new Migrator(database, NullLogger.Instance, typeof(Migrator).Assembly).MigrateAsync(default);
        await using var node = await new RuntimeNode(first.ConnectionString).StartAsync();
        await node.PublishAsync(Flows.Sequence("waits", Flows.Event("e", "go")));
        var id = await node.StartInstanceAsync("waits");

        await KillAsync(first.ProcessId);
        await UntilAsync(() => Lines(node, "is lost").Count > 0);
        await UntilLoopsHaveTriedAsync(first.ConnectionString, attempts: 16);
        Assert.Single(Lines(node, "is lost"));
        Assert.Empty(Lines(node, "answers again"));
        await using var second = await TestServer.StartDurableAsync(folder.Path);
        await UntilAsync(() => Lines(node, "answers again").Count > 0);

        Assert.Equal(first.ConnectionString, second.ConnectionString);
        await UntilAsync(async () => await TryAsync(() => node.SignalAsync(id, "go", "s1")));
        Assert.Equal(2, (await node.ReadAsync(id)).Version);
        Assert.True(Lines(node, "is lost").Count <= 2, string.Join('\n', node.Log.Lines));
        Assert.DoesNotContain(node.Log.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
        await first.StopAsync();
    }

    [Fact]
    public void Loss_WhenAFailureIsLookedAt_ThenOnlyLostConnectionsAndServersGoingDownAreOne()
    {
        Assert.True(DatabaseOutage.IsLoss(new InvalidOperationException("job", new NpgsqlException("refused"))));
        Assert.True(DatabaseOutage.IsLoss(new AggregateException(new NpgsqlException("refused"))));
        Assert.True(DatabaseOutage.IsLoss(Postgres("57P01")));
        Assert.True(DatabaseOutage.IsLoss(Postgres("57P03")));
        Assert.True(DatabaseOutage.IsLoss(Postgres("08006")));
        Assert.False(DatabaseOutage.IsLoss(Postgres("23505")));
        Assert.False(DatabaseOutage.IsLoss(Postgres("57014")));
        Assert.False(DatabaseOutage.IsLoss(new InvalidOperationException("bug")));

        static PostgresException Postgres(string state) => new("m", "ERROR", "ERROR", state);
    }

    [Fact]
    public async Task Node_WhenAJobOfTheSchedulerHangs_ThenItStopsAllTheSame()
    {
        await using var server = await TestServer.StartDurableAsync(folder.Path);
        await using (var database = NpgsqlDataSource.Create(server.ConnectionString))
            await new Migrator(database, NullLogger.Instance, typeof(Migrator).Assembly).MigrateAsync(default);
        var node = await new RuntimeNode(server.ConnectionString, settings: new() { ["Runtime:UseQuartz"] = "true", ["Runtime:SchedulerStopSeconds"] = "1" },
            more: services => services.AddQuartz(quartz => quartz.ScheduleJob<HangingJob>(trigger => trigger.WithIdentity("hanging").StartNow()))).StartAsync();
        await HangingJob.Begun.Task.WaitAsync(TimeSpan.FromSeconds(60));

        var began = Stopwatch.GetTimestamp();
        await node.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(20));
        Assert.Single(Lines(node, "Not every job"));
        HangingJob.End.SetResult();
    }

    private sealed class HangingJob : IJob
    {
        public static readonly TaskCompletionSource Begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public static readonly TaskCompletionSource End = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            Begun.TrySetResult();
            await End.Task;
        }
    }

    private static List<string> Lines(RuntimeNode node, string text) => [.. node.Log.Lines.Where(line => line.Contains(text, StringComparison.Ordinal))];

    private static async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or Talent.Workflows.Engine.WorkflowException)
        {
            return false;
        }
    }

    /// <summary>In PostgreSQL's place, hangs up on whoever calls: the four loops of a node meet the loss several times each.</summary>
    private static async Task UntilLoopsHaveTriedAsync(string connectionString, int attempts)
    {
        using var instead = new TcpListener(IPAddress.Loopback, new NpgsqlConnectionStringBuilder(connectionString).Port);
        await UntilAsync(() => Task.FromResult(TryListen(instead)));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var i = 0; i < attempts; i++)
            (await instead.AcceptTcpClientAsync(limit.Token)).Dispose();
    }

    private static bool TryListen(TcpListener listener)
    {
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Task UntilAsync(Func<bool> reached) => UntilAsync(() => Task.FromResult(reached()));

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var began = Stopwatch.GetTimestamp();
        while (!await reached())
        {
            await pause.WaitForNextTickAsync();
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "It never came.");
        }
    }

    private static async Task KillAsync(int process)
    {
        using var kill = Process.Start("kill", ["-QUIT", $"{process}"]);
        await kill.WaitForExitAsync();
    }
}
