using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Tests.Signals;

/// <summary>What must be better than in the original: lines 2 to 7 and 9.</summary>
public sealed class SignalTests(RuntimeDatabase database) : RuntimeTest(database)
{
    protected override async Task ArrangeAsync()
    {
        await node.PublishAsync(Flows.Sequence("twice", Flows.Event("a", "go"), Flows.Event("b", "go")));
        await node.PublishAsync(Flows.Flowchart("parallel",
            [Flows.Activity("fork", "Elsa.FlowFork"), Flows.Event("a", "A"), Flows.Event("b", "B"), Flows.Activity("join", "Elsa.FlowJoin", ("mode", "WaitAll")), Flows.Line("end")],
            "fork>a", "fork>b", "a>join", "b>join", "join>end"));
        await node.PublishAsync(Flows.Definition("early", new System.Text.Json.Nodes.JsonObject
        {
            ["id"] = "root", ["type"] = "Elsa.Sequence",
            ["activities"] = new System.Text.Json.Nodes.JsonArray(Flows.Event("a", "first"), Flows.Event("b", "second")),
        }, "second"));
    }

    [Fact]
    public async Task Signal_WhenInstanceIsHot_ThenOneStatementAndWhenColdTwo()
    {
        var hot = await node.StartInstanceAsync("twice");
        var before = node.Runtime.RoundTrips;
        await node.SignalAsync(hot, "go");
        Assert.Equal(1, node.Runtime.RoundTrips - before);

        var other = NewNode();
        await other.Definitions.ExecutableAsync((await node.ReadAsync(hot)).DefinitionVersionId, default);
        before = other.Runtime.RoundTrips;
        await other.SignalAsync(hot, "go");
        Assert.Equal(2, other.Runtime.RoundTrips - before);
    }

    [Fact]
    public async Task Signal_WhenTwoBranchesGetTheirEventsAtOnce_ThenAllFinish()
    {
        var other = NewNode();
        var instances = new List<Guid>();
        for (var i = 0; i < 25; i++)
            instances.Add(await node.StartInstanceAsync("parallel"));

        await Parallel.ForEachAsync(instances, async (id, _) =>
            await Task.WhenAll(node.SignalAsync(id, "A"), (id.GetHashCode() % 2 == 0 ? node : other).SignalAsync(id, "B")));

        foreach (var id in instances)
            Assert.Equal(WorkflowSubStatus.Finished, (await node.ReadAsync(id)).State.SubStatus);
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
    public async Task Signal_WhenTheSameIdComesTwice_ThenItCompletesOneWaitAndTwoIdsBoth()
    {
        var same = await node.StartInstanceAsync("twice");
        var first = await node.SignalAsync(same, "go", "s1");
        var again = await node.SignalAsync(same, "go", "s1");
        var different = await node.StartInstanceAsync("twice");
        await node.SignalAsync(different, "go", "s1");
        await node.SignalAsync(different, "go", "s2");

        Assert.Equal((SignalOutcome.Applied, false), (first.Outcome, first.Replayed));
        Assert.Equal((SignalOutcome.Applied, true), (again.Outcome, again.Replayed));
        Assert.Equal(WorkflowStatus.Running, (await node.ReadAsync(same)).State.Status);
        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(different)).State.Status);
    }

    [Fact]
    public async Task Signal_WhenDeclaredEarly_ThenKeptUntilItsWaitComes()
    {
        var id = await node.StartInstanceAsync("early");

        var early = await node.SignalAsync(id, "second", "s2");
        Assert.Equal(SignalOutcome.Waiting, early.Outcome);
        Assert.Equal(SignalOutcome.Waiting, (await node.SignalAsync(id, "second", "s2")).Outcome);
        await node.SignalAsync(id, "first", "s1");

        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(id)).State.Status);
        Assert.Equal(SignalOutcome.Applied, (await node.Runtime.ReadSignalAsync(id, "s2", default))!.Outcome);
    }

    [Fact]
    public async Task Signal_WhenInstanceEndsBeforeTheWait_ThenTheKeptOneIsSuperseded()
    {
        var id = await node.StartInstanceAsync("early");
        await node.SignalAsync(id, "second", "s2");

        await node.Runtime.CancelAsync(id, "test", RuntimeNode.Tester, default);

        Assert.Equal(SignalOutcome.Superseded, (await node.Runtime.ReadSignalAsync(id, "s2", default))!.Outcome);
        Assert.Equal(SignalOutcome.Superseded, (await node.SignalAsync(id, "first", "s3")).Outcome);
    }

    [Fact]
    public async Task Signal_WhenTooManyAreKept_ThenRefusedAndNothingChanges()
    {
        var id = await node.StartInstanceAsync("early");
        for (var i = 0; i < Interpreter.MaxEarlySignals; i++)
            await node.SignalAsync(id, "second", $"s{i}");
        var version = (await node.ReadAsync(id)).Version;

        var error = await Assert.ThrowsAsync<WorkflowException>(() => node.SignalAsync(id, "second", "one more"));

        Assert.Equal(ErrorCodes.TooManySignals, error.Code);
        Assert.Equal(version, (await node.ReadAsync(id)).Version);
        Assert.Equal(SignalOutcome.Waiting, (await node.SignalAsync(id, "second", "s0")).Outcome);
    }

    [Fact]
    public async Task Signal_WhenAnInstanceWasSentTooManyThatNothingExpects_ThenNoMoreAreNotedAndKnownOnesAreAnswered()
    {
        var strict = NewNode(settings: new() { ["Runtime:RefusedSignalsPerInstance"] = "5" });
        var id = await node.StartInstanceAsync("twice");
        for (var i = 0; i < 5; i++)
            Assert.Equal(SignalOutcome.NotExpected, (await strict.SignalAsync(id, "other", $"s{i}")).Outcome);

        var error = await Assert.ThrowsAsync<WorkflowException>(() => strict.SignalAsync(id, "other", "s5"));

        Assert.Equal(ErrorCodes.TooManySignals, error.Code);
        Assert.Equal(5L, await ScalarAsync<long>($"select count(*) from engine.signals where instance_id = '{id}'"));
        Assert.True((await strict.SignalAsync(id, "other", "s0")).Replayed);
        Assert.Equal(SignalOutcome.NotExpected, (await strict.SignalAsync(await node.StartInstanceAsync("twice"), "other", "s5")).Outcome);
    }

    [Fact]
    public async Task Signal_WhenNothingWaitsAndNotDeclared_ThenNotExpectedAndReadable()
    {
        var id = await node.StartInstanceAsync("twice");

        var answer = await node.SignalAsync(id, "other", "s1");

        Assert.Equal(SignalOutcome.NotExpected, answer.Outcome);
        Assert.Equal(SignalOutcome.NotExpected, (await node.Runtime.ReadSignalAsync(id, "s1", default))!.Outcome);
        Assert.True((await node.SignalAsync(id, "other", "s1")).Replayed);
        Assert.Equal(1, (await node.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task Signal_WhenAnotherNodeMovedTheInstance_ThenTheStaleCacheRefusesNothing()
    {
        var other = NewNode();
        await node.PublishAsync(Flows.Sequence("steps", Flows.Event("a", "one"), Flows.Event("b", "two"), Flows.Event("c", "three")));
        var id = await node.StartInstanceAsync("steps");
        await other.SignalAsync(id, "one");

        // This node still believes that the instance waits for "one".
        Assert.Equal(SignalOutcome.Applied, (await node.SignalAsync(id, "two")).Outcome);
        Assert.Equal(SignalOutcome.Applied, (await other.SignalAsync(id, "three")).Outcome);
        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(id)).State.Status);
    }

    [Fact]
    public async Task Signal_WhenManyAreSentToOneInstanceAtOnce_ThenEachIsAppliedOnce()
    {
        var other = NewNode();
        await node.PublishAsync(Flows.Sequence("many", [.. Enumerable.Range(0, 40).Select(i => Flows.Event($"e{i}", "go"))]));
        var id = await node.StartInstanceAsync("many");

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? node : other).SignalAsync(id, "go", $"s{i}")));

        Assert.All(answers, a => Assert.Equal(SignalOutcome.Applied, a.Outcome));
        var record = await node.ReadAsync(id);
        Assert.Equal(WorkflowStatus.Finished, record.State.Status);
        Assert.Equal(41, record.Version);
    }

    [Fact]
    public async Task Resume_WhenTwoCallersHitOneBookmarkAtOnce_ThenOneIsAppliedAndOneSuperseded()
    {
        var other = NewNode();
        for (var i = 0; i < 10; i++)
        {
            var id = await node.StartInstanceAsync("twice");
            var bookmark = (await other.ReadAsync(id)).State.Bookmarks[0].Id;
            var request = new StepRequest { InstanceId = id, Stimulus = new Stimulus.Resume(bookmark, default), Actor = RuntimeNode.Tester };

            var answers = await Task.WhenAll(node.Runtime.ApplyAsync(request, default), other.Runtime.ApplyAsync(request, default));

            Assert.Equal([StepOutcome.Applied, StepOutcome.Superseded], answers.Select(a => a.Outcome).Order());
            Assert.Equal(2, (await node.ReadAsync(id)).Version);
        }
    }

    [Fact]
    public async Task Resume_WhenOnlyTheBookmarkIsKnown_ThenItsInstanceIsFoundHotOrCold()
    {
        var other = NewNode();
        var id = await node.StartInstanceAsync("twice");
        var hot = await node.Runtime.ResumeAsync((await node.ReadAsync(id)).State.Bookmarks[0].Id, default, RuntimeNode.Tester, default);
        var cold = await other.Runtime.ResumeAsync((await node.ReadAsync(id)).State.Bookmarks[0].Id, default, RuntimeNode.Tester, default);

        Assert.Equal((id, id), (hot.InstanceId, cold.InstanceId));
        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(id)).State.Status);
        var gone = await Assert.ThrowsAsync<WorkflowException>(() => node.Runtime.ResumeAsync(Guid.NewGuid(), default, RuntimeNode.Tester, default));
        Assert.Equal(ErrorCodes.BookmarkGone, gone.Code);
    }

    [Fact]
    public async Task Apply_WhenKeyIsRepeatedAfterTheInstanceMovedOn_ThenTheFirstAnswerIsGiven()
    {
        var id = await node.StartInstanceAsync("twice");
        var request = new StepRequest
        {
            InstanceId = id, Stimulus = new Stimulus.Resume((await node.ReadAsync(id)).State.Bookmarks[0].Id, default),
            Actor = RuntimeNode.Tester, Idempotency = new("k", "decide", [7]),
        };
        var first = await node.Runtime.ApplyAsync(request, default);
        await node.SignalAsync(id, "go");

        var again = await node.Runtime.ApplyAsync(request, default);

        Assert.Equal((StepOutcome.Applied, 2L, false), (first.Outcome, first.Version, first.Replayed));
        Assert.Equal((StepOutcome.Applied, 2L, true), (again.Outcome, again.Version, again.Replayed));
    }

    [Fact]
    public async Task Apply_WhenVersionIsNotTheOneSeen_ThenRefusedWithoutRetry()
    {
        var other = NewNode();
        var id = await node.StartInstanceAsync("twice");
        await other.SignalAsync(id, "go");

        var stale = await Assert.ThrowsAsync<WorkflowException>(() => node.Runtime.ApplyAsync(
            new StepRequest { InstanceId = id, Stimulus = new Stimulus.Cancel("x"), IfVersion = 1, Actor = RuntimeNode.Tester }, default));
        var current = await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Stimulus = new Stimulus.Cancel("x"), IfVersion = 2, Actor = RuntimeNode.Tester }, default);

        Assert.Equal(ErrorCodes.PreconditionFailed, stale.Code);
        Assert.True(current.Applied);
    }

    [Fact]
    public async Task Signal_WhenInstanceIsUnknown_ThenNotFound()
    {
        var error = await Assert.ThrowsAsync<WorkflowException>(() => node.SignalAsync(Guid.NewGuid(), "go"));

        Assert.Equal(ErrorCodes.NotFound, error.Code);
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
