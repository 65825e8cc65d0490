using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Tests.Storage;

namespace Talent.Workflows.Runtime.Tests.Outbox;

public sealed class OutboxTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private readonly ManualTime time = ManualTime.Standard();
    private readonly RecordingHandler notes = new("note");
    private DeadLetters Letters => node.Services.GetRequiredService<DeadLetters>();

    protected override async Task ArrangeAsync()
    {
        await using (var command = Db.DataSource.CreateCommand($"{NotePart.Table}; truncate public.notes, engine.outbox, engine.outbox_failed"))
            await command.ExecuteNonQueryAsync();
        node = NewNode(time, More);
        await node.PublishAsync(Flows.Sequence("notes", Flows.Event("a", "go")));
        await node.PublishAsync(Flows.Sequence("publisher", Flows.Publish("p", "news")));
        await node.PublishAsync(Flows.Sequence("reader", Flows.Event("r", "news"), Flows.Event("s", "more")));
    }

    [Fact]
    public async Task Outbox_WhenDelivered_ThenTheMessageIsRemoved()
    {
        var id = await NoteAsync("one");

        await node.Outbox.DrainAsync(default);

        var message = Assert.Single(notes.Seen);
        Assert.Equal((id, "\"one\""), (message.InstanceId, Encoding.UTF8.GetString(message.Payload)));
        Assert.Equal(0L, await CountAsync());
    }

    [Fact]
    public async Task Outbox_WhenDeliveryFails_ThenItIsTriedAgainWithTheSameIdUntilItSucceeds()
    {
        await NoteAsync("one");
        notes.Answer = m => m.Attempts < 2 ? throw new InvalidOperationException("down") : OutboxResult.Ok;

        for (var i = 0; i < 3; i++)
        {
            await node.Outbox.DrainAsync(default);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([0, 1, 2], notes.Seen.Select(m => m.Attempts));
        Assert.Single(notes.Seen.Select(m => m.Id).Distinct());
        Assert.Equal(0L, await CountAsync());
    }

    [Fact]
    public void Outbox_WhenAProviderIsDownFromFridayEveningToMonday_ThenNothingIsGivenUp()
    {
        var pauses = new RuntimeOptions().OutboxAttempts - 1;

        var longest = Enumerable.Range(0, pauses).Aggregate(TimeSpan.Zero, (sum, i) => sum + OutboxWorker.LongestPause(i));

        // Friday 18:00 to Monday 9:00 is 63 hours; the pauses are half of the longest at least. The runbook names both bounds.
        Assert.Equal((67, 134), ((int)(longest / 2).TotalHours, (int)longest.TotalHours));
        Assert.True(longest / 2 > TimeSpan.FromHours(63));
        for (var i = 0; i < 1000; i++)
            Assert.InRange(OutboxWorker.BackOff(i % pauses), OutboxWorker.LongestPause(i % pauses) / 2, OutboxWorker.LongestPause(i % pauses));
    }

    [Fact]
    public async Task Outbox_WhenTheHeadOfAKeyFails_ThenItHoldsUpItsOwnKeyAlone()
    {
        var failing = await NoteAsync("bad 1");
        await NoteAsync("bad 2", failing);
        var sound = await NoteAsync("good 1");
        await NoteAsync("good 2", sound);
        notes.Answer = m => m.InstanceId == failing && m.Attempts == 0 ? new OutboxResult.Retry(TimeSpan.FromSeconds(30), "later") : OutboxResult.Ok;

        await node.Outbox.DrainAsync(default);
        Assert.Equal(["\"bad 1\"", "\"good 1\"", "\"good 2\""], Texts().Order());
        notes.Answer = _ => OutboxResult.Ok;
        time.Advance(TimeSpan.FromSeconds(31));
        await node.Outbox.DrainAsync(default);

        Assert.Equal(["\"bad 1\"", "\"bad 2\""], Texts().Skip(3));
        Assert.Equal(0L, await CountAsync());
    }

    [Fact]
    public async Task Outbox_WhenManyMessagesShareAKey_ThenTheyComeInTheirOrder()
    {
        var other = NewNode(time, More);
        var id = await NoteAsync("n00");
        for (var i = 1; i < 20; i++)
            await NoteAsync($"n{i:00}", id);

        await Task.WhenAll(node.Outbox.DrainAsync(default), other.Outbox.DrainAsync(default));

        Assert.Equal(20, notes.Seen.Count);
        Assert.Equal(Texts().Order(StringComparer.Ordinal), Texts());
    }

    [Fact]
    public async Task Outbox_WhenUndeliverable_ThenItIsADeadLetterThatCanBeSentAgain()
    {
        var id = await NoteAsync("dead");
        await NoteAsync("behind it", id);
        notes.Answer = m => m.Payload.AsSpan().SequenceEqual("\"dead\""u8) ? new OutboxResult.Dead("no such address") : OutboxResult.Ok;
        await node.Outbox.DrainAsync(default);

        var letter = Assert.Single(await Letters.ListAsync(deadOnly: true, 0, 10, default));
        Assert.Equal(("no such address", id, true), (letter.LastError, letter.InstanceId, letter.Dead));
        Assert.Equal(["\"dead\"", "\"behind it\""], Texts());

        notes.Answer = _ => OutboxResult.Ok;
        Assert.True(await Letters.ResendAsync(letter.Sequence, default));
        time.Advance(TimeSpan.FromSeconds(2));
        await node.Outbox.DrainAsync(default);

        Assert.Empty(await Letters.ListAsync(deadOnly: false, 0, 10, default));
        Assert.Equal("\"dead\"", Texts()[^1]);
    }

    [Fact]
    public async Task Outbox_WhenAttemptsAreUsedUp_ThenItIsADeadLetter()
    {
        await NoteAsync("never");
        notes.Answer = _ => new OutboxResult.Retry(TimeSpan.FromSeconds(1), "down");
        var attempts = new RuntimeOptions().OutboxAttempts;

        for (var i = 0; i < attempts + 5; i++)
        {
            await node.Outbox.DrainAsync(default);
            time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(attempts, notes.Seen.Count);
        Assert.Equal(attempts, Assert.Single(await Letters.ListAsync(deadOnly: true, 0, 10, default)).Attempts);
    }

    [Fact]
    public async Task Outbox_WhenTheNodeThatClaimedDies_ThenAnotherDeliversAfterTheLease()
    {
        await NoteAsync("claimed");
        await node.Services.GetRequiredService<OutboxStore>().ClaimFreshAsync(["note"], [10], time.GetUtcNow(), time.GetUtcNow().AddSeconds(60), default);

        time.Advance(TimeSpan.FromSeconds(61));
        await node.Outbox.DrainAsync(default);

        Assert.Single(notes.Seen);
    }

    [Fact]
    public async Task Publish_WhenManyWait_ThenEachWaitIsResumedOnce()
    {
        var readers = new List<Guid>();
        for (var i = 0; i < 30; i++)
            readers.Add(await node.StartInstanceAsync("reader"));
        await node.StartInstanceAsync("publisher");

        await node.Outbox.DrainAsync(default);

        foreach (var reader in readers)
        {
            var record = await node.ReadAsync(reader);
            Assert.Equal(2, record.Version);
            Assert.Equal("s", Assert.Single(record.State.Bookmarks).ActivityId);
        }
    }

    [Fact]
    public async Task Publish_WhenTheWaitBeginsAfterIt_ThenItIsNotReached()
    {
        await node.StartInstanceAsync("publisher");
        var late = await node.StartInstanceAsync("reader");

        await node.Outbox.DrainAsync(default);

        Assert.Equal("r", Assert.Single((await node.ReadAsync(late)).State.Bookmarks).ActivityId);
    }

    [Fact]
    public async Task Worker_WhenItRuns_ThenMessagesGoOutByThemselves()
    {
        var running = await NewNode(more: More).StartAsync();
        var done = new TaskCompletionSource();
        notes.Answer = _ => { done.TrySetResult(); return OutboxResult.Ok; };

        await running.Runtime.StartAsync(new StartRequest { DefinitionId = "notes", Actor = RuntimeNode.Tester, Domain = new Note("by itself") }, default);

        await done.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private void More(IServiceCollection services)
    {
        services.AddSingleton<StepPart, NotePart>();
        services.AddSingleton<IOutboxHandler>(notes);
    }

    private async Task<Guid> NoteAsync(string text, Guid? instance = null)
    {
        if (instance is not { } id)
            return (await node.Runtime.StartAsync(new StartRequest { DefinitionId = "notes", Actor = RuntimeNode.Tester, Domain = new Note(text) }, default)).InstanceId;
        await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Actor = RuntimeNode.Tester, Domain = new Note(text) }, default);
        return id;
    }

    private string[] Texts() => [.. notes.Seen.Select(m => Encoding.UTF8.GetString(m.Payload))];

    private Task<long> CountAsync() => ScalarAsync<long>("select (select count(*) from engine.outbox) + (select count(*) from engine.outbox_failed)");
}
