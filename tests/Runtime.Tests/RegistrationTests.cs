using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests;

public sealed class RegistrationTests(RuntimeDatabase database) : RuntimeTest(database)
{
    [Fact]
    public async Task Server_WhenStartedWithQuartz_ThenTheSweepRunsAndTimersFireWhenDue()
    {
        var server = await NewNode(settings: new() { ["Runtime:UseQuartz"] = "true" }).StartAsync();
        await server.PublishAsync(Flows.Sequence("short", Flows.Delay("d", TimeSpan.FromMilliseconds(300)), Flows.Event("e", "go")));
        var id = await server.StartInstanceAsync("short");
        using var watch = server.Changes.Begin(id);

        Assert.True(await watch.WaitAsync(1, TimeSpan.FromSeconds(20), default), string.Join('\n', server.Log.Lines));

        // How late a busy machine is says nothing: it fires by itself, and not before it is due.
        var due = (await server.Runtime.ReadJournalAsync(id, 0, 10, default))[0].At.AddMilliseconds(300);
        var fired = (await server.Runtime.ReadJournalAsync(id, 1, 10, default))[0].At;
        Assert.True(fired >= due, $"Due at {due:O}, fired at {fired:O}.");
        for (var i = 0; i < 1000 && await ScalarAsync<long>("select count(*) from engine.nodes where swept_at is not null") == 0; i++)
            await Task.Delay(20);
        Assert.Equal(1L, await ScalarAsync<long>("select count(*) from engine.nodes where swept_at is not null"));
        Assert.True((await server.Services.GetRequiredService<RuntimeHealth>().CheckAsync(default)).IsReady);
    }

    [Fact]
    public async Task Maintenance_WhenSignalsThatMovedNothingAreOldByTheBusinessClock_ThenOnlyThoseAreForgotten()
    {
        await using (var command = Db.DataSource.CreateCommand("insert into engine.signals select gen_random_uuid(), 'old', 'n', o, now() - d * interval '1 day' from generate_series(0, 3) o, (values (9), (11)) v(d)"))
            await command.ExecuteNonQueryAsync();
        var advanced = NewNode();
        advanced.Clock.Follow(TimeSpan.FromDays(20));

        await advanced.Services.GetRequiredService<MaintenanceJob>().RunAsync(default);

        Assert.Equal("0 0 1 1 2 3", await ScalarAsync<string>("select string_agg(outcome::text, ' ' order by outcome) from engine.signals where signal_id = 'old'"));
    }

    [Fact]
    public async Task Maintenance_WhenReceiptsAreOld_ThenOnlyThoseAreForgotten()
    {
        await using (var command = Db.DataSource.CreateCommand("insert into engine.receipts select 'k', i::text, '', gen_random_uuid(), 1, 0, null, now() - i * interval '1 day' from generate_series(1, 60) i"))
            await command.ExecuteNonQueryAsync();

        await node.Services.GetRequiredService<MaintenanceJob>().RunAsync(default);

        Assert.InRange(await ScalarAsync<long>("select count(*) from engine.receipts where credential = 'k'"), 44, 45);
    }
}
