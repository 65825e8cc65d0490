using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Tests.Storage;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests.Timers;

public sealed class TimerTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private readonly ManualTime time = ManualTime.Standard();
    private readonly PoisonPart poison = new();

    protected override async Task ArrangeAsync()
    {
        await using (var command = Db.DataSource.CreateCommand("truncate engine.timers; truncate engine.outbox; update engine.settings set clock_offset_us = 0"))
            await command.ExecuteNonQueryAsync();
        node = NewNode(time, services => services.AddSingleton<StepPart>(poison));
        await node.PublishAsync(Flows.Sequence("delay", Flows.Delay("d", TimeSpan.FromMinutes(10)), Flows.Delay("e", TimeSpan.FromMinutes(5)), Flows.Event("x", "never")));
        await node.PublishAsync(Flows.Sequence("poison", Flows.Activity("p", "Test.FailingTimer")));
    }

    [Fact]
    public async Task Timer_WhenNotYetDue_ThenNothingFires()
    {
        await node.StartInstanceAsync("delay");
        time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));

        Assert.Equal(0, await node.Timers.RunDueAsync(default));
    }

    [Fact]
    public async Task Timer_WhenDue_ThenItFiresOnceAndTheNextOneIsSet()
    {
        var id = await node.StartInstanceAsync("delay");
        time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(1, await node.Timers.RunDueAsync(default));
        Assert.Equal(0, await node.Timers.RunDueAsync(default));

        var record = await node.ReadAsync(id);
        Assert.Equal("e", Assert.Single(record.State.Timers).ActivityId);
        Assert.Equal(record.State.NextDueAt()!.Value.UtcDateTime, await ScalarAsync<DateTime>($"select due_at from engine.timers where instance_id = '{id}'"));
    }

    [Fact]
    public async Task Timer_WhenNothingWaitsForTimeAnyMore_ThenItsRowIsGone()
    {
        var id = await node.StartInstanceAsync("delay");
        time.Advance(TimeSpan.FromMinutes(10));
        await node.Timers.RunDueAsync(default);
        time.Advance(TimeSpan.FromMinutes(5));
        await node.Timers.RunDueAsync(default);

        Assert.Equal("x", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).ActivityId);
        Assert.Equal(0L, await ScalarAsync<long>("select count(*) from engine.timers"));
    }

    [Fact]
    public async Task Timer_WhenManyNodesSweepAtOnce_ThenEachInstanceMovesOnce()
    {
        var other = NewNode(time);
        var ids = new List<Guid>();
        for (var i = 0; i < 60; i++)
            ids.Add(await node.StartInstanceAsync("delay"));
        time.Advance(TimeSpan.FromMinutes(10));

        var moved = await Task.WhenAll(node.Timers.RunDueAsync(default), other.Timers.RunDueAsync(default), node.Timers.RunDueAsync(default));

        Assert.Equal(60, moved.Sum());
        foreach (var id in ids)
            Assert.Equal(2, (await node.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task Timer_WhenOneInstanceIsPoisoned_ThenItIsSetAsideAndTheOthersGoOn()
    {
        var poisoned = await node.StartInstanceAsync("poison");
        var sound = await node.StartInstanceAsync("delay");
        time.Advance(TimeSpan.FromMinutes(10));

        await FireOverAndOverAsync();

        Assert.True(await ScalarAsync<bool>($"select set_aside from engine.timers where instance_id = '{poisoned}'"));
        Assert.Equal(5, await ScalarAsync<int>($"select attempts from engine.timers where instance_id = '{poisoned}'"));
        Assert.Equal(1, (await node.ReadAsync(poisoned)).Version);
        Assert.Equal(3, (await node.ReadAsync(sound)).Version);
        Assert.Equal(1, (await node.Services.GetRequiredService<RuntimeHealth>().CheckAsync(default)).TimersSetAside);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Timer_WhenItWasSetAsideAndItsCauseIsMended_ThenAReleaseOrARetryLetsItFire(bool byRetry)
    {
        var setAside = node.Services.GetRequiredService<SetAsideTimers>();
        var id = await node.StartInstanceAsync("poison");
        await FireOverAndOverAsync();
        var listed = Assert.Single(await setAside.ListAsync(Guid.Empty, 10, default));
        poison.Cured = true;

        if (byRetry)
            await node.Runtime.RetryAsync(id, null, RuntimeNode.Tester, default);
        else
            Assert.True(await setAside.ReleaseAsync(id, default));

        Assert.Equal((id, 5, "InvalidOperationException: This step can't be written."), (listed.InstanceId, listed.Attempts, listed.LastError));
        Assert.False(await setAside.ReleaseAsync(id, default));
        Assert.Empty(await setAside.ListAsync(Guid.Empty, 10, default));
        Assert.Equal(1, await node.Timers.RunDueAsync(default));
        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(id)).State.Status);
    }

    [Theory]
    [InlineData("08006")]
    [InlineData("25006")]
    [InlineData("40001")]
    [InlineData("53100")]
    [InlineData("57014")]
    [InlineData("57P01")]
    [InlineData("58030")]
    [InlineData(ErrorCodes.Unavailable)]
    public async Task Timer_WhenTheDatabaseIsTheCause_ThenItIsNeverSetAside(string cause)
    {
        poison.Failure = cause == ErrorCodes.Unavailable ? new WorkflowException(cause, "Away.") : new PostgresException("Away.", "ERROR", "ERROR", cause);
        var id = await node.StartInstanceAsync("poison");

        await FireOverAndOverAsync();

        Assert.Equal(0, await ScalarAsync<int>($"select attempts from engine.timers where instance_id = '{id}' and not set_aside and last_error is not null"));
        poison.Cured = true;
        Assert.Equal(1, await node.Timers.RunDueAsync(default));
    }

    [Fact]
    public async Task Timer_WhenTheNodeThatClaimedItDies_ThenAnotherFiresItAfterTheLease()
    {
        var id = await node.StartInstanceAsync("delay");
        time.Advance(TimeSpan.FromMinutes(10));
        var dead = await node.Services.GetRequiredService<TimerStore>().ClaimAsync(node.Clock.Now, time.GetUtcNow(), time.GetUtcNow().AddSeconds(60), 10, default);

        Assert.Single(dead);
        Assert.Equal(0, await node.Timers.RunDueAsync(default));
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(1, await node.Timers.RunDueAsync(default));
        Assert.Equal(2, (await node.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task Timer_WhenItsRowIsWrong_ThenItIsPutRight()
    {
        var id = await node.StartInstanceAsync("delay");
        await using (var command = Db.DataSource.CreateCommand($"update engine.timers set due_at = due_at - interval '1 hour'; insert into engine.timers values (gen_random_uuid(), '2020-01-01')"))
            await command.ExecuteNonQueryAsync();

        Assert.Equal(0, await node.Timers.RunDueAsync(default));

        Assert.Equal((await node.ReadAsync(id)).State.NextDueAt()!.Value.UtcDateTime, await ScalarAsync<DateTime>("select max(due_at) from engine.timers"));
        Assert.Equal(1L, await ScalarAsync<long>("select count(*) from engine.timers"));
    }

    [Fact]
    public async Task Readiness_WhenTimersLagOverAMinute_ThenNotReady()
    {
        var health = node.Services.GetRequiredService<RuntimeHealth>();
        await node.StartInstanceAsync("delay");
        Assert.True((await health.CheckAsync(default)).IsReady);

        time.Advance(TimeSpan.FromMinutes(12));
        var late = await health.CheckAsync(default);
        await node.Timers.RunDueAsync(default);

        Assert.False(late.IsReady);
        Assert.True(late.TimerLag > TimeSpan.FromMinutes(1));
        Assert.True((await health.CheckAsync(default)).IsReady);
    }

    private async Task FireOverAndOverAsync()
    {
        for (var round = 0; round < 6; round++)
        {
            await node.Timers.RunDueAsync(default);
            time.Advance(TimeSpan.FromMinutes(6));
        }
    }
}
