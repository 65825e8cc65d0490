using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Tests.Timers;

public sealed class ClockControlTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private readonly ManualTime time = ManualTime.Standard();

    protected override async Task ArrangeAsync()
    {
        await using (var command = Db.DataSource.CreateCommand("update engine.settings set clock_offset_us = 0"))
            await command.ExecuteNonQueryAsync();
        node = NewNode(time);
        // The sender publishes what the receiver waits for; then the receiver's own delay runs from that very instant.
        await node.PublishAsync(Flows.Sequence("sender", Flows.Delay("d", TimeSpan.FromHours(1)), Flows.Publish("p", "rung")));
        await node.PublishAsync(Flows.Sequence("receiver", Flows.Event("e", "rung"), Flows.Delay("f", TimeSpan.FromHours(1)), Flows.Line("l")));
    }

    [Fact]
    public async Task Clock_WhenAdvanced_ThenItRunsDueTimeByDueTimeWithTheMessagesBetween()
    {
        var begin = node.Clock.Now;
        var receiver = await node.StartInstanceAsync("receiver");
        await node.StartInstanceAsync("sender");

        await node.ClockControl.AdvanceToAsync(begin.AddHours(3), default);

        var journal = await node.Runtime.ReadJournalAsync(receiver, 0, 10, default);
        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(receiver)).State.Status);
        Assert.Equal([begin, begin.AddHours(1), begin.AddHours(2)], journal.Select(j => j.At));
        Assert.Equal(begin.AddHours(3), node.Clock.Now);
        Assert.Equal(time.GetUtcNow(), node.Clock.Machine.GetUtcNow());
    }

    [Fact]
    public async Task Clock_WhenAdvancedHere_ThenOtherNodesFollow()
    {
        var other = NewNode(time);
        var target = node.Clock.Now.AddDays(400);

        await node.ClockControl.AdvanceToAsync(target, default);
        await other.Node.FollowAsync(default);

        Assert.Equal(target, other.Clock.Now);
    }

    [Fact]
    public async Task Clock_WhenSetBack_ThenRefused()
    {
        var error = await Assert.ThrowsAsync<WorkflowException>(() => node.ClockControl.AdvanceToAsync(node.Clock.Now.AddSeconds(-1), default));

        Assert.Equal(ErrorCodes.InvalidRequest, error.Code);
    }
}
