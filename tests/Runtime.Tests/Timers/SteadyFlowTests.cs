using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests.Timers;

/// <summary>Something is always due: by the time one timer is handled, the next one is.</summary>
public sealed class SteadyFlowTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(25);

    protected override async Task ArrangeAsync()
    {
        await using (var command = Db.DataSource.CreateCommand("truncate engine.timers; update engine.settings set clock_offset_us = 0"))
            await command.ExecuteNonQueryAsync();
        node = NewNode(new RunningTime(ManualTime.Standard().GetUtcNow()));
        await node.PublishAsync(Flows.Sequence("steady", Flows.Activity("s", "Test.SteadyTimer")));
        await node.PublishAsync(Flows.Sequence("delay", Flows.Delay("d", TimeSpan.FromMilliseconds(400)), Flows.Line("l")));
    }

    [Fact]
    public async Task Sweep_WhenSomethingIsAlwaysDue_ThenItEnds()
    {
        await node.StartInstanceAsync("steady");
        using var limit = new CancellationTokenSource(AtMost);

        Assert.Equal(1, await node.Timers.RunDueAsync(limit.Token));
    }

    [Fact]
    public async Task Clock_WhenSomethingIsAlwaysDue_ThenItArrivesWithAllThatWasDueUntilThen()
    {
        await node.StartInstanceAsync("steady");
        var delayed = await node.StartInstanceAsync("delay");
        var target = node.Clock.Now.AddMilliseconds(500);
        using var limit = new CancellationTokenSource(AtMost);

        await node.ClockControl.AdvanceToAsync(target, limit.Token);

        Assert.True(node.Clock.Now >= target);
        Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(delayed)).State.Status);
    }

    [Fact]
    public async Task Sweep_WhenItBegins_ThenThatIsNotedAlready()
    {
        await node.Node.FollowAsync(default);
        var sweep = new SweepJob(node.Timers, node.Clock, node.Node, node.Services.GetRequiredService<InstanceMarks>(), node.Services.GetRequiredService<NpgsqlDataSource>());
        await ExecuteAsync("alter table engine.timers rename to timers_away");
        try
        {
            await Assert.ThrowsAsync<PostgresException>(() => sweep.Execute(null!, default).AsTask());
        }
        finally
        {
            await ExecuteAsync("alter table engine.timers_away rename to timers");
        }

        Assert.Equal(1L, await ScalarAsync<long>($"select count(swept_at) from engine.nodes where id = '{node.Node.Id}'"));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Db.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
