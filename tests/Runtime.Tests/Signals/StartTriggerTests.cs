using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Signals;

/// <summary>Events and instants that start instances of published definitions (canStartWorkflow).</summary>
public sealed class StartTriggerTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private static readonly JsonElement Payload = JsonSerializer.SerializeToElement(new { text = "a\0b", n = 7 });

    [Fact]
    public async Task Event_WhenPublishedByACaller_ThenStartsOneInstanceAtItsActivity()
    {
        var name = await TriggeredAsync("by-caller");
        var signal = Guid.NewGuid().ToString();

        var receipts = new[] { await PublishAsync(signal, name), await PublishAsync(signal, name) };
        await Task.WhenAll(node.Outbox.DrainAsync(default), NewNode().Outbox.DrainAsync(default));

        Assert.Equal([(1, false), (1, true)], receipts.Select(r => (r.Starts, r.Replayed)));
        var started = await node.ReadAsync(Assert.Single(await InstancesAsync("by-caller")).Id);
        Assert.Equal(("after", "c-1"), (Assert.Single(started.State.Bookmarks).ActivityId, started.State.CorrelationId));
        Assert.Equal(7, started.State.Variables["v-got"].GetProperty("n").GetInt32());
        Assert.Equal(7, started.Id.Version);
    }

    [Fact]
    public async Task Event_WhenPublishedByAnInstance_ThenStartsOneInstance()
    {
        var name = await TriggeredAsync("by-flow");
        await node.PublishAsync(Flows.Sequence("by-flow-publisher", Flows.Publish("p", name)));

        await node.StartInstanceAsync("by-flow-publisher");
        await node.Outbox.DrainAsync(default);

        Assert.Equal("after", Assert.Single((await node.ReadAsync(Assert.Single(await InstancesAsync("by-flow")).Id)).State.Bookmarks).ActivityId);
    }

    [Fact]
    public async Task Start_WhenDeliveredTwice_ThenOneInstance()
    {
        var name = await TriggeredAsync("twice-delivered");
        await PublishAsync(Guid.NewGuid().ToString(), name);
        await ScalarAsync<long>("with again as (insert into engine.outbox (id, instance_id, kind, payload, created_at) select id, instance_id, kind, payload, created_at from engine.outbox where kind = 'start' returning 1) select count(*) from again");

        await node.Outbox.DrainAsync(default);

        Assert.Single(await InstancesAsync("twice-delivered"));
    }

    [Fact]
    public async Task Event_WhenTheDefinitionIsRetractedOrChanged_ThenItsTriggersAreThoseOfThePublishedVersion()
    {
        var old = await TriggeredAsync("changing");
        await node.PublishAsync(Definition("changing", "changed-event"));
        Assert.Equal(0, (await PublishAsync(Guid.NewGuid().ToString(), old)).Starts);
        Assert.Equal(1, (await PublishAsync(Guid.NewGuid().ToString(), "changed-event")).Starts);

        await node.Definitions.RetractAsync("changing", default);
        Assert.Equal(0, (await PublishAsync(Guid.NewGuid().ToString(), "changed-event")).Starts);
        await node.Outbox.DrainAsync(default);

        Assert.Empty(await InstancesAsync("changing"));
        Assert.Contains("has no published version", await ScalarAsync<string>("select last_error from engine.outbox_failed where kind = 'start' and dead and last_error like '%changing%'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retract_WhenAPublishingIsUnderWay_ThenItWaitsForItsEnd()
    {
        await TriggeredAsync("contended");
        await using var publishing = await Db.DataSource.OpenConnectionAsync();
        await using var transaction = await publishing.BeginTransactionAsync();
        await using (var held = new Npgsql.NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended('contended', 7461))", publishing))
            await held.ExecuteNonQueryAsync();

        var retract = node.Definitions.RetractAsync("contended", default);
        while (!retract.IsCompleted && await ScalarAsync<long>(
            "select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())") == 0)
            await Task.Yield();

        Assert.False(retract.IsCompleted);
        Assert.Equal(1, await ScalarAsync<long>("select count(*) from engine.triggers where definition_id = 'contended'"));
        await transaction.CommitAsync();
        await retract;
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from engine.triggers where definition_id = 'contended'"));
    }

    [Fact]
    public async Task Cron_WhenItsInstantsCome_ThenEachStartsOneInstanceHoweverManyNodesLook()
    {
        // 09:00 in Shanghai is 01:00 UTC.
        var clock = new ManualTime(new DateTimeOffset(2026, 9, 21, 0, 30, 0, TimeSpan.Zero));
        var (one, other) = (NewNode(clock), NewNode(clock));
        await one.PublishAsync(Flows.Flowchart("daily", [Flows.Activity("c", "Elsa.Cron", ("cronExpression", "0 9 * * MON-FRI")).With("customProperties", Starts), Flows.Event("e", "go")], "c>e"));

        await one.Timers.RunDueAsync(default);
        Assert.Empty(await InstancesAsync("daily"));
        clock.Advance(TimeSpan.FromMinutes(30));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? one : other).Timers.RunDueAsync(default)));
        await other.Outbox.DrainAsync(default);
        Assert.Equal("e", Assert.Single((await node.ReadAsync(Assert.Single(await InstancesAsync("daily")).Id)).State.Bookmarks).ActivityId);

        // Three were missed: one start.
        clock.Advance(TimeSpan.FromDays(3));
        await one.Timers.RunDueAsync(default);
        await one.Outbox.DrainAsync(default);
        Assert.Equal(2, (await InstancesAsync("daily")).Count);
        await one.Definitions.RetractAsync("daily", default);
        clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal(0, await one.Timers.RunDueAsync(default));
    }

    [Fact]
    public async Task Cron_WhenTheClockIsAdvanced_ThenEachInstantOnTheWayStartsOne()
    {
        var clock = new ManualTime(new DateTimeOffset(2026, 9, 21, 0, 30, 0, TimeSpan.Zero));
        var demo = NewNode(clock);
        await demo.PublishAsync(Flows.Flowchart("hourly", [Flows.Activity("t", "Elsa.Timer", ("interval", "01:00:00")).With("customProperties", Starts), Flows.Event("e", "go")], "t>e"));

        await demo.ClockControl.AdvanceToAsync(demo.Clock.Now.AddHours(3.5), default);

        Assert.Equal(3, (await InstancesAsync("hourly")).Count);
        await demo.Definitions.RetractAsync("hourly", default);
    }

    [Fact]
    public async Task Event_WhenTheActivationStrategyAllowsNoSecond_ThenStartsNoneAndIsSettledWithALineInTheLog()
    {
        await node.PublishAsync(Definition("single", "single-event").Activated("Singleton"));
        var log = new TestLog { From = LogLevel.Information };
        var other = NewNode(more: services => services.AddLogging(logging => logging.AddProvider(log)));

        for (var i = 0; i < 3; i++)
            await PublishAsync(Guid.NewGuid().ToString(), "single-event");
        await Task.WhenAll(other.Outbox.DrainAsync(default), other.Outbox.DrainAsync(default));

        var running = Assert.Single(await InstancesAsync("single"));
        Assert.Equal(0L, await ScalarAsync<long>("select (select count(*) from engine.outbox where kind = 'start') + (select count(*) from engine.outbox_failed where last_error like '%single%')"));
        Assert.Equal(2, log.Lines.Count(l => l.Contains("Activity trigger started no instance of single", StringComparison.Ordinal)));
        Assert.DoesNotContain(log.Lines, l => l.Contains("c-1", StringComparison.Ordinal));

        await node.SignalAsync(running.Id, "go");
        await PublishAsync(Guid.NewGuid().ToString(), "single-event");
        await node.Outbox.DrainAsync(default);
        Assert.Equal(2, (await InstancesAsync("single")).Count);
    }

    [Fact]
    public async Task Timer_WhenTheActivationStrategyAllowsNoSecond_ThenItsNextInstantStartsOneAgain()
    {
        var clock = new ManualTime(new DateTimeOffset(2026, 9, 21, 0, 30, 0, TimeSpan.Zero));
        var timed = NewNode(clock);
        await timed.PublishAsync(Flows.Flowchart("hourly-single", [Flows.Activity("t", "Elsa.Timer", ("interval", "01:00:00")).With("customProperties", Starts), Flows.Event("e", "go")], "t>e").Activated("Singleton"));

        await HoursAsync(2);
        var running = Assert.Single(await InstancesAsync("hourly-single"));
        await timed.SignalAsync(running.Id, "go");
        await HoursAsync(1);

        Assert.Equal(2, (await InstancesAsync("hourly-single")).Count);
        Assert.Equal(0L, await ScalarAsync<long>("select count(*) from engine.outbox_failed where last_error like '%hourly-single%'"));
        await timed.Definitions.RetractAsync("hourly-single", default);

        async Task HoursAsync(int hours)
        {
            for (var i = 0; i < hours; i++)
            {
                clock.Advance(TimeSpan.FromHours(1));
                await timed.Timers.RunDueAsync(default);
                await timed.Outbox.DrainAsync(default);
            }
        }
    }

    [Fact]
    public async Task Publishing_WhenATriggerCantStart_ThenSaysWhy()
    {
        var nested = Flows.Definition("nested", new JsonObject
        {
            ["id"] = "root", ["type"] = "Elsa.Sequence", ["version"] = 1,
            ["activities"] = new JsonArray(Flows.Line("l"), Flows.Event("e", "x").With("customProperties", Starts)),
        });
        var bad = Flows.Sequence("bad", Flows.Activity("c", "Elsa.Cron", ("cronExpression", "61 * * * *")).With("customProperties", Starts));

        Assert.Contains("can't start the workflow where it lies", (await Assert.ThrowsAsync<WorkflowException>(() => node.PublishAsync(nested))).Message, StringComparison.Ordinal);
        Assert.Contains("\"61\" isn't a minute", (await Assert.ThrowsAsync<WorkflowException>(() => node.PublishAsync(bad))).Message, StringComparison.Ordinal);
    }

    private static JsonObject Starts => new() { ["canStartWorkflow"] = true };

    private async Task<string> TriggeredAsync(string definition)
    {
        await node.PublishAsync(Definition(definition, definition + "-event"));
        return definition + "-event";
    }

    private static string Definition(string id, string eventName)
    {
        var trigger = Flows.Event("trigger", eventName).With("customProperties", Starts).With("result", new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "v-got" } });
        var json = JsonNode.Parse(Flows.Flowchart(id, [Flows.Activity("s", "Elsa.Start"), Flows.Event("by-hand", "hand"), trigger, Flows.Event("after", "go")], "s>by-hand", "trigger>after"))!;
        json["variables"] = new JsonArray(new JsonObject { ["id"] = "v-got", ["name"] = "Got", ["typeName"] = "Object" });
        return json.ToJsonString();
    }

    private Task<Runtime.Signals.BroadcastReceipt> PublishAsync(string signal, string name) =>
        node.Runtime.PublishAsync(signal, name, "c-1", Payload, RuntimeNode.Tester, default);

    private async Task<IReadOnlyList<InstanceSummary>> InstancesAsync(string definition) =>
        (await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = definition }, default)).Items;
}
