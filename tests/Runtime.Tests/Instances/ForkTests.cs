using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Tests.Instances;

/// <summary>Branches that wait in the database join when the last of them is done.</summary>
public sealed class ForkTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private const int Instances = 25;

    [Fact]
    public async Task Fork_WhenAllBranchesWaitAndNodesTakeTurns_ThenEveryInstanceFinishes_MustDoBetter6()
    {
        var fork = Flows.Activity("fork", "Elsa.FlowFork");
        fork["branches"] = new JsonObject { ["typeName"] = "Object", ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = """["L","M","R"]""" } };
        await node.PublishAsync(Flows.Flowchart("forked",
            [fork, Flows.Event("l", "left"), Flows.Event("m", "middle"), Flows.Event("r", "right"), Flows.Activity("join", "Elsa.FlowJoin", ("mode", "WaitAll")), Flows.Line("done")],
            "fork:L>l", "fork:M>m", "fork:R>r", "l>join", "m>join", "r>join", "join>done"));
        // A node that keeps nothing in memory: every step reads what the step before has written.
        var other = NewNode(settings: new() { ["Runtime:CachedInstances"] = "0" });
        var ids = new List<Guid>();
        for (var i = 0; i < Instances; i++)
            ids.Add(await node.StartInstanceAsync("forked"));

        await Parallel.ForEachAsync(ids, async (id, _) =>
        {
            await Task.WhenAll(node.SignalAsync(id, "left"), other.SignalAsync(id, "right"));
            Assert.Equal("m", Assert.Single((await other.ReadAsync(id)).State.Bookmarks).ActivityId);
            await other.SignalAsync(id, "middle");
        });

        foreach (var id in ids)
            Assert.Equal(WorkflowStatus.Finished, (await other.ReadAsync(id)).State.Status);
        Assert.Equal(25L, await ScalarAsync<long>("select count(*) from engine.instances where finished_at is not null"));
    }
}
