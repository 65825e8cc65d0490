using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Runtime.Tests.Events;

/// <summary>Work that a node repeats: what fails is left to the next round, and stopping is no failure.</summary>
public sealed class RepeatingServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Service_WhenARoundFails_ThenItIsLoggedAndTheNextFollowsAtItsTime()
    {
        var clock = new Clock();
        var failure = new InvalidOperationException("a bug");
        using var service = new Repeating(clock, (round, _) => round == 1 ? throw failure : Task.CompletedTask);
        await service.StartAsync(default);
        var timer = await clock.NextAsync();
        Assert.Equal((Repeating.Interval, Repeating.Interval, 0), (timer.Due, timer.Period, service.Rounds));
        timer.Fire();
        await service.EndedAsync();
        timer.Fire();
        await service.EndedAsync();
        await service.StopAsync(default);

        Assert.Equal(2, service.Rounds);
        Assert.Equal([failure], service.Failures);
    }

    [Fact]
    public async Task Service_WhenTheDatabaseIsLost_ThenItLogsNothingAndTriesAgainAfterThePauseForFailures()
    {
        var clock = new Clock();
        using var service = new Repeating(clock, (round, _) => round == 1 ? throw new NpgsqlException("refused") : Task.CompletedTask, atOnce: true);
        await service.StartAsync(default);
        await service.EndedAsync();
        var failed = await clock.NextAsync();
        failed.Fire();
        await service.EndedAsync();
        var done = await clock.NextAsync();
        await service.StopAsync(default);

        Assert.Equal((Repeating.AfterFailure, Repeating.Interval), (failed.Due, done.Due));
        Assert.Equal(2, service.Rounds);
        Assert.Empty(service.Failures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Service_WhenTheNodeStopsDuringARound_ThenItEndsAndNothingIsLogged(bool atOnce)
    {
        var clock = new Clock();
        var begun = new TaskCompletionSource();
        using var service = new Repeating(clock, (_, stop) =>
        {
            begun.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }, atOnce);
        await service.StartAsync(default);
        if (!atOnce)
            (await clock.NextAsync()).Fire();
        await begun.Task.WaitAsync(Patience);
        await service.StopAsync(default);

        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal(1, service.Rounds);
        Assert.Empty(service.Failures);
    }

    private sealed class Repeating(TimeProvider time, Func<int, CancellationToken, Task> round, bool atOnce = false) : RepeatingService(time, new DatabaseOutage(time, NullLogger<DatabaseOutage>.Instance))
    {
        public static readonly TimeSpan Interval = TimeSpan.FromSeconds(7), AfterFailure = TimeSpan.FromSeconds(3);
        private readonly SemaphoreSlim ended = new(0);

        public int Rounds { get; private set; }
        public List<Exception> Failures { get; } = [];

        public async Task EndedAsync() => Assert.True(await ended.WaitAsync(Patience));

        public override void Dispose()
        {
            ended.Dispose();
            base.Dispose();
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
            atOnce ? RepeatAtOnceAsync(RoundAsync, Interval, AfterFailure, stoppingToken) : RepeatAsync(Interval, RoundAsync, stoppingToken);

        protected override void LogRoundFailed(Exception cause) => Failures.Add(cause);

        private async Task RoundAsync(CancellationToken stop)
        {
            try
            {
                await round(++Rounds, stop);
            }
            finally
            {
                ended.Release();
            }
        }
    }

    /// <summary>A clock whose timers fire when a test says so.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly Channel<Timer> timers = Channel.CreateUnbounded<Timer>();

        /// <summary>The next timer that somebody has set.</summary>
        public async Task<Timer> NextAsync() => await timers.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(dueTime, period, () => callback(state));
            timers.Writer.TryWrite(timer);
            return timer;
        }
    }

    private sealed record Timer(TimeSpan Due, TimeSpan Period, Action Fire) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;
        public void Dispose() { }
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
