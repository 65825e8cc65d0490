using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Tests.Signals;

/// <summary>What a signal's id stands for: one event of one credential with one payload, by whatever route it comes.</summary>
public sealed class SignalIdTests(RuntimeDatabase database) : RuntimeTest(database)
{
    protected override async Task ArrangeAsync()
    {
        await node.PublishAsync(Flows.Sequence("twice", Flows.Event("a", "go"), Flows.Event("b", "go")));
        await node.PublishAsync(Flows.Parallel("parallel"));
    }

    [Fact]
    public async Task Signal_WhenOneIdComesByTwoRoutesAtOnce_ThenAppliedOnce()
    {
        var other = NewNode();
        for (var i = 0; i < 20; i++)
        {
            var correlation = $"c{i}";
            var id = await node.StartInstanceAsync("twice", correlation);

            await Task.WhenAll(
                BroadcastAsync(other, correlation, $"signal-{i}"),
                node.SignalAsync(id, "go", $"signal-{i}"));

            var record = await node.ReadAsync(id);
            Assert.Equal("b", Assert.Single(record.State.Bookmarks).ActivityId);
            Assert.Equal(SignalOutcome.Applied, (await node.Runtime.ReadSignalAsync(id, $"signal-{i}", default))!.Outcome);
        }
    }

    private static async Task BroadcastAsync(RuntimeNode node, string correlation, string signal)
    {
        await node.Runtime.PublishAsync(signal, "go", correlation, JsonSerializer.SerializeToElement(1), RuntimeNode.Tester, default);
        await node.Outbox.DrainAsync(default);
    }

    [Fact]
    public async Task Signal_WhenItsIdWasUsedForAnotherName_ThenRefusedAndTheWaitStays()
    {
        var id = await node.StartInstanceAsync("parallel");
        await node.SignalAsync(id, "A", "one-id");
        await node.SignalAsync(id, "unknown", "refused-id");

        foreach (var used in new[] { "one-id", "refused-id" })
        {
            var error = await Assert.ThrowsAsync<WorkflowException>(() => node.SignalAsync(id, "B", used));
            Assert.Equal(ErrorCodes.IdempotencyKeyReused, error.Code);
        }
        var neverExpected = await Assert.ThrowsAsync<WorkflowException>(() => node.SignalAsync(id, "other", "one-id"));
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, neverExpected.Code);
        Assert.Equal("B", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).Name);
    }

    [Fact]
    public async Task Signal_WhenSentAgain_ThenTheStoredRecordIsTheAnswer()
    {
        var clock = new ManualTime(new DateTimeOffset(2026, 9, 21, 0, 30, 0, TimeSpan.Zero));
        var timed = NewNode(clock);
        var id = await timed.StartInstanceAsync("parallel");
        var first = await timed.SignalAsync(id, "A", "again");
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(first with { Replayed = true }, await timed.SignalAsync(id, "A", "again"));
    }

    [Fact]
    public async Task Signal_WhenItsIdComesWithAnotherPayload_ThenRefusedAndTheWaitStays()
    {
        var id = await node.StartInstanceAsync("twice");
        await SendAsync("go", "paid-1", 12);
        await SendAsync("other", "refused-1", 12);

        foreach (var (name, used) in new[] { ("go", "paid-1"), ("other", "refused-1") })
        {
            var error = await Assert.ThrowsAsync<WorkflowException>(() => SendAsync(name, used, 13));
            Assert.Equal(ErrorCodes.IdempotencyKeyReused, error.Code);
            Assert.Contains("another payload", error.Message, StringComparison.Ordinal);
            Assert.True((await SendAsync(name, used, 12)).Replayed);
        }
        Assert.Equal("b", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).ActivityId);

        Task<SignalRecord> SendAsync(string name, string signal, int amount) =>
            node.Runtime.SignalAsync(id, signal, name, JsonSerializer.SerializeToElement(new { amount }), RuntimeNode.Tester, default);
    }

    [Fact]
    public async Task Signal_WhenTwoCredentialsChoseOneId_ThenBothAreAppliedAndEachReadsItsOwn()
    {
        var id = await node.StartInstanceAsync("twice");
        var (a, b) = (new Actor("key-a"), new Actor("key-b"));

        Assert.Equal(SignalOutcome.NotExpected, (await SendAsync("other", a)).Outcome);
        Assert.Equal((SignalOutcome.Applied, false), Told(await SendAsync("go", b)));
        Assert.Equal((SignalOutcome.Applied, true), Told(await SendAsync("go", b)));

        Assert.Equal("b", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).ActivityId);
        Assert.Equal("other", (await node.Runtime.ReadSignalAsync(id, "7", "key-a", default))!.Name);
        Assert.Equal("go", (await node.Runtime.ReadSignalAsync(id, "7", "key-b", default))!.Name);
        Assert.Equal(SignalOutcome.Applied, (await SendAsync("go", new Actor("key-c"))).Outcome);
        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(id)).State.Status);

        Task<SignalRecord> SendAsync(string name, Actor actor) => node.Runtime.SignalAsync(id, "7", name, default, actor, default);
        static (SignalOutcome, bool) Told(SignalRecord signal) => (signal.Outcome, signal.Replayed);
    }

    [Fact]
    public async Task Signal_WhenNothingExpectedItAndNowSomethingDoes_ThenTheRepetitionIsApplied()
    {
        var other = NewNode();
        await node.PublishAsync(Flows.Sequence("later", Flows.Event("a", "first"), Flows.Event("b", "second"), Flows.Event("c", "second")));
        var id = await node.StartInstanceAsync("later");
        Assert.Equal(SignalOutcome.NotExpected, (await node.SignalAsync(id, "second", "s2")).Outcome);
        Assert.Equal((SignalOutcome.NotExpected, true), Told(await node.SignalAsync(id, "second", "s2")));
        await node.SignalAsync(id, "first", "s1");

        var again = await Task.WhenAll(node.SignalAsync(id, "second", "s2"), other.SignalAsync(id, "second", "s2"), node.SignalAsync(id, "second", "s2"));

        Assert.All(again, a => Assert.Equal(SignalOutcome.Applied, a.Outcome));
        Assert.Single(again, a => !a.Replayed);
        Assert.Equal("c", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).ActivityId);

        static (SignalOutcome, bool) Told(SignalRecord signal) => (signal.Outcome, signal.Replayed);
    }

    [Theory]
    [InlineData("A", "A")]
    [InlineData("A", "B")]
    public async Task Broadcast_WhenTwoCredentialsChoseOneId_ThenBothEventsArrive(string first, string second)
    {
        var correlation = $"shared-{first}{second}";
        await node.PublishAsync(Flows.Sequence(correlation, Flows.Event("a", first), Flows.Event("b", second)));
        var id = await node.StartInstanceAsync(correlation, correlation);
        await node.Runtime.PublishAsync(correlation, first, correlation, default, new Actor("key-a"), default);
        await node.Outbox.DrainAsync(default);

        await node.Runtime.PublishAsync(correlation, second, correlation, default, new Actor("key-b"), default);
        await node.Outbox.DrainAsync(default);

        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(id)).State.Status);
        Assert.Equal(0, await ScalarAsync<long>($"select count(*) from engine.outbox_failed where instance_id = '{id}'"));
    }

    [Fact]
    public async Task Broadcast_WhenItsCredentialSentTheInstanceAnotherSignalOfThatId_ThenADeadLetterSaysSo()
    {
        var id = await node.StartInstanceAsync("parallel", "taken-id");
        await node.SignalAsync(id, "A", "taken");
        await node.Runtime.PublishAsync("taken", "B", "taken-id", default, RuntimeNode.Tester, default);
        await node.Outbox.DrainAsync(default);

        Assert.Equal("B", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).Name);
        Assert.Equal("The signal id 'taken' was used for 'A'. Use a new one for 'B'.",
            await ScalarAsync<string>($"select last_error from engine.outbox_failed where dead and instance_id = '{id}'"));
    }

    [Fact]
    public async Task Broadcast_WhenItsIdComesWithAnotherPayload_ThenRefused()
    {
        Task<BroadcastReceipt> SendAsync(int amount) => node.Runtime.PublishAsync("paid-all", "A", null, JsonSerializer.SerializeToElement(new { amount }), RuntimeNode.Tester, default);
        await SendAsync(1);

        Assert.True((await SendAsync(1)).Replayed);
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, (await Assert.ThrowsAsync<WorkflowException>(() => SendAsync(2))).Code);
    }

    [Fact]
    public async Task Broadcast_WhenItsIdWasUsedForAnotherCorrelation_ThenRefused()
    {
        await node.Runtime.PublishAsync("correlated", "A", "one", default, RuntimeNode.Tester, default);

        Assert.True((await node.Runtime.PublishAsync("correlated", "A", "one", default, RuntimeNode.Tester, default)).Replayed);
        foreach (var other in new[] { "two", null })
        {
            var error = await Assert.ThrowsAsync<WorkflowException>(() => node.Runtime.PublishAsync("correlated", "A", other, default, RuntimeNode.Tester, default));
            Assert.Equal(ErrorCodes.IdempotencyKeyReused, error.Code);
        }
    }
}
