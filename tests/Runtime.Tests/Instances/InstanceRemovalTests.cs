using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

public sealed class InstanceRemovalTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private InstanceRemoval Removal => node.Services.GetRequiredService<InstanceRemoval>();

    protected override Task ArrangeAsync() => node.PublishAsync(Flows.Sequence("removal", Flows.Event("wait", "go")));

    [Fact]
    public async Task Remove_WhenItRuns_ThenNothingOfItIsLeft()
    {
        var id = await node.StartInstanceAsync("removal");

        Assert.True(await Removal.RemoveAsync(id, RuntimeNode.Tester, default));

        Assert.Null(await node.Runtime.ReadAsync(id, default));
        foreach (var table in (string[])["journal", "bookmarks", "timers", "signals"])
            Assert.Equal(0, await ScalarAsync<long>($"select count(*) from engine.{table} where instance_id = '{id}'"));
        Assert.False(await Removal.RemoveAsync(id, RuntimeNode.Tester, default));
    }

    [Fact]
    public async Task Remove_WhenAnAuditVouchesForIt_ThenItIsRefusedAndGoesOn()
    {
        var id = await node.StartInstanceAsync("removal");
        await ScalarAsync<int>($"with chained as (update engine.instances set chain_hash = '\\x01' where id = '{id}' returning 1) select count(*)::int from chained");

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => Removal.RemoveAsync(id, RuntimeNode.Tester, default));

        Assert.Equal(ErrorCodes.WrongState, refused.Code);
        Assert.Equal(Engine.Execution.WorkflowStatus.Running, (await node.ReadAsync(id)).State.Status);
    }
}
