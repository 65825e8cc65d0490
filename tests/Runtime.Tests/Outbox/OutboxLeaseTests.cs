using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Tests.Storage;

namespace Talent.Workflows.Runtime.Tests.Outbox;

/// <summary>What a claim is good for, and what is written down of a delivery whatever happens to the node.</summary>
public sealed class OutboxLeaseTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private readonly ManualTime time = ManualTime.Standard();
    private readonly RecordingHandler slow = new("note") { MaxConcurrency = 1 };
    private readonly TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override async Task ArrangeAsync()
    {
        await using (var command = Db.DataSource.CreateCommand($"{NotePart.Table}; truncate public.notes, engine.outbox, engine.outbox_failed"))
            await command.ExecuteNonQueryAsync();
        node = NewNode(time, With(slow));
        await node.PublishAsync(Flows.Sequence("notes", Flows.Event("a", "go")));
    }

    [Fact]
    public async Task Outbox_WhenALeaseEndsBeforeItsTurn_ThenTheClaimIsDropped()
    {
        var quick = new RecordingHandler("note");
        var other = NewNode(time, With(quick));
        await NotesAsync(2);
        slow.Until = gate.Task;
        await ClaimAndHoldAsync();

        time.Advance(TimeSpan.FromSeconds(61));
        await other.Outbox.DrainAsync(default);
        gate.SetResult();
        await node.Outbox.DrainAsync(default);

        Assert.Equal(2, quick.Seen.Count);
        Assert.Single(slow.Seen);
    }

    [Fact]
    public async Task Outbox_WhenManyAreToBeTriedAgain_ThenNoMoreAreClaimedThanHaveAPlace()
    {
        await NotesAsync(9);
        slow.Answer = _ => new OutboxResult.Retry(TimeSpan.FromSeconds(1), "down");
        await node.Outbox.DrainAsync(default);
        time.Advance(TimeSpan.FromSeconds(2));
        slow.Seen.Clear();
        slow.Answer = _ => OutboxResult.Ok;
        slow.Until = gate.Task;

        await ClaimAndHoldAsync();
        var claimed = await ScalarAsync<long>($"select count(*) from engine.outbox_failed where retry_at > '{time.GetUtcNow().AddSeconds(30):O}'");
        gate.SetResult();
        await node.Outbox.DrainAsync(default);

        Assert.InRange(claimed, 1, 4);
    }

    [Fact]
    public async Task Outbox_WhenStoppedWhileItNotesADelivery_ThenItIsNotedAllTheSame()
    {
        await NotesAsync(1);
        await using var connection = await Db.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        slow.Answer = _ =>
        {
            using var hold = new NpgsqlCommand("select 1 from engine.outbox for update", connection);
            hold.ExecuteNonQuery();
            return OutboxResult.Ok;
        };
        using var stop = new CancellationTokenSource();
        var drained = node.Outbox.DrainAsync(stop.Token);
        while (await ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 0)
            await Task.Yield();

        await stop.CancelAsync();
        await transaction.CommitAsync();
        await drained.ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(0L, await ScalarAsync<long>("select count(*) from engine.outbox"));
    }

    [Fact]
    public async Task Outbox_WhenTheDatabaseFailsWhileItNotesDeliveries_ThenTheyAreNotedLaterAndNotSentTwice()
    {
        await NotesAsync(3);
        await ExecuteAsync("delete from engine.outbox where seq = (select max(seq) from engine.outbox); insert into engine.outbox (id, instance_id, kind, payload, created_at) values (gen_random_uuid(), gen_random_uuid(), 'note', 'worse', now())");
        slow.Answer = message => message.Payload.Length == 5 ? new OutboxResult.Dead("no such number") : OutboxResult.Ok;
        slow.Until = gate.Task;
        await ClaimAndHoldAsync();
        await ExecuteAsync("""
            create function public.refuse() returns trigger language plpgsql as 'begin raise exception ''down''; end';
            create trigger refuse before delete on engine.outbox for each row execute function public.refuse()
            """);

        gate.SetResult();
        await Assert.ThrowsAsync<PostgresException>(() => node.Outbox.DrainAsync(default));
        await ExecuteAsync("drop trigger refuse on engine.outbox; drop function public.refuse");
        await node.Outbox.DrainAsync(default).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(3, slow.Seen.Count);
        Assert.Equal(0L, await ScalarAsync<long>("select count(*) from engine.outbox"));
        Assert.Equal("no such number", await ScalarAsync<string>("select last_error from engine.outbox_failed where dead"));
        Assert.Single(node.Log.Lines, line => line.Contains("is a dead letter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outbox_WhenNewMessagesKeepComing_ThenThoseToBeTriedAgainAreDeliveredAllTheSame()
    {
        await NotesAsync(9);
        slow.Answer = _ => new OutboxResult.Retry(TimeSpan.FromSeconds(1), "down");
        await node.Outbox.DrainAsync(default);
        Assert.Equal(9L, await ScalarAsync<long>("select count(*) from engine.outbox_failed"));
        // Whenever one is delivered another comes, so that there is never a moment without a new one.
        slow.Answer = message =>
        {
            if (message.Attempts == 0)
            {
                More(1);
                time.Advance(TimeSpan.FromMilliseconds(500));
            }
            return OutboxResult.Ok;
        };
        More(20);
        time.Advance(TimeSpan.FromSeconds(2));

        using var stop = new CancellationTokenSource();
        var drained = node.Outbox.DrainAsync(stop.Token);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < 3000 && await ScalarAsync<long>("select count(*) from engine.outbox_failed") > 0; i++)
            await pause.WaitForNextTickAsync();
        await stop.CancelAsync();
        await drained.ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(0L, await ScalarAsync<long>("select count(*) from engine.outbox_failed"));
        Assert.InRange(await ScalarAsync<long>("select count(*) from engine.outbox"), 1, 40);

        void More(int count)
        {
            using var more = Db.DataSource.CreateCommand($"insert into engine.outbox (id, instance_id, kind, payload, created_at) select gen_random_uuid(), gen_random_uuid(), 'note', '', now() from generate_series(1, {count})");
            more.ExecuteNonQuery();
        }
    }

    [Fact]
    public async Task Drain_WhenAnotherWorkersClaimIsNotCommittedYet_ThenItWaitsUntilThatIsDelivered()
    {
        await NotesAsync(1);
        await using var connection = await Db.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await HoldAsync($"update engine.outbox set leased_until = '{time.GetUtcNow().AddSeconds(60):O}'");

        var drained = node.Outbox.DrainAsync(default);
        await Assert.ThrowsAsync<TimeoutException>(() => drained.WaitAsync(TimeSpan.FromMilliseconds(300)));
        await HoldAsync("delete from engine.outbox");
        await transaction.CommitAsync();
        await drained.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Empty(slow.Seen);

        async Task HoldAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task Drain_WhenWhatIsLeftWaitsBehindAFailedMessageOrForAnotherHandler_ThenItEnds()
    {
        await NotesAsync(1);
        slow.Answer = _ => new OutboxResult.Retry(TimeSpan.FromSeconds(30), "down");
        await node.Outbox.DrainAsync(default);
        await using (var command = Db.DataSource.CreateCommand("""
            insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
            select gen_random_uuid(), f.instance_id, k.kind, k.key, '', now() from engine.outbox_failed f, (values ('note', 'held'), ('nobody', null), ('nobody', 'theirs'), ('note', 'theirs')) k(kind, key);
            update engine.outbox_failed set ordering_key = 'held'
            """))
            await command.ExecuteNonQueryAsync();

        await node.Outbox.DrainAsync(default).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(4L, await ScalarAsync<long>("select count(*) from engine.outbox"));
    }

    /// <summary>Claims, begins the first delivery and claims no more.</summary>
    private async Task ClaimAndHoldAsync()
    {
        using var stop = new CancellationTokenSource();
        var drain = node.Outbox.DrainAsync(stop.Token);
        while (slow.Seen.IsEmpty)
            await Task.Yield();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drain);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Db.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task NotesAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await node.Runtime.StartAsync(new StartRequest { DefinitionId = "notes", Actor = RuntimeNode.Tester, Domain = new Note($"n{i}") }, default);
    }

    private static Action<IServiceCollection> With(IOutboxHandler handler) => services =>
    {
        services.AddSingleton<StepPart, NotePart>();
        services.AddSingleton(handler);
    };
}
