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
        await node.PublishAsync(Flows.Parallel("parallel"));
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
    public async Task Signal_WhenInstanceIsUnknown_ThenNotFound()
    {
        var error = await Assert.ThrowsAsync<WorkflowException>(() => node.SignalAsync(Guid.NewGuid(), "go"));

        Assert.Equal(ErrorCodes.NotFound, error.Code);
    }
}
