using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Tests.Children;

/// <summary>Workflows that start others.</summary>
public sealed class ChildTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private readonly ManualTime time = ManualTime.Standard();

    private protected override RuntimeNode NewNode(TimeProvider? time = null, Action<IServiceCollection>? more = null, Dictionary<string, string?>? settings = null) => base.NewNode(time ?? this.time, more, settings);

    protected override async Task ArrangeAsync()
    {
        await node.PublishAsync(Flows.Sequence("child", Flows.Event("wait", "go")));
        await node.PublishAsync(Flows.Sequence("one", Flows.Activity("run", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "child")), Flows.Event("after", "after")));
        await node.PublishAsync(Flows.Sequence("many", Bulk(20), Flows.Event("after", "after")));
    }

    [Fact]
    public async Task Parent_WhenChildEnds_ThenGoesOn()
    {
        var parent = await node.StartInstanceAsync("one");
        await node.Outbox.DrainAsync(default);
        var child = await ChildOfAsync(parent);
        Assert.Equal("run", Assert.Single((await node.ReadAsync(parent)).State.Bookmarks).ActivityId);

        await node.SignalAsync(child, "go");
        await node.Outbox.DrainAsync(default);

        Assert.Equal("after", Assert.Single((await node.ReadAsync(parent)).State.Bookmarks).ActivityId);
    }

    [Fact]
    public async Task Parent_WhenChildIsCancelled_ThenGoesOnToo()
    {
        var parent = await node.StartInstanceAsync("one");
        await node.Outbox.DrainAsync(default);

        await node.Runtime.ApplyAsync(new StepRequest { InstanceId = await ChildOfAsync(parent), Stimulus = new Stimulus.Cancel("not needed"), Actor = RuntimeNode.Tester }, default);
        await node.Outbox.DrainAsync(default);

        Assert.Equal("after", Assert.Single((await node.ReadAsync(parent)).State.Bookmarks).ActivityId);
    }

    [Fact]
    public async Task Parent_WhenManyChildrenEndAtOnceOnTwoNodes_ThenIsResumedOnceAndForgetsTheirRows()
    {
        var parent = await node.StartInstanceAsync("many");
        var second = NewNode();
        await Task.WhenAll(node.Outbox.DrainAsync(default), second.Outbox.DrainAsync(default));
        var children = await ChildrenOfAsync(parent);
        Assert.Equal(20, children.Count);

        await Task.WhenAll(children.Select((child, i) => (i % 2 == 0 ? node : second).SignalAsync(child, "go")));
        await Task.WhenAll(node.Outbox.DrainAsync(default), second.Outbox.DrainAsync(default));

        Assert.Equal("after", Assert.Single((await node.ReadAsync(parent)).State.Bookmarks).ActivityId);
        // Started, resumed, nothing else: the version counts the steps.
        Assert.Equal(2, (await node.ReadAsync(parent)).Version);
        Assert.Equal(0L, await ScalarAsync<long>($"select count(*) from engine.children c where c.child_id in ({string.Join(", ", children.Select(c => $"'{c}'"))})"));
    }

    [Fact]
    public async Task Start_WhenDeliveredTwice_ThenThereIsOneChild()
    {
        var parent = await node.StartInstanceAsync("one");
        await ScalarAsync<long>($"""
            with twice as (insert into engine.outbox (id, instance_id, kind, payload, created_at)
                select id, instance_id, kind, payload, created_at from engine.outbox where instance_id = '{parent}' returning 1)
            select count(*) from twice
            """);

        await node.Outbox.DrainAsync(default);

        Assert.Single(await ChildrenOfAsync(parent));
    }

    [Fact]
    public async Task Start_WhenDefinitionIsNotPublished_ThenIsADeadLetterThatSaysSo()
    {
        await node.PublishAsync(Flows.Sequence("lonely", Flows.Activity("run", "Elsa.DispatchWorkflow", ("workflowDefinitionId", "nowhere"))));
        var parent = await node.StartInstanceAsync("lonely");

        await node.Outbox.DrainAsync(default);

        Assert.Contains("'nowhere'", await ScalarAsync<string>($"select last_error from engine.outbox_failed where instance_id = '{parent}' and dead"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parent_WhenItsChildCannotBeStarted_ThenHasAnIncidentAndGoesOnAfterARetry()
    {
        await node.PublishAsync(Flows.Sequence("waits-in-vain", Flows.Activity("run", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "later")), Flows.Event("after", "after")));
        var parent = await node.StartInstanceAsync("waits-in-vain");

        await node.Outbox.DrainAsync(default);

        var incident = Assert.Single((await node.ReadAsync(parent)).State.Incidents);
        Assert.Equal("run", incident.ActivityId);
        Assert.Contains("'later'", incident.Message, StringComparison.Ordinal);
        Assert.True(await ScalarAsync<bool>($"select dead from engine.outbox_failed where instance_id = '{parent}'"));
        await node.PublishAsync(Flows.Sequence("later", Flows.Line("done")));
        await node.Runtime.RetryAsync(parent, incident.Id, RuntimeNode.Tester, default);
        time.Advance(TimeSpan.FromSeconds(2));
        await node.Outbox.DrainAsync(default);
        var state = (await node.ReadAsync(parent)).State;
        Assert.Equal(("after", 0), (Assert.Single(state.Bookmarks).ActivityId, state.Incidents.Count));
        Assert.Single((await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "later" }, default)).Items);
    }

    [Fact]
    public async Task Parent_WhenItHasFaultedAsAWholeWhileAChildEnds_ThenHearsOfItAfterTheRetry()
    {
        await node.PublishAsync(Flows.Flowchart("halting",
            [Flows.Activity("fork", "Elsa.FlowFork"), Flows.Activity("run", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "child")), Flows.Activity("fails", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "not-yet")), Flows.Event("after", "after")],
            "fork>run", "fork>fails", "run>after").Halting());
        var parent = await node.StartInstanceAsync("halting");
        await node.Outbox.DrainAsync(default);
        Assert.True((await node.ReadAsync(parent)).State.Halted);

        var child = await ChildOfAsync(parent);
        await node.SignalAsync(child, "go");
        await node.Outbox.DrainAsync(default);

        // It counts as no attempt, however long nobody comes.
        Assert.Equal((0, false), await FailedAsync());
        time.Advance(TimeSpan.FromDays(3));
        await node.Outbox.DrainAsync(default);
        Assert.Equal((0, false), await FailedAsync());
        await node.PublishAsync(Flows.Sequence("not-yet", Flows.Line("done")));
        await node.Runtime.RetryAsync(parent, null, RuntimeNode.Tester, default);
        time.Advance(TimeSpan.FromMinutes(2));
        await node.Outbox.DrainAsync(default);
        Assert.Equal("after", Assert.Single((await node.ReadAsync(parent)).State.Bookmarks).ActivityId);

        async Task<(int, bool)> FailedAsync() => (
            await ScalarAsync<int>($"select attempts from engine.outbox_failed where instance_id = '{child}'"), await ScalarAsync<bool>($"select dead from engine.outbox_failed where instance_id = '{child}'"));
    }

    [Fact]
    public async Task Parent_WhenNoneOfManyChildrenCanBeStarted_ThenHasOneIncidentAndTheRetryStartsEachOnce()
    {
        await node.PublishAsync(Flows.Sequence("many-in-vain", Bulk(5, "much-later"), Flows.Event("after", "after")));
        var parent = await node.StartInstanceAsync("many-in-vain");

        await node.Outbox.DrainAsync(default);

        var record = await node.ReadAsync(parent);
        Assert.Equal((1, 2L), (record.State.Incidents.Count, record.Version));
        await node.PublishAsync(Flows.Sequence("much-later", Flows.Line("done")));
        // Somebody sends the old messages again, too.
        var letters = node.Services.GetRequiredService<DeadLetters>();
        foreach (var letter in (await letters.ListAsync(deadOnly: true, 0, 500, default)).Where(l => l.InstanceId == parent))
            await letters.ResendAsync(letter.Sequence, default);
        await node.Runtime.RetryAsync(parent, null, RuntimeNode.Tester, default);
        time.Advance(TimeSpan.FromSeconds(2));
        await node.Outbox.DrainAsync(default);
        Assert.Equal("after", Assert.Single((await node.ReadAsync(parent)).State.Bookmarks).ActivityId);
        Assert.Equal(5, (await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "much-later" }, default)).Items.Count);
    }

    [Fact]
    public async Task Start_WhenTheActivationStrategyAllowsNoSecondAndNobodyWaits_ThenItIsSettled()
    {
        await node.PublishAsync(Flows.Sequence("single-child", Flows.Event("wait", "go")).Activated("Singleton"));
        await node.PublishAsync(Flows.Sequence("sender", Flows.Activity("run", "Elsa.DispatchWorkflow", ("workflowDefinitionId", "single-child"))));
        Guid[] parents = [await node.StartInstanceAsync("sender"), await node.StartInstanceAsync("sender")];

        await node.Outbox.DrainAsync(default);

        Assert.Single((await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "single-child" }, default)).Items);
        Assert.Equal(0L, await ScalarAsync<long>($"select count(*) from engine.outbox_failed where instance_id in ('{parents[0]}', '{parents[1]}')"));
    }

    [Fact]
    public async Task Parent_WhenItsChildIsNotAllowedToStart_ThenGoesOnAndIsToldWhy()
    {
        await node.PublishAsync(Flows.Sequence("only-child", Flows.Event("wait", "go")).Activated("Singleton"));
        var run = Flows.Activity("run", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "only-child"));
        run["result"] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "v" } };
        var json = JsonNode.Parse(Flows.Sequence("asks", run, Flows.Event("after", "after")))!;
        json["variables"] = new JsonArray(new JsonObject { ["id"] = "v", ["name"] = "Got", ["typeName"] = "Object" });
        await node.PublishAsync(json.ToJsonString());
        await node.StartInstanceAsync("only-child");

        var parent = await node.StartInstanceAsync("asks");
        await node.Outbox.DrainAsync(default);

        var state = (await node.ReadAsync(parent)).State;
        Assert.Equal(("after", 0), (Assert.Single(state.Bookmarks).ActivityId, state.Incidents.Count));
        Assert.True(state.Variables["v"].GetProperty("refused").GetBoolean());
        Assert.Contains("'only-child' can't be started now", state.Variables["v"].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("启动策略", state.Variables["v"].GetProperty("messageZh").GetString(), StringComparison.Ordinal);
        Assert.Single((await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "only-child" }, default)).Items);
    }

    [Fact]
    public async Task Parent_WhenAllButOneOfItsChildrenAreNotAllowedToStart_ThenIsResumedOnceByTheOne()
    {
        await node.PublishAsync(Flows.Sequence("one-of-many", Flows.Event("wait", "go")).Activated("Singleton"));
        var bulk = Bulk(6, "one-of-many").With("childFaulted", Flows.Line("refused")).With("childCompleted", Flows.Line("ended"));
        await node.PublishAsync(Flows.Sequence("asks-many", bulk, Flows.Event("after", "after")));
        var second = NewNode();

        var parent = await node.StartInstanceAsync("asks-many");
        await Task.WhenAll(node.Outbox.DrainAsync(default), second.Outbox.DrainAsync(default));
        var child = Assert.Single((await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "one-of-many" }, default)).Items);
        Assert.Equal("bulk", Assert.Single((await node.ReadAsync(parent)).State.Bookmarks).ActivityId);
        await node.SignalAsync(child.Id, "go");
        await node.Outbox.DrainAsync(default);

        var record = await node.ReadAsync(parent);
        Assert.Equal(("after", 2L), (Assert.Single(record.State.Bookmarks).ActivityId, record.Version));
        Assert.Equal((5, 1), (record.State.Visits["refused"], record.State.Visits["ended"]));
        Assert.Equal(0L, await ScalarAsync<long>($"select count(*) from engine.outbox_failed where instance_id = '{parent}'"));
    }

    private static JsonObject Bulk(int count, string child = "child")
    {
        var bulk = Flows.Activity("bulk", "Elsa.BulkDispatchWorkflows", ("workflowDefinitionId", child));
        bulk["items"] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = $"[{string.Join(',', Enumerable.Range(1, count))}]" } };
        return bulk;
    }

    private async Task<Guid> ChildOfAsync(Guid parent) => Assert.Single(await ChildrenOfAsync(parent));

    private async Task<List<Guid>> ChildrenOfAsync(Guid parent)
    {
        var children = new List<Guid>();
        foreach (var summary in (await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "child", Limit = 200 }, default)).Items)
            if ((await node.ReadAsync(summary.Id)).State.Parent?.InstanceId == parent)
                children.Add(summary.Id);
        return children;
    }
}
