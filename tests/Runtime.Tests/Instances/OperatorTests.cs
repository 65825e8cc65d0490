using System.Text.Json.Nodes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

public sealed class OperatorTests(RuntimeDatabase database) : RuntimeTest(database)
{
    protected override async Task ArrangeAsync()
    {
        await node.PublishAsync(Flows.Flowchart("stages", [Flows.Event("a", "one"), Flows.Event("b", "two")], "a>b"));
        await node.PublishAsync(Flows.Sequence("broken", Flows.Event("a", "go"),
            new JsonObject { ["id"] = "f", ["type"] = "Elsa.Fault", ["message"] = new JsonObject { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = "x" } } }));
    }

    [Fact]
    public async Task MoveTo_WhenTheFlowchartRuns_ThenTheInstanceWaitsThere()
    {
        var id = await node.StartInstanceAsync("stages");
        await node.SignalAsync(id, "one");

        await node.Runtime.MoveToAsync(id, "a", "returned", RuntimeNode.Tester, default);

        Assert.Equal("a", Assert.Single((await node.ReadAsync(id)).State.Bookmarks).ActivityId);
        Assert.Equal("one", await ScalarAsync<string>($"select event_name from engine.bookmarks where instance_id = '{id}'"));
        var error = await Assert.ThrowsAsync<WorkflowException>(() => node.Runtime.MoveToAsync(id, "nowhere", "x", RuntimeNode.Tester, default));
        Assert.Equal(ErrorCodes.UnknownActivity, error.Code);
    }

    [Fact]
    public async Task Incident_WhenAnActivityFails_ThenTheInstanceIsListedAndCanBeRetried()
    {
        var id = await node.StartInstanceAsync("broken");
        await node.SignalAsync(id, "go");

        var listed = await node.Runtime.ListAsync(new InstanceQuery { HasIncidents = true }, default);
        var retried = await node.Runtime.RetryAsync(id, null, RuntimeNode.Tester, default);

        Assert.Equal((id, 1), (Assert.Single(listed.Items).Id, listed.Items[0].Incidents));
        Assert.Equal(StepOutcome.Applied, retried.Outcome);
        Assert.Equal(2, Assert.Single((await node.ReadAsync(id)).State.Incidents).Attempts);
    }

    [Fact]
    public async Task Cancel_WhenRunning_ThenItsWaitsAreGoneAndItStaysFinished()
    {
        var id = await node.StartInstanceAsync("stages");

        await node.Runtime.CancelAsync(id, "withdrawn", RuntimeNode.Tester, default);
        var again = await node.Runtime.CancelAsync(id, "withdrawn", RuntimeNode.Tester, default);

        var record = await node.ReadAsync(id);
        Assert.Equal(WorkflowSubStatus.Cancelled, record.State.SubStatus);
        Assert.NotNull(record.FinishedAt);
        Assert.Equal(StepOutcome.Superseded, again.Outcome);
        Assert.Equal(0L, await ScalarAsync<long>($"select count(*) from engine.bookmarks where instance_id = '{id}'"));
    }
}
