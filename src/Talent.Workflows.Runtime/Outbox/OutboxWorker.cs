using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Outbox;

/// <summary>
/// Delivers what steps left in the outbox. Each kind has places of its own, so that a slow provider holds up nobody else;
/// messages of one ordering key go one after the other, and a failing one holds up its own key alone.
/// </summary>
public sealed partial class OutboxWorker : RepeatingService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Under load a round for each message would cost the steps their database: a few milliseconds gather many.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(5);
    private const int FewMessages = 16;

    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(3);

    private readonly OutboxStore store;
    private readonly Dictionary<string, Lane> lanes;
    private readonly Wakeups wakeups;
    private readonly TimeProvider machine;
    private readonly DatabaseOutage outage;
    private readonly RuntimeOptions options;
    private readonly ILogger<OutboxWorker> logger;
    private readonly ConcurrentQueue<(OutboxMessage Message, OutboxResult Result)> finished = new();
    private readonly SemaphoreSlim settling = new(1);
    private DateTimeOffset nextRetryRound = DateTimeOffset.MinValue;
    private int inFlight;

    internal OutboxWorker(OutboxStore store, IEnumerable<IOutboxHandler> handlers, Wakeups wakeups, TimeProvider machine, DatabaseOutage outage, IOptions<RuntimeOptions> options, ILogger<OutboxWorker> logger) : base(machine, outage)
    {
        this.store = store;
        this.wakeups = wakeups;
        this.machine = machine;
        this.outage = outage;
        this.options = options.Value;
        this.logger = logger;
        lanes = handlers.ToDictionary(h => h.Kind, h => new Lane(h), StringComparer.Ordinal);
    }

    public override void Dispose()
    {
        settling.Dispose();
        base.Dispose();
    }

    /// <summary>Delivers until nothing is left that can be delivered now. Messages that failed wait for their next attempt and aren't waited for.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var claimed = await ClaimAsync(cancellationToken);
            if (claimed > 0 || Volatile.Read(ref inFlight) > 0 || !finished.IsEmpty)
            {
                await SettleAsync();
                if (Volatile.Read(ref inFlight) > 0)
                    await Task.Delay(2, cancellationToken);
            }
            else if (await store.AnyUndeliveredAsync([.. lanes.Keys], machine.GetUtcNow(), cancellationToken))
                await Task.Delay(20, cancellationToken);
            else
                return;
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // What was claimed is delivered; what the time doesn't suffice for is another node's when its lease ends.
        while (Volatile.Read(ref inFlight) > 0 && !cancellationToken.IsCancellationRequested)
            await Task.Delay(10, CancellationToken.None);
        await SettleAsync();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAtOnceAsync(RoundAsync, TimeSpan.Zero, Poll, stoppingToken);

    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        await SettleAsync();
        var claimed = await ClaimAsync(stoppingToken);
        if (claimed == 0)
            await wakeups.Outbox.WaitAsync(Poll, stoppingToken);
        if (claimed < FewMessages)
            await Task.Delay(Gathering, stoppingToken);
    }

    private async Task<int> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = machine.GetUtcNow();
        var lease = now.AddSeconds(options.LeaseSeconds);
        var claimed = 0;
        if (now >= nextRetryRound)
        {
            // Half of what is free, so that a provider that is down doesn't take all places with repetitions.
            var (again, seats) = FreePlaces(free => (free + 1) / 2);
            if (again.Length > 0)
                claimed = Begin(await store.ClaimFailedAsync(again, seats, now, lease, cancellationToken), lease);
            // Where all places were taken, more may wait.
            if (claimed < seats.Sum())
                nextRetryRound = now + Poll;
        }
        var (kinds, places) = FreePlaces(free => free);
        return kinds.Length == 0 ? claimed : claimed + Begin(await store.ClaimFreshAsync(kinds, places, now, lease, cancellationToken), lease);
    }

    private (string[] Kinds, int[] Places) FreePlaces(Func<int, int> share)
    {
        var free = lanes.Where(l => l.Value.FreePlaces > 0).Select(l => (Kind: l.Key, Places: Math.Min(share(l.Value.FreePlaces), options.OutboxBatch))).Where(l => l.Places > 0).ToList();
        return ([.. free.Select(l => l.Kind)], [.. free.Select(l => l.Places)]);
    }

    private int Begin(List<OutboxMessage> messages, DateTimeOffset lease)
    {
        foreach (var message in messages)
        {
            Interlocked.Increment(ref inFlight);
            lanes[message.Kind].Taken();
            _ = DeliverAsync(lanes[message.Kind], message, lease);
        }
        return messages.Count;
    }

    private async Task DeliverAsync(Lane lane, OutboxMessage message, DateTimeOffset lease)
    {
        OutboxResult? result = null;
        await lane.Concurrency.WaitAsync(CancellationToken.None);
        try
        {
            // A little is left to note what became of it. Claimed too long ago: by now it may be another node's.
            var rest = lease - LeaseMargin - machine.GetUtcNow();
            if (rest > TimeSpan.Zero)
            {
                using var limit = new CancellationTokenSource(rest);
                result = await lane.Handler.DeliverAsync(message, limit.Token);
            }
        }
        catch (WorkflowException e) when (e.IsHalted)
        {
            result = OutboxResult.Halted;
        }
        catch (Exception e)
        {
            if (!outage.Note(e))
                LogFailed(e, message.Kind, message.Id);
            result = new OutboxResult.Retry(null, e.GetType().Name);
        }
        try
        {
            if (result is not (null or OutboxResult.Delivered) && Judge(message, result) is (_, var why, true))
            {
                using var limit = new CancellationTokenSource(LeaseMargin);
                await lane.Handler.GiveUpAsync(message, why, limit.Token);
            }
        }
        catch (Exception e)
        {
            if (!outage.Note(e))
                LogFailed(e, message.Kind, message.Id);
            // Nobody was told: it isn't dead yet.
            result = new OutboxResult.Hold(BackOff(message.Attempts), e.GetType().Name);
        }
        finally
        {
            lane.Concurrency.Release();
        }
        if (result is not null)
            finished.Enqueue((message, result));
        lane.Done();
        Interlocked.Decrement(ref inFlight);
        wakeups.Outbox.Set();
    }

    /// <summary>Writes down what became of the deliveries that have ended, all of them in one statement a kind of result. Never cancelled: what was sent and isn't noted would be sent again.</summary>
    private async Task SettleAsync()
    {
        if (finished.IsEmpty)
            return;
        await settling.WaitAsync(CancellationToken.None);
        var delivered = new List<(OutboxMessage Message, OutboxResult Result)>();
        var failed = new List<(OutboxMessage Message, OutboxResult Result)>();
        try
        {
            while (delivered.Count + failed.Count < 1000 && finished.TryDequeue(out var one))
                (one.Result is OutboxResult.Delivered ? delivered : failed).Add(one);
            if (delivered.Count > 0)
                await store.DeliveredAsync(delivered.ConvertAll(d => d.Message), CancellationToken.None);
            delivered.Clear();
            await SettleFailedAsync(failed);
            failed.Clear();
        }
        finally
        {
            // What couldn't be written down, as when the database is lost, is so in the next round.
            foreach (var one in delivered.Concat(failed))
                finished.Enqueue(one);
            settling.Release();
        }
    }

    private async Task SettleFailedAsync(List<(OutboxMessage Message, OutboxResult Result)> failed)
    {
        if (failed.Count == 0)
            return;
        var now = machine.GetUtcNow();
        var judged = failed.ConvertAll(f => Judge(f.Message, f.Result));
        await store.FailedAsync(failed.ConvertAll(f => f.Message), judged.ConvertAll(j => now + j.After), judged.ConvertAll(j => j.Dead), judged.ConvertAll(j => j.Why), failed.ConvertAll(f => f.Result is OutboxResult.Hold ? 0 : 1), CancellationToken.None);
        foreach (var ((message, _), (_, why, dead)) in failed.Zip(judged))
            if (dead)
                LogDead(message.Kind, message.Id, why);
    }

    private (TimeSpan After, string Why, bool Dead) Judge(OutboxMessage message, OutboxResult result) => result switch
    {
        OutboxResult.Hold(var after, var why) => (after, why, false),
        OutboxResult.Dead(var why) => (TimeSpan.Zero, why, true),
        OutboxResult.Retry(_, var why) when message.Attempts + 1 >= options.OutboxAttempts => (TimeSpan.Zero, why, true),
        OutboxResult.Retry(var after, var why) => (after ?? BackOff(message.Attempts), why, false),
        _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
    };

    /// <summary>Half to whole of the longest pause, at random, so that a provider that comes back isn't overrun.</summary>
    internal static TimeSpan BackOff(int attempts) => LongestPause(attempts) * (0.5 + Random.Shared.NextDouble() / 2);

    /// <summary>1 s, 2 s, 4 s, … at most two hours.</summary>
    internal static TimeSpan LongestPause(int attempts) => TimeSpan.FromSeconds(Math.Min(7200, Math.Pow(2, Math.Min(attempts, 20))));

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "Delivery of {Kind} message {MessageId} failed and will be tried again")]
    private partial void LogFailed(Exception exception, string kind, Guid messageId);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Error, Message = "{Kind} message {MessageId} is a dead letter: {Why}")]
    private partial void LogDead(string kind, Guid messageId, string why);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Error, Message = "A round of the outbox failed; the next one follows in a second")]
    protected override partial void LogRoundFailed(Exception cause);

    /// <summary>The places of one kind in this node.</summary>
    private sealed class Lane(IOutboxHandler handler)
    {
        private int taken;

        public IOutboxHandler Handler => handler;
        public SemaphoreSlim Concurrency { get; } = new(handler.MaxConcurrency);

        // A few wait here for their turn, never longer than their lease.
        public int FreePlaces => handler.MaxConcurrency * 4 - Volatile.Read(ref taken);

        public void Taken() => Interlocked.Increment(ref taken);
        public void Done() => Interlocked.Decrement(ref taken);
    }
}
