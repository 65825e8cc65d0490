using Microsoft.Extensions.Logging;
using Npgsql;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Events;

/// <summary>
/// Keeps this node in step with the others. Once a second it reads what all nodes follow (clock, intake) and, while there
/// are other nodes or somebody waits for a change, the tail: what others have moved is forgotten here. One coalesced NOTIFY at most every 20 ms, never inside a step, spares the others
/// the rest of their second; a lost one costs nothing else.
/// </summary>
public sealed partial class NodeService : RepeatingService
{
    private const string Channel = "talent_engine";
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(20);

    private readonly NpgsqlDataSource database;
    private readonly EventTail tail;
    private readonly InstanceChanges changes;
    private readonly InstanceCache cache;
    private readonly BusinessClock clock;
    private readonly IntakePause intake;
    private readonly Wakeups wakeups;
    private readonly DatabaseOutage outage;
    private readonly ILogger<NodeService> logger;
    /// <summary>What a node of this release understands of rows that others write; raised by a release whose rows the one before can't read. 1: personal columns that are sealed.</summary>
    public const short Level = 1;

    private readonly Guid id = Guid.CreateVersion7();
    private TailCursor? cursor;
    private volatile bool alone = true;

    internal NodeService(NpgsqlDataSource database, EventTail tail, InstanceChanges changes, InstanceCache cache, BusinessClock clock, IntakePause intake, Wakeups wakeups, DatabaseOutage outage, ILogger<NodeService> logger) : base(clock.Machine, outage)
    {
        this.database = database;
        this.tail = tail;
        this.changes = changes;
        this.cache = cache;
        this.clock = clock;
        this.intake = intake;
        this.wakeups = wakeups;
        this.outage = outage;
        this.logger = logger;
    }

    /// <summary>This node in engine.nodes; new at every start.</summary>
    public Guid Id => id;

    /// <summary>Reads what all nodes follow, now.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            with seen as (
                insert into engine.nodes (id, name, started_at, seen_at, level) values ($1, $2, $3, $3, $4)
                on conflict (id) do update set seen_at = excluded.seen_at
                where engine.nodes.seen_at < excluded.seen_at - interval '5 seconds')
            select clock_offset_us, intake_paused, coalesce(intake_reason, ''),
                exists (select from engine.nodes where id <> $1 and seen_at > $3 - interval '30 seconds')
            from engine.settings
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Environment.MachineName });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Machine.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = Level });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return;
        clock.Follow(TimeSpan.FromMicroseconds(reader.GetInt64(0)));
        intake.Follow(reader.GetBoolean(1) ? reader.GetString(2) : null);
        alone = !reader.GetBoolean(3);
    }

    // Alone, and with nobody waiting, the tail tells nothing that this node doesn't know.
    private bool ReadsTail => !alone || changes.HasWaiters;

    /// <summary>Forgets what other nodes have changed since the last time, and announces it to those who wait for it.</summary>
    public async Task FollowTailAsync(CancellationToken cancellationToken)
    {
        if (cursor is not { } place || !ReadsTail)
        {
            var end = await tail.EndAsync(cancellationToken);
            // Somebody who began to wait meanwhile may wait for what lies before this end.
            if (cursor is null || !ReadsTail)
            {
                cursor = end;
                return;
            }
            place = cursor.Value;
        }
        List<TailCursor> steps;
        do
        {
            steps = await tail.PlacesAsync(place, 1000, cancellationToken);
            foreach (var step in steps)
            {
                cache.RemoveOlder(step.InstanceId, step.Sequence);
                changes.Announce(step.InstanceId, step.Sequence);
                place = step;
            }
            cursor = place;
        }
        while (steps.Count == 1000);
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await FollowAsync(cancellationToken);
        // Before anybody can wait.
        await FollowTailAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(((Func<CancellationToken, Task>[])[PollAsync, ListenAsync, NotifyAsync]).Select(round => RepeatAtOnceAsync(round, TimeSpan.Zero, Poll, stoppingToken)));

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        await FollowAsync(cancellationToken);
        await FollowTailAsync(cancellationToken);
        outage.Answered();
        if (await wakeups.Tail.WaitAsync(Poll, cancellationToken))
            await FollowTailAsync(cancellationToken);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var own = connection.ProcessID;
        connection.Notification += (_, e) =>
        {
            if (e.Payload == id.ToString())
                return;
            wakeups.Outbox.Set();
            wakeups.Timers.Set();
            wakeups.Tail.Set();
        };
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);
        while (true)
            await connection.WaitAsync(cancellationToken);
    }

    private async Task NotifyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var relaxed = new NpgsqlCommand("set synchronous_commit = off", connection))
            await relaxed.ExecuteNonQueryAsync(cancellationToken);
        await using var notify = new NpgsqlCommand($"notify {Channel}, '{id}'", connection);
        while (true)
        {
            await wakeups.Others.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            if (!alone)
                await notify.ExecuteNonQueryAsync(cancellationToken);
            await Task.Delay(Quiet, cancellationToken);
        }
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "Keeping step with the other nodes failed; tried again in a second")]
    protected override partial void LogRoundFailed(Exception cause);
}
