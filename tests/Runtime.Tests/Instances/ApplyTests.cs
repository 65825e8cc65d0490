using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Tests.Instances;

/// <summary>Steps by bookmark, key and version.</summary>
public sealed class ApplyTests(RuntimeDatabase database) : RuntimeTest(database)
{
    protected override Task ArrangeAsync() => node.PublishAsync(Flows.Sequence("twice", Flows.Event("a", "go"), Flows.Event("b", "go")));

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
    public async Task Apply_WhenTheInstanceHasEnded_ThenItsEndStaysTheLastOfItHotAndCold()
    {
        var clock = new RunningTime(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var (hot, cold) = (NewNode(clock), NewNode(clock));
        var id = await hot.StartInstanceAsync("twice");
        await hot.SignalAsync(id, "go");
        var running = await hot.ReadAsync(id);
        await hot.SignalAsync(id, "go");
        var ended = await hot.ReadAsync(id);
        var request = new StepRequest { InstanceId = id, Actor = RuntimeNode.Tester };

        foreach (var one in (RuntimeNode[])[hot, hot, cold, cold])
            Assert.True((await one.Runtime.ApplyAsync(request, default)).Applied);
        var touched = await hot.ReadAsync(id);

        Assert.True(running.FinishedAt is null && running.UpdatedAt > running.CreatedAt && ended.UpdatedAt > running.UpdatedAt);
        Assert.Equal(ended.UpdatedAt, ended.FinishedAt);
        Assert.Equal((7L, ended.UpdatedAt, ended.FinishedAt), (touched.Version, touched.UpdatedAt, touched.FinishedAt));
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
}
