using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Children;

/// <summary>Workflows that start others.</summary>
public sealed class ChildTests(RuntimeDatabase database) : RuntimeTest(database)
{
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

    private static JsonObject Bulk(int count)
    {
        var bulk = Flows.Activity("bulk", "Elsa.BulkDispatchWorkflows", ("workflowDefinitionId", "child"));
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
