using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Signals;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests.Signals;

/// <summary>Events for whoever waits for them.</summary>
public sealed class BroadcastTests(RuntimeDatabase database) : RuntimeTest(database)
{
    protected override Task ArrangeAsync() => node.PublishAsync(Flows.Sequence("waits", Flows.Event("a", "news"), Flows.Event("b", "news")));

    [Fact]
    public async Task Broadcast_WhenPublished_ThenEveryWaitingInstanceGetsItOnce()
    {
        var correlation = Guid.NewGuid().ToString();
        var signal = Guid.NewGuid().ToString();
        var instances = new List<Guid>();
        for (var i = 0; i < 5; i++)
            instances.Add(await node.StartInstanceAsync("waits", correlation));
        var other = await node.StartInstanceAsync("waits", "another");

        var first = await PublishAsync(signal, correlation);
        var again = await PublishAsync(signal, correlation);
        Assert.Equal((5, 0, false), (first.Instances, first.Starts, first.Replayed));
        Assert.Equal(first with { Replayed = true }, again);
        await node.Outbox.DrainAsync(default);

        foreach (var id in instances)
        {
            Assert.Equal("b", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).ActivityId);
            Assert.Equal(SignalOutcome.Applied, (await node.Runtime.ReadSignalAsync(id, signal, default))!.Outcome);
        }
        Assert.Equal("a", Assert.Single((await node.ReadAsync(other)).State.Bookmarks).ActivityId);
    }

    [Fact]
    public async Task Broadcast_WhenSeveralFollowEachOther_ThenEachInstanceGetsThemInTheirOrder()
    {
        var correlation = Guid.NewGuid().ToString();
        await node.PublishAsync(Flows.Sequence("ordered", [.. Enumerable.Range(0, 4).Select(i => Flows.Event($"e{i}", "news"))]));
        var instances = new List<Guid>();
        for (var i = 0; i < 10; i++)
            instances.Add(await node.StartInstanceAsync("ordered", correlation));
        string[] signals = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid().ToString())];
        foreach (var signal in signals)
            await PublishAsync(signal, correlation);

        await Task.WhenAll(node.Outbox.DrainAsync(default), NewNode().Outbox.DrainAsync(default));

        foreach (var id in instances)
        {
            Assert.Equal(WorkflowStatus.Finished, (await node.ReadAsync(id)).State.Status);
            Assert.Equal(string.Join(' ', signals), await ScalarAsync<string>($"select string_agg(signal_id, ' ' order by ctid) from engine.signals where instance_id = '{id}'"));
        }
    }

    [Fact]
    public async Task Broadcast_WhenAnInstanceWaitsForItSeveralTimes_ThenEachOfTheseWaitsIsResumedOnce()
    {
        await node.PublishAsync(Flows.Flowchart("both",
            [Flows.Activity("fork", "Elsa.FlowFork"), Flows.Event("a", "news"), Flows.Event("b", "news"), Flows.Event("c", "other"), Flows.Event("again", "news"),
             Flows.Activity("join", "Elsa.FlowJoin", ("mode", "WaitAll")), Flows.Line("end")],
            "fork>a", "fork>b", "fork>c", "a>again", "again>join", "b>join", "c>join", "join>end"));
        var correlation = Guid.NewGuid().ToString();
        var signal = Guid.NewGuid().ToString();
        var id = await node.StartInstanceAsync("both", correlation);

        var receipt = await PublishAsync(signal, correlation);
        await node.Outbox.DrainAsync(default);

        Assert.Equal(1, receipt.Instances);
        Assert.Equal(["again", "c"], (await node.ReadAsync(id)).State.Bookmarks.Select(b => b.ActivityId).Order());
        Assert.Equal(SignalOutcome.Applied, (await node.Runtime.ReadSignalAsync(id, signal, default))!.Outcome);
        Assert.Equal(2, (await node.ReadAsync(id)).Version);
    }

    [Fact]
    public async Task Broadcast_WhenManyReceiveIt_ThenItsPayloadIsKeptOnceAndAsLongAsADeliveryNeedsIt()
    {
        var correlation = Guid.NewGuid().ToString();
        for (var i = 0; i < 3; i++)
            await node.StartInstanceAsync("waits", correlation);
        var payload = JsonSerializer.SerializeToElement(new string('x', 10_000));
        await node.Runtime.PublishAsync(correlation, "news", correlation, payload, RuntimeNode.Tester, default);

        Assert.InRange(await ScalarAsync<long>("select max(length(payload))::bigint from engine.outbox where kind = 'broadcast'"), 1, 200);
        await ScalarAsync<long>($"with old as (update engine.broadcasts set at = now() - interval '1 year' where signal_id = '{correlation}' returning 1) select count(*) from old");
        await node.Services.GetRequiredService<MaintenanceJob>().RunAsync(default);
        Assert.Equal(1L, await ScalarAsync<long>($"select count(*) from engine.broadcasts where signal_id = '{correlation}'"));
        await node.Outbox.DrainAsync(default);
        Assert.Equal(3L, await ScalarAsync<long>($"select count(*) from engine.signals where signal_id = '{correlation}' and outcome = 0"));
        await node.Services.GetRequiredService<MaintenanceJob>().RunAsync(default);
        Assert.Equal(0L, await ScalarAsync<long>($"select count(*) from engine.broadcasts where signal_id = '{correlation}'"));
    }

    [Fact]
    public async Task Broadcast_WhenAnEarlierReleaseLeftItInTheOutbox_ThenItIsDelivered()
    {
        var id = await node.StartInstanceAsync("waits");
        await ScalarAsync<long>($$"""
            with left_over as (insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
                values (gen_random_uuid(), '{{id}}', 'broadcast', 'event:{{id}}', convert_to('{"signalId":"old","name":"news","payload":1}', 'UTF8'), now()) returning 1)
            select count(*) from left_over
            """);

        await node.Outbox.DrainAsync(default);

        Assert.Equal(SignalOutcome.Applied, (await node.Runtime.ReadSignalAsync(id, "old", default))!.Outcome);
    }

    [Fact]
    public async Task Event_WhenItsPayloadIsTooLarge_ThenRefusedWithTheLimit()
    {
        var large = JsonSerializer.SerializeToElement(new string('x', PublishEffect.MaxPayloadBytes));

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => node.Runtime.PublishAsync("large", "news", "nobody", large, RuntimeNode.Tester, default));
        await node.PublishAsync(Flows.Sequence("large", Flows.Activity("p", "Elsa.PublishEvent", ("eventName", "news"), ("payload", large.GetString()!))));
        var incident = Assert.Single((await node.ReadAsync(await node.StartInstanceAsync("large"))).State.Incidents);

        Assert.Equal(ErrorCodes.TooLarge, refused.Code);
        Assert.Equal((ErrorCodes.TooLarge, "p"), (incident.Code, incident.ActivityId));
        Assert.Contains("65538 bytes; 65536 is the most", incident.Message, StringComparison.Ordinal);
        Assert.Contains("65538", refused.MessageZh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broadcast_WhenTheSignalIdWasAnotherEvents_ThenRefused()
    {
        var signal = Guid.NewGuid().ToString();
        await PublishAsync(signal, "nobody");

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => node.Runtime.PublishAsync(signal, "other", null, default, RuntimeNode.Tester, default));

        Assert.Equal(ErrorCodes.IdempotencyKeyReused, refused.Code);
    }

    [Fact]
    public async Task Broadcast_WhenTheNodeDiesAfterTheAnswer_ThenAnotherDeliversIt()
    {
        var correlation = Guid.NewGuid().ToString();
        var id = await node.StartInstanceAsync("waits", correlation);
        await PublishAsync(Guid.NewGuid().ToString(), correlation);
        await node.DisposeAsync();

        await NewNode().Outbox.DrainAsync(default);

        Assert.Equal(1L, await ScalarAsync<long>($"select count(*) from engine.signals where instance_id = '{id}' and outcome = 0"));
    }

    [Fact]
    public async Task Broadcast_WhenTenThousandWait_ThenTheAnswerDoesntWaitForThem()
    {
        var id = await node.StartInstanceAsync("waits", "many");
        // Rows as so many instances would have them; nothing is delivered here.
        await ScalarAsync<long>("with many as (insert into engine.bookmarks (id, instance_id, event_name) select gen_random_uuid(), gen_random_uuid(), 'crowd' from generate_series(1, 10000) returning 1) select count(*) from many");
        var began = Stopwatch.GetTimestamp();

        var receipt = await node.Runtime.PublishAsync(Guid.NewGuid().ToString(), "crowd", null, default, RuntimeNode.Tester, default);

        Assert.Equal(10_000, receipt.Instances);
        // One statement; ten thousand steps would take several times as long on any machine.
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(1, (await node.ReadAsync(id)).Version);
        await ScalarAsync<long>("with gone as (delete from engine.outbox where kind = 'broadcast' returning 1), waits as (delete from engine.bookmarks where event_name = 'crowd') select count(*) from gone");
    }

    private Task<BroadcastReceipt> PublishAsync(string signal, string correlation) =>
        node.Runtime.PublishAsync(signal, "news", correlation, JsonSerializer.SerializeToElement(new { n = 1 }), RuntimeNode.Tester, default);
}
